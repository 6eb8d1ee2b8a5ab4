"""Whether what was written may be said: every fact in it is an offered one, and its own words claim nothing more.

Numbers come from codes alone. Words that say how something stands ("wide", "average", "smiling") must come from codes
too, or have been typed by the user; whose a fact is must be said rightly, and what follows a yes or no must leave both
open.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources

from facegpt.language.dialogue.replies.in_words import judgements
from facegpt.language.dialogue.replies.items import CODE, CODES, Item, coded
from facegpt.language.dialogue.replies.naming import misnamed
from facegpt.language.patterns import regex_any_case

#: The most words of a reply, and how often a run of so many may come.
MOST_WORDS, RUN, MOST_RUNS = 60, 4, 2
_UNITS = regex_any_case(r"(?:\b(?:mm|cm|inch(?:es)?|\w*met(?:er|re)s?|percent|per cent|degrees?|years?)\b|%)")
_NUMBERS = regex_any_case(r"""
    \b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|
    ninety|hundred|thousand|half|twice|double|dozen)\b
""")
#: A word; the list of those that written replies have (lab/runs/language/replies/words.py).
WORD, WORDS = re.compile(r"[a-z]+(?:'[a-z]+)?"), "words.txt"
#: Words that say how something stands beside those of traits; what is done with a face, and what is felt.
_MORE = frozenset(
    re.findall(
        r"\w+",
        """average normal usual typical ordinary common rare unusual above below larger smaller bigger more less most
        least same equal unchanged different similar alike nearer closer older younger old young up down taller
        slightly very lighter darker pale tanned beautiful pretty ugly handsome attractive""",
    )
)
_FEELING = re.compile(
    r"(?:smil|grin|laugh|frown|cr(?:y|ie)|weep|happ[iy]|sad|ang(?:er|r)|fear|afraid|scar|surpris|disgust|contempt|neutral|"
    r"calm|relax|scowl|sneer|pout|wink|blink|squint|star(?:e|ing)|shout|yawn|bored|tired|furious|cheer|joy|delight|amus|"
    r"worr|terrif|shock|open|clos|shut|rais|lowered|lowers|at rest)\w*"
)
#: "closest to E1": of words, not of eyes.
_NEAREST = ("closer", "closest")
_DENIES = regex_any_case(r"\b(?:no|not|yes|yeah|yep|nope|never|neither|nor|none|nothing|hardly|without|cannot)\b|n't\b")
#: A length may be said to be one along a direction: "M1 wide", "M1 from ear to ear".
_NO_CLAIM = re.compile(
    r"M\d,? (?:wide|long|high|tall|deep|broad|across|apart|around|thick|round|out)\b|\bno longer\b|\bat least\b|"
    r"\b(?:upper|lower) (?:lip|face|eye|lid)|\b[Oo]pen question",
)
#: A clause behind a fact that adds none ("which is the length of the face") or calls a length another ("which is B1"),
#: and people who are "undone".
_EMPTY_WORDS = re.compile(
    rf"\bwhich (?:is|are|was|makes)\b(?![^.;]*[{CODES}]\d)|\bwhich (?:is|are|makes) [MB]\d|\bmeasures? [OWSAE]\d|"
    r"\b(?:she|he|man|woman|head) is undone\b"
)
#: Words that may stand in a reply without facts, beside those of at most so many letters.
_SHORT = 3
_DONE = frozenset(
    re.findall(
        r"\w+",
        """here there done made said described undone taken back before again once change gone your words
        ready restored just stood came photo redone step cancelled comes delivered have look shall would
        will like tell what hope here's there's she's he's took first version last this that's it's with
        from they them second third fourth fifth sixth head woman lady herself himself as were""",
    )
)
#: Words of traits that mean little alone.
_PLAIN = frozenset(
    ("the", "to", "out", "a", "head", "set", "close", "open", "even", "clear", "round", "cleft", "without")
)
_SAYING = regex_any_case(r"\b(?:I'd say|I think|as I see it|going by [a-z ]*measures?)\b")
_HERS, _HIS = (
    regex_any_case(rf"\b(?:{words})\b")
    for words in ("she|her|hers|herself|woman|girl|lady", "he|him|his|himself|man|guy|boy")
)
_PIECES = re.compile(r"([,;.!?]|\band\b|\bagainst\b|\bbut\b|\bto\b)")


def may_be_said(reply: str, items: Sequence[Item], typed: str, act: str) -> bool:
    """Whether a written reply may be said.

    Args:
        reply: with codes.
        items: what it may tell.
        typed: what the user typed, in this turn and shortly before.
        act: what the turn does.
    """
    return not next(faults(reply, items, typed, act), "")


def faults(reply: str, items: Sequence[Item], typed: str, act: str) -> Iterator[str]:
    """Why a written reply may not be said, in short."""
    yield from _wrong_codes(reply, items)
    heard = typed.lower()
    known = " ".join((heard, *(item.label.lower() for item in items)))
    yield from _wrong_numbers(CODE.sub(" ", reply), known)
    yield from _wrong_shape(reply)
    yield from _wrong_claims(_without_names(reply, items), items, heard, act)
    yield from _wrong_verdict(reply, items)
    yield from misnamed(reply, items)
    yield from _wrong_order(reply, items)
    yield from _says_nothing(reply, known)
    yield from _no_word(reply, known)


def _wrong_order(reply: str, items: Sequence[Item]) -> Iterator[str]:
    """Bare lengths of one head ("M1, M2") in another order than that in which they were asked."""
    bare = re.findall(r"(?:^|[,;.:] |and )M([1-9])(?=[,;.]| and)", reply)
    if bare != sorted(bare) and len({items[int(k) - 1].who for k in bare if int(k) <= len(items)}) == 1:
        yield "bare facts in another order"


def _says_nothing(reply: str, heard: str) -> Iterator[str]:
    """Words without any fact that are neither the user's nor what is said wherever something is done."""
    if not CODE.search(reply):
        own = {word for word in WORD.findall(reply.lower()) if len(word) > _SHORT} - _DONE
        if {_stem(word) for word in own} - {_stem(word) for word in WORD.findall(heard)}:
            yield "it tells no fact"


def _no_word(reply: str, heard: str) -> Iterator[str]:
    """Words that no written reply has, nor the user: slips of the writer."""
    known = _written() | set(WORD.findall(heard))
    if any(word.removesuffix("'s") not in known for word in WORD.findall(CODE.sub(" ", reply).lower())):
        yield "no word that replies have"


@lru_cache(maxsize=1)
def _written() -> frozenset[str]:
    return frozenset(resources.files(__package__).joinpath(WORDS).read_text("utf-8").split())


def _wrong_codes(reply: str, items: Sequence[Item]) -> Iterator[str]:
    offered = {code: needed for code, _, needed in coded(items)}
    told = Counter(match[0] for match in CODE.finditer(reply))
    if set(told) - set(offered):
        yield "a code that is not offered"
    if any(needed and code not in told for code, needed in offered.items()):
        yield "a needed fact is missing"
    if max(told.values(), default=0) > 1:
        yield "a fact comes twice"


def _wrong_numbers(own: str, heard: str) -> Iterator[str]:
    known = set(re.findall(r"\d+(?:[.,]\d+)*", heard))
    if set(re.findall(r"\d+(?:[.,]\d+)*", own)) - known:
        yield "a number of its own"
    if set(re.findall(r"\b[A-Z]{2,}\b", own)) - {word.upper() for word in re.findall(r"\w+", heard)}:
        yield "an abbreviation of its own"
    if any(match[0].lower() not in heard for pattern in (_UNITS, _NUMBERS) for match in pattern.finditer(own)):
        yield "a unit or a number word of its own"


def _wrong_shape(reply: str) -> Iterator[str]:
    said = re.findall(r"[\w']+", reply.lower())
    runs = Counter(tuple(said[k : k + RUN]) for k in range(len(said) - RUN + 1))
    if not said or len(said) > MOST_WORDS or max(runs.values(), default=0) > MOST_RUNS:
        yield "empty, too long, or in circles"
    if _EMPTY_WORDS.search(reply):
        yield "words that say nothing"
    if not re.search(r"[.!?]$", reply) or re.search(r"[\n<>{}\[\]|]", reply):
        yield "no sentence"


def _without_names(reply: str, items: Sequence[Item]) -> str:
    """A reply without the names of what its facts tell: "her freckles are W1", "N2 has more jaw width"."""
    for item in items:
        what = re.escape(re.sub(r"^(?:her|his|the|who has|.*?'s?) (?=\S)|(?: at first| before)$", "", item.label))
        if "N" in item.facts:
            reply = re.sub(rf"(?<=N\d) has {what}\b", " ", reply, flags=re.IGNORECASE)
        else:
            reply = re.sub(rf"\b{what}\b(?=(?:\W+\w+){{0,2}}?\W+[{CODES}]\d)", " ", reply, flags=re.IGNORECASE)
    return reply


def _wrong_claims(reply: str, items: Sequence[Item], heard: str, act: str) -> Iterator[str]:
    """Words of its own that say how something stands or what is seen, where nobody typed them or a verdict is open."""
    true, false = ({_stem(word) for item in items for word in getattr(item, side)} for side in ("true", "false"))
    typed = {_stem(word) for word in WORD.findall(heard)} - (false - true) | true
    asks, verdict = act in ("question", "compare"), bool(re.search(r"Y\d", reply))
    for piece in re.split(r"(?<=[.!?])\s", _NO_CLAIM.sub(" ", reply)):
        free = not verdict or "N" in {m[1] for m in CODE.finditer(piece)}
        for word in WORD.findall(CODE.sub(" ", piece).lower()):
            said = _stem(word)
            if (word in _MORE or said in _stems()) and not (free and said in typed):
                yield f"it judges: {word}"
            if _FEELING.fullmatch(word) and word not in _NEAREST and (asks or said not in typed):
                yield f"it says what is seen: {word}"


@lru_cache(maxsize=1)
def _stems() -> frozenset[str]:
    return frozenset(_stem(word) for word in judgements() - _PLAIN)


def _stem(word: str) -> str:
    """A word without what comparison and grammar add: wider, widest, widen → wid."""
    word = re.sub(r"(?:'s|ly)$", "", word)
    word = re.sub(r"(?:er|est|en|ed|ing|s|y|ier|iest)$", "", word) if len(word) > 4 else word
    return re.sub(r"(.)\1$", r"\1", word.rstrip("e"))


def _wrong_verdict(reply: str, items: Sequence[Item]) -> Iterator[str]:
    """A yes or no that does not begin a sentence, or words beside it that take a side."""
    found = re.search(r"Y\d", reply)
    if not any("Y" in item.facts for item in items) or not found:
        return
    if not re.search(r"(?:^|[.!?:]\s)$", reply[: found.start()]):
        yield "the verdict stands within a sentence"
    if _DENIES.search(CODE.sub(" ", reply)):
        yield "it says yes or no beside the verdict"
    after = _SAYING.sub("", re.split(r"(?<=[.!?])\s", reply[found.end() :])[0])
    if re.search(r"[a-z]{3}", after) and not CODE.search(after):
        yield "it goes on after the verdict without a fact"


# Whose a fact is


def whose_is_right(reply: str, items: Sequence[Item], called: Mapping[int, str], sexes: Mapping[int, str]) -> bool:
    """Whether the words beside each fact name the head that it is of.

    Args:
        reply: with codes.
        items: what it may tell.
        called: number of a head → what it is called, of all of the conversation.
        sexes: number of a head → "F", "M" or "".
    """
    by_code = {code: items[int(code[1:]) - 1].who for code, _, _ in coded(items) if items[int(code[1:]) - 1].who}
    spoken = {by_code[m[0]] for m in CODE.finditer(reply) if m[0] in by_code}
    cut, here = ".", set[int]()
    for k, piece in enumerate(_PIECES.split(reply)):
        if k % 2:
            cut = piece
            continue
        named = {n for n, name in called.items() if _names(piece, name)} or (here if cut in ",;" else set())
        here = named
        told = {by_code[m[0]] for m in CODE.finditer(piece) if m[0] in by_code}
        if told and named and told != named:
            return False
        named_by_sex = _sexes_named(piece)
        if any(named_by_sex - {sexes.get(number, "")} for number in told):
            return False
    return len(spoken) > 1 or not (_sexes_named(reply) - {sexes.get(number, "") for number in spoken or called})


def _names(piece: str, name: str) -> bool:
    word = name.removeprefix("the ").split()[0]
    return bool(re.search(rf"(?<!\w){re.escape(word)}", piece, re.IGNORECASE))


def _sexes_named(text: str) -> set[str]:
    return {sex for sex, pattern in (("F", _HERS), ("M", _HIS)) if pattern.search(text)}


def names_anybody(text: str, called: Mapping[int, str]) -> bool:
    """Whether a text names a head."""
    return any(_names(text, name) for name in called.values()) or bool(_sexes_named(text))


def names_everybody(reply: str, items: Sequence[Item], called: Mapping[int, str]) -> bool:
    """Whether a reply names each head that its facts are of."""
    spoken = {items[int(m[2]) - 1].who for m in CODE.finditer(reply) if int(m[2]) <= len(items)}
    return all(_names(reply, called[number]) for number in spoken if number)
