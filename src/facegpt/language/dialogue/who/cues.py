"""Words that say who is meant, and whom each fits: sex, order, names, number, age, side, where a head comes from.

Nothing is decided here. A cue is held against every head of the conversation (cast.py), and references.py weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.turns import PEOPLE, PERSON
from facegpt.language.dialogue.who.kin import KIN
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import has_word, regex_any_case, word_set
from facegpt.language.reading.sexes import sex_words

#: Kinds of cue, each with weights of its own (reference_weights.csv).
KINDS = (
    *("name", "told", "heard", "noun", "nouns", "pronoun", "ordinal", "within", "number", "letter", "last", "side"),
    *("other", "age", "trait", "origin", "one", "all", "they", "count", "compare", "plural", "mine", "self", "copy"),
)
_TOKEN = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][a-z]+)?|\d+(?:[.,]\d+)?|[^\w\s]")
_ORDINALS = {
    word: k
    for k, row in enumerate(
        ("first 1st former", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th",
         "eighth 8th")
    )
    for word in row.split()
}  # fmt: skip
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
_BEFORE_NUMBER = word_set(
    "head face person number no nr photo picture pic image subject player suspect character stage slide version # "
    "avatar candidate client case sample witness patient and"
)
_AFTER_NUMBER = regex_any_case(r"""
    (?:mm|cm|m|millim\w*|centim\w*|inch\w*|%|percent|per|years?|yo|yrs?|of|times|steps?|more|changes?|people|heads|
    faces|new|variations?|variants|versions?|out|degrees?|sd|d|for|on)\b|[.,]\d
""")
_OLD = re.compile(r"old(?:er|est)?|elder(?:ly|est)?|senior|gran\w*|nan|grandm\w+|grandp\w+|grandad|abuel\w+", re.I)
_YOUNG = re.compile(
    r"young(?:er|est|ster)?|kid|child|baby|toddler|little|boy|girl|teen\w*|lad|lass|son|daughter|junior|niñ\w+", re.I
)
_TRAIT = regex_any_case(r"bald\w*|smiling|laughing|bearded|fat(?:ter)?|thin(?:ner)?|skinny|chubby|heav\w+|slim\w*")
_ORIGIN = {
    "photo": word_set("photo picture pic image selfie snap portrait photograph real"),
    "blend": word_set("blend mix mixed mixture midpoint hybrid cross child kid baby son daughter merged morph"),
    "vary": word_set("variant variation lookalike neighbour sibling sister brother twin cousin version copy"),
    "new_head": word_set("avatar made-up invented drawn imagined"),
}
_ALL = frozenset(["both", "all", "everyone", "everybody", "each", "everybody's", "trio"])
#: Behind these an adjective says how somebody is to be.
_OBJECTS = word_set("him them years")
_THEY = word_set("they them these those us we our they're em their theirs themselves")
#: After these "me" is who is answered.
_TO_ME = frozenset(["show", "tell", "let", "excuse", "for", "to", "gimme"])
_COPIES = word_set("variant variation version copy clone alternative alternate option v take")
_MINE = frozenset(["my", "me", "mine", "i", "i'm", "myself"])
_COMPARES = word_set("which who whose who's than differ differs difference compare compared between versus vs")
_KIN = frozenset(KIN) | word_set(
    "wife husband boss friend mate teacher colleague neighbour neighbor abuela abuelo nieta nieto papá mamá"
)
#: Before a word that takes up a description: "the widow", ", captain".
_OPENS = frozenset(["", "the", "my", "that", "your", "this", "and", "but", *",.:;/!?"])
_NOT_WHO = word_set(
    "way side time thing step change direction word colour color day half corner hand version end turn edit "
    "measurement number one's"
)
_INDEFINITE = re.compile(r"\b(?:an?|one|another|like|as|more|too|very|some|no|than an?)\s+(?:[\w-]+\s+){0,2}$", re.I)
_STOP = word_set(
    "the a an and or of with who in on to for is are has have his her its their my your very both other old young "
    "man woman person people head face one two make draw give show please look looks looking nose eyes mouth"
)


@dataclass(frozen=True)
class Cue:
    """A word that says who: its kind, place in the text, and the numbers of all whom it fits."""

    kind: str
    start: int
    end: int
    who: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Word:
    """A token with its neighbours' places."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return re.sub(r"['’]s$", "", self.text.lower()).replace("’", "'")


def cues(text: str, cast: Cast) -> list[Cue]:
    """Every cue of a text, in order."""
    words = [_Word(m[0], *m.span()) for m in _TOKEN.finditer(text)]
    found = [cue for find in (_of_sex, _of_age, _of_trait) for cue in find(text, cast)]
    for k in range(len(words)):
        found += [cue for find in _OF_A_WORD for cue in find(words, k, cast)]
    found = _others_than_named(sorted(found, key=lambda cue: (cue.start, -cue.end)), cast)
    return [cue for cue in found if cue.who or cue.kind in _OPEN]


def _others_than_named(found: Sequence[Cue], cast: Cast) -> list[Cue]:
    """Cues with "the other one" as whoever was not named before it: "the left one smiles and the other one frowns"."""
    named: frozenset[int] = frozenset()
    told = []
    for cue in found:
        if cue.kind == "other" and named:
            cue = replace(cue, who=frozenset(_numbers(cast)) - named)
        elif len(cue.who) == 1:
            named |= cue.who
        told.append(cue)
    return told


#: Kinds that fit nobody by themselves.
_OPEN = ("compare", "plural", "count", "they", "all", "mine")


# One word


def _next(words: Sequence[_Word], k: int) -> str:
    return words[k + 1].lower if k + 1 < len(words) else ""


def _before(words: Sequence[_Word], k: int) -> str:
    return words[k - 1].lower if k else ""


def _of_no_person(words: Sequence[_Word], k: int) -> bool:
    """Whether "first", "other", "both" and the like belong to a part of the face or to no person: "the other eye"."""
    after = _next(words, k)
    after = _next(words, k + 1) if after in ("her", "his", "their", "the", "of", "my") else after
    part = PARTS.get(after, PARTS.get(base_form(after), "person"))
    return part not in ("person", "head", "face") or after.rstrip("s") in _NOT_WHO


def _by_order(words: Sequence[_Word], k: int, cast: Cast) -> list[Cue]:
    word = words[k]
    place = _ORDINALS.get(word.lower)
    last = word.lower in ("last", "latter", "latest", "newest")
    if (place is None and not last) or _of_no_person(words, k):
        return []
    if place is not None and (copy := _of_copies(words, k, place, cast)):
        return copy
    among, noun = list(cast.people), _next(words, k)
    sexes = {sex for *_, sex in sex_words(noun)}
    if sexes:
        among = [p for p in among if p.sex in sexes]
    elif noun.rstrip("s") in ("photo", "picture", "pic", "image"):
        among = [p for p in among if p.photo and p.place == 0]
    group = [p for p in among if p.number in _latest_group(cast)]
    rows = (("ordinal" if place is not None else "last", among), ("within", group))
    return [
        Cue(kind, word.start, word.end, _one(row[-1:] if last else row[place : (place or 0) + 1])) for kind, row in rows
    ]


def _of_copies(words: Sequence[_Word], k: int, place: int, cast: Cast) -> list[Cue]:
    """A number among the variations that came last, "variant 2", "the third copy"; [] where no such word is near."""
    near = {_next(words, k).rstrip("s"), _before(words, k), _before(words, k - 1) if k else ""}
    group = [p for p in cast.people if p.made == "vary"]
    group = [p for p in group if p.group == group[-1].group]
    if not near & _COPIES or place >= len(group):
        return []
    return [Cue("copy", words[k].start, words[k].end, _one(group[place : place + 1]))]


def _latest_group(cast: Cast) -> frozenset[int]:
    """Those who came together last, with others."""
    last = next((p for p in reversed(cast.people) if p.group), None)
    return frozenset(p.number for p in cast.people if last is not None and p.group == last.group)


def _one(people: Sequence[Person]) -> frozenset[int]:
    return frozenset(person.number for person in people)


def _by_number(words: Sequence[_Word], k: int, cast: Cast) -> list[Cue]:
    word, before = words[k], _before(words, k)
    if re.fullmatch(r"0?[1-9]|1\d", word.text):
        after = "" if k + 1 >= len(words) else words[k + 1].text
        if copy := _of_copies(words, k, int(word.text) - 1, cast):
            return copy
        if _AFTER_NUMBER.match(after) and before not in _BEFORE_NUMBER - {"and"}:
            return [Cue("count", word.start, word.end)]
        return [Cue("number", word.start, word.end, frozenset({int(word.text)} & _numbers(cast)))]
    if word.lower in _NUMBERS and before in _BEFORE_NUMBER - {"and", "no"}:
        place = _NUMBERS.index(word.lower) + 1
        if copy := _of_copies(words, k, place - 1, cast):
            return copy
        return [Cue("number", word.start, word.end, frozenset({place} & _numbers(cast)))]
    if re.fullmatch(r"[A-H](?:['’]s)?", word.text) and not (word.text == "A" and _next(words, k).isalpha()):
        return [Cue("letter", word.start, word.end, frozenset({ord(word.text[0]) - 64} & _numbers(cast)))]
    return []


def _numbers(cast: Cast) -> set[int]:
    return {person.number for person in cast.people}


def _by_side(words: Sequence[_Word], k: int, cast: Cast) -> list[Cue]:
    word = words[k]
    if word.lower not in ("left", "right", "middle", "centre", "center", "leftmost", "rightmost"):
        return []
    if _before(words, k) not in ("the", "on", "to", "my", "your", "") or _of_no_person(words, k):
        return []
    photos = [p for p in cast.people if p.photo and p.of_photo > 1]
    row = [p for p in photos if p.photo == photos[-1].photo] if photos else list(cast.people)
    place = 0 if word.lower.startswith("left") else len(row) - 1 if word.lower.startswith("right") else len(row) // 2
    return [Cue("side", word.start, word.end, _one(row[place : place + 1]))] if len(row) > 1 else []


def _by_name(words: Sequence[_Word], k: int, cast: Cast) -> list[Cue]:
    word = words[k]
    said = {word.lower, word.lower.removesuffix("s") if len(word.lower) > 3 else word.lower}  # "annas nose"
    named = [p for p in cast.people if said & {name.removeprefix("the ") for name in p.names}]
    if named:
        known = bool(_INDEFINITE.search(" ".join(w.text for w in words[max(0, k - 3) : k]) + " "))
        return [] if known else [Cue("name", word.start, word.end, _one(named))]
    definite = _before(words, k) in _OPENS or _next(words, k) == ":" or word.text.endswith(("'s", "’s"))
    definite = definite or word.lower in _KIN
    if len(word.lower) < 2 or word.lower in _STOP or PARTS.get(word.lower, "person") != "person":
        return []
    told = [p for p in cast.people if {word.lower, word.lower.rstrip("s")} & set(re.findall(r"[^\W_]+", p.told))]
    kind = "told" if definite and len(word.lower) > 2 else "heard"
    if kind == "heard" and (_is_comparative(word.lower) or _before(words, k) in _OBJECTS):
        return []  # "him older": how somebody is to be, whoever came with that word
    return [Cue(kind, word.start, word.end, _one(told))] if told and len(told) < len(cast.people) else []


def _by_origin(words: Sequence[_Word], k: int, cast: Cast) -> list[Cue]:
    word, definite = words[k], _before(words, k) in ("the", "that", "this", "mixed", "my", "second", "first", "last")
    if not definite:
        return []
    found = [
        p for p in cast.people for made, nouns in _ORIGIN.items() if made == p.made and word.lower.rstrip("s") in nouns
    ]
    return [Cue("origin", word.start, word.end, _one(found))]


def _by_others(words: Sequence[_Word], k: int, cast: Cast) -> list[Cue]:
    word = words[k]
    if word.lower in ("other", "others") and not _of_no_person(words, k):
        return [Cue("other", word.start, word.end, frozenset(_numbers(cast) - set(cast.in_focus())))]
    if word.lower in ("this", "that", "same", "it", "itself", "one") and not _of_no_person(words, k):
        return [Cue("one", word.start, word.end, frozenset(cast.in_focus()))] if word.lower in ("this", "same") else []
    if myself := _of_myself(words, k, cast):
        return myself
    if word.lower == "us" and _before(words, k) in ("let", "tell", "give", "show"):
        return []
    for kind, listed in (("all", _ALL), ("they", _THEY), ("compare", _COMPARES), ("mine", _MINE)):
        if word.lower in listed and not (kind == "all" and _of_no_person(words, k)):
            return [Cue(kind, word.start, word.end)]
    if (
        word.lower in _NUMBERS[1:]
        and not _of_no_person(words, k)
        and _before(words, k) in ("the", "all", "of", "those")
    ):
        return [Cue("plural", word.start, word.end)]
    return []


def _of_myself(words: Sequence[_Word], k: int, cast: Cast) -> list[Cue]:
    """Who is "me", where a photo's words said so ("me and my wife"), unless the program is to tell or show "me"."""
    word = words[k]
    if word.lower not in _MINE or _before(words, k) in _TO_ME or _next(words, k) in _KIN:
        return []
    found = [p for p in cast.people if _MINE & set(re.findall(r"[a-z]+(?:'m)?", p.told)) - {"my"}]
    return [Cue("self", word.start, word.end, _one(found))] if len(found) == 1 else []


_OF_A_WORD: tuple[Callable[[Sequence[_Word], int, Cast], list[Cue]], ...] = (
    *(_by_order, _by_number, _by_side, _by_name, _by_origin, _by_others),
)


# The whole text

_PRONOUNS = word_set("she her hers herself he him his himself")
_PLURALS = word_set("men women boys girls ladies guys blokes lads gentlemen sisters brothers males females")


def _of_sex(text: str, cast: Cast) -> list[Cue]:
    found = []
    for start, end, sex in sex_words(text):
        word = text[start:end]
        kind = "pronoun" if has_word(word, _PRONOUNS) else "nouns" if word.lower() in _PLURALS else "noun"
        if kind == "noun" and _INDEFINITE.search(text[:start]):
            continue
        fitting = [p for p in cast.people if p.sex == sex] or [p for p in cast.people if not p.sex]
        if fitting:
            found.append(Cue(kind, start, end, _one(fitting)))
    return found


def _of_age(text: str, cast: Cast) -> list[Cue]:
    """Who is the oldest or the youngest: "the elder", "the kid"; "older" in a change says nothing."""
    found: list[Cue] = []
    if len(cast.people) < 2:
        return found
    for match in re.finditer(
        r"(?:\b(?:the|that|my)\s+|(?:^|[,;:.!?])\W*)(?P<how>\w+)(?=(?P<after>\s+\w+)?)", text, re.IGNORECASE
    ):
        old, young = _OLD.fullmatch(match["how"]), _YOUNG.fullmatch(match["how"])
        after = (match["after"] or "").strip().lower()
        if (old or young) and PARTS.get(after, "person") == "person":
            years = {p.number: _years(p) for p in cast.people}
            best = (max if old else min)(years.values())
            who = frozenset(n for n, age in years.items() if abs(age - best) < 1)
            found.append(Cue("age", match.start("how"), match.end("how"), who))
    return found


def describes(word: str) -> bool:
    """Whether a word that says who is meant would also say how somebody is: "the younger one", "the bald man"."""
    return any(pattern.fullmatch(word) for pattern in (_OLD, _YOUNG, _TRAIT))


def _is_comparative(word: str) -> bool:
    """Whether a word says how somebody is beside others or before: "older", "fatter"."""
    return word.endswith("er") and describes(word)


def _years(person: Person) -> float:
    """How old somebody is beside others: by the looks, and by the words for a relative that came with a photo."""
    kin = next((KIN[word].years for word in re.findall(r"[a-z]+", person.told) if word in KIN), 0.0)
    return float(person.face.attributes.get("age_years", 0.0)) + (kin if person.photo else 0.0)


def _of_trait(text: str, cast: Cast) -> list[Cue]:
    found: list[Cue] = []
    for match in re.finditer(rf"\bthe (?P<how>\w+)\s+(?:one|{PERSON}|{PEOPLE})\b", text, re.IGNORECASE):
        if len(cast.people) > 1 and _TRAIT.fullmatch(match["how"]):
            amount = {p.number: _amount(match["how"].lower(), p) for p in cast.people}
            best = max(amount.values())
            who = frozenset(n for n, each in amount.items() if each == best)
            found.append(Cue("trait", match.start("how"), match.end("how"), who))
    return found


def _amount(how: str, person: Person) -> float:
    """How well a trait fits a person, to tell people apart."""
    if how.startswith(("smil", "laugh")):
        return person.face.blendshapes["mouthSmileLeft"] + person.face.blendshapes["mouthSmileRight"]
    if how.startswith(("bald", "bearded")):
        hair = person.face.params.hair
        bald = how.startswith("bald")
        return float(hair is not None and (hair.style == "bald" if bald else hair.beard > 0))
    weight = float(person.face.attributes.get("heaviness", 0.5))
    return weight if how.startswith(("fat", "chub", "heav")) else -weight
