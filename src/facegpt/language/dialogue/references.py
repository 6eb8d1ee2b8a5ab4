"""Whom words mean: pronouns, "the man", "the second one", "both", "the other", "the old one", names, "head two".

Closed classes of words, resolved against the people of the conversation (cast.py): sex, order, place in a photo, name,
and what tells one from the others (age, a smile). Where nobody is named, those are meant who were spoken of last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.looks_rules.sex_rules import sex_words

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
_ONE = r"(?:one|head|face|person|guy|photo|picture|pic|image|man|woman|girl|boy|lady|version|portrait)"
#: "The first thing" is no person.
_ORDINAL = regex_any_case(rf"""
    \b(?:the |my |your |photo )?(?P<ordinal>{"|".join(_ORDINALS)}|1st|2nd|3rd|4th|5th|last|latter|former)
    (?: (?P<kind>{_ONE}s?)\b|(?='s\b)|(?=\s*(?:$|[,.;:!?]|and\b|only\b|too\b|is\b|has\b|should\b|gets\b|now\b|again\b|
    looks?\b|smil|to\b|with\b|as\b)))
""")
_NUMBERED = regex_any_case(rf"""
    \b(?:head|face|person|number|photo|picture|no\.?|nr\.?|\#)\s?(?P<number>\d|{"|".join(_NUMBERS)})\b(?! ?(?:mm|cm|%))
""")
_SIDE = regex_any_case(r"""
    \b(?:on|to) (?:the|my|your) (?P<side>left|right)\b|\bthe (?P<side2>left|right|middle|leftmost|rightmost)(?:-hand)?
    (?: (?:one|man|woman|person|face|head|guy|girl|boy|lady))\b|\b(?:the )?(?P<side3>leftmost|rightmost)\b|
    \b(?:one|man|woman|person|guy) in the (?P<side4>middle|centre|center)\b
""")
_OTHER = regex_any_case(
    rf"\b(?:the |that )?other(?! (?:way|side|eye|ear|brow|corner|cheek|direction|word|thing|colou?r))(?: {_ONE})?s?\b"
)
_ALL = regex_any_case(r"""
    \b(?:both(?! (?:of )?(?:(?:her|his|their|the|my) )?(?:eye|ear|lip|cheek|brow|corner|side|nostril|lid|sides)\w*)
    (?: of (?:them|us|these))?|all (?:of )?(?:them|three|four|five|of us|the (?:heads|faces|people))|everyone|everybody|
    each(?: of them| one)?|the (?:two|three|four|pair|couple)(?: of (?:them|us))?|the others|
    all(?= smil| look| laugh))\b
""")
_THEY = regex_any_case(r"\b(?:they|them|their|theirs|these|those|they're|us|we|our)\b")
_MOST = regex_any_case(r"""
    \bthe (?P<how>old(?:er|est)?|young(?:er|est)?|bald(?:ing)?|smiling|laughing|bearded|fat(?:ter)?|thin(?:ner)?)
    (?: (?:one|man|woman|person|guy|girl|boy|lady|head|face|chap|bloke|fellow)\b|(?='s\b))
""")
#: "The man's nose" names one: the sex decides; "a man" in a change names none.
_DEFINITE = re.compile(r"\b(?:an?|one|another|like|as|more|too|very|some|no|than an?)\s+(?:[\w-]+\s+){0,2}$", re.I)
_PLURALS = regex_any_case(r"(?:men|women|boys|girls|ladies|guys|blokes|lads|gentlemen|sisters|brothers|males|females)")


@dataclass(frozen=True)
class Mention:
    """Words that mean people: where they stand, and the numbers of those meant."""

    start: int
    end: int
    who: tuple[int, ...]


def mentions(text: str, cast: Cast) -> list[Mention]:
    """Everybody whom a text names, in order; of overlapping words the first and longest count."""
    found = [
        *_by_name(text, cast),
        *_by_order(text, cast),
        *_by_side(text, cast),
        *_by_trait(text, cast),
        *_by_sex(text, cast),
        *_several(text, cast),
    ]
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m.start, -m.end)):
        if mention.who and (not kept or mention.start >= kept[-1].end):
            kept.append(mention)
    return kept


def meant(text: str, cast: Cast) -> tuple[int, ...]:
    """The numbers of those whom a text means: all whom it names, else those spoken of last."""
    numbers = dict.fromkeys(n for mention in mentions(text, cast) for n in mention.who)
    return tuple(numbers) or cast.in_focus()


def names_somebody(text: str, cast: Cast) -> bool:
    """Whether a text names anyone of the cast in particular."""
    return bool(mentions(text, cast))


def _by_name(text: str, cast: Cast) -> list[Mention]:
    found = []
    for person in cast.people:
        for name in person.names:
            same = [p.number for p in cast.people if name in p.names]
            pattern = rf"(?<!\ban )(?<!\ba )\b(?:the |my |your )?{re.escape(name.removeprefix('the '))}(?='s|s'|\b)"
            found += [Mention(*m.span(), _nearest(same, cast)) for m in re.finditer(pattern, text, re.IGNORECASE)]
    return found


def _by_order(text: str, cast: Cast) -> list[Mention]:
    found = []
    for match in _ORDINAL.finditer(text):
        word, kind = match["ordinal"].lower(), (match["kind"] or "").lower()
        if kind == "version" or (len(cast.people) < 2 and kind not in ("man", "woman")):
            continue
        among = _of_kind(kind, cast)
        if person := _nth(word, among):
            found.append(Mention(*match.span(), person))
    for match in _NUMBERED.finditer(text):
        word = match["number"].lower()
        number = int(word) if word.isdigit() else _NUMBERS.index(word) + 1
        if 1 <= number <= len(cast.people):
            found.append(Mention(*match.span(), (number,)))
    others = [p.number for p in cast.people if p.number not in cast.in_focus()]
    for match in _OTHER.finditer(text):
        if others:
            plural = match[0].lower().endswith("s")
            found.append(Mention(*match.span(), tuple(others) if plural else tuple(others[-1:])))
    return found


def _of_kind(kind: str, cast: Cast) -> list[Person]:
    """The people that "the second woman", "the second photo" or "the second one" counts."""
    if kind in ("man", "guy", "boy", "woman", "girl", "lady"):
        sex = "F" if kind in ("woman", "girl", "lady") else "M"
        return [p for p in cast.people if p.sex == sex]
    if kind in ("photo", "picture", "pic", "image"):
        return [p for p in cast.people if p.photo and p.place == 0]
    return list(cast.people)


def _nth(word: str, among: list[Person]) -> tuple[int, ...]:
    if word in ("last", "latter"):
        return tuple(p.number for p in among[-1:])
    place = 0 if word == "former" else (int(word[0]) - 1 if word[0].isdigit() else _ORDINALS.index(word))
    return tuple(p.number for p in among[place : place + 1])


def _by_side(text: str, cast: Cast) -> list[Mention]:
    """Find "the one on the left", in the picture that was given last, or among heads made together."""
    photos = [p for p in cast.people if p.photo and p.of_photo > 1]
    row = [p for p in photos if p.photo == photos[-1].photo] if photos else list(cast.people)
    if len(row) < 2:
        return []
    found = []
    for match in _SIDE.finditer(text):
        side = next(value for value in match.groupdict().values() if value).lower()
        person = row[0] if side.startswith("left") else row[-1] if side.startswith("right") else row[len(row) // 2]
        found.append(Mention(*match.span(), (person.number,)))
    return found


def _by_trait(text: str, cast: Cast) -> list[Mention]:
    if len(cast.people) < 2:
        return []
    found = []
    for match in _MOST.finditer(text):
        how = match["how"].lower()
        words = text[match.start() : match.end()]
        sexes = {sex for *_, sex in sex_words(words)}
        among = [p for p in cast.people if not sexes or p.sex in sexes] or list(cast.people)
        best = max(among, key=lambda p: _amount(how, p))
        found.append(Mention(*match.span(), (best.number,)))
    return found


def _amount(how: str, person: Person) -> float:
    """How well a trait fits a person, to tell people apart."""
    if how.startswith(("old", "young")):
        years = person.face.attributes.get("age_years", 0.0)
        return years if how.startswith("old") else -years
    if how.startswith(("smil", "laugh")):
        return person.face.blendshapes["mouthSmileLeft"] + person.face.blendshapes["mouthSmileRight"]
    if how.startswith(("fat", "thin")):
        weight = person.face.attributes.get("heaviness", 0.5)
        return weight if how.startswith("fat") else -weight
    hair = person.face.params.hair
    if how.startswith("bald"):
        return float(hair is not None and hair.style == "bald")
    return hair.beard if hair is not None else 0.0


def _by_sex(text: str, cast: Cast) -> list[Mention]:
    found = []
    for start, end, sex in sex_words(text):
        word = text[start:end].lower()
        if _DEFINITE.search(text[:start]):
            continue
        fitting = [p.number for p in cast.people if p.sex == sex]
        if _PLURALS.fullmatch(word):
            found.append(Mention(start, end, tuple(fitting)))
            continue
        if not fitting and word in ("she", "her", "hers", "he", "him", "his"):
            fitting = [p.number for p in cast.people if not p.sex]
        found.append(Mention(start, end, _nearest(fitting, cast)))
    return found


def _several(text: str, cast: Cast) -> list[Mention]:
    everyone = tuple(person.number for person in cast.people)
    if len(everyone) < 2:
        return []
    found = [Mention(*match.span(), everyone) for match in _ALL.finditer(text)]
    group = cast.in_focus() if len(cast.in_focus()) > 1 else everyone
    return found + [Mention(*match.span(), group) for match in _THEY.finditer(text) if match[0].lower() != "their"]


def _nearest(numbers: list[int], cast: Cast) -> tuple[int, ...]:
    """Of several who fit, the one in focus, else the latest."""
    in_focus = [n for n in numbers if n in cast.in_focus()]
    return tuple((in_focus or numbers)[-1:])
