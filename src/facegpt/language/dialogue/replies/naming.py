"""Whether the words beside a fact name what it is of: the part, the direction that is measured, and the time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from facegpt.describe.measure_words import MEASURE_WORDS
from facegpt.language.dialogue.replies.items import CODE, Item
from facegpt.language.dialogue.wording import plain_label

#: Words for parts of a face, by a word of the label of a measure that may be said with them.
_PARTS = {
    "face": "face cheekbones cheek chin nasion sellion nose menton gnathion", "jaw": "jaw gonia gonial face",
    "forehead": "forehead brow temples", "head": "head skull", "neck": "neck", "philtrum": "philtrum groove lip nose",
    "nose": "nose bridge root base wings nostrils tip alae alar nasion", "pupil": "pupils pupil eyes",
    "corners": "corners eyes canthi eye", "eye": "eye eyes slit slits lids fissure", "mouth": "mouth lips lip nose",
    "lip": "lip lips mouth vermilion skin chin", "ear": "ear ears lugs pinna head", "tragion": "skull head ears ear",
    "bitragion": "ear ears chin jaw head face",
}  # fmt: skip
_EVERY = frozenset(word for words in _PARTS.values() for word in words.split())
#: Parts of a part, and how they are named: who names the whole must name them too.
_WITHIN = {
    "root": "root", "base": "base", "wing": "wing|ala", "bridge": "bridge", "philtrum": "philtrum|groove|nose to",
    "upper": "upper", "lower": "lower|chin", "inner": "inner|inside", "outer": "outer|outside", "pupil": "pupil",
}  # fmt: skip
#: What is said behind a length, by words of labels that it goes with.
_DIRECTIONS = {
    "wide": "width eye", "broad": "width", "across": "width eye corners", "long": "length philtrum eye arc height face",
    "high": "height lip face tragion", "tall": "height face", "around": "circumference", "round": "circumference",
    "apart": "distance width", "deep": "protrusion", "out": "protrusion", "off": "protrusion",
    "thick": "lip circumference",
}  # fmt: skip
#: Nouns for dimensions; what else they are called; ways along a face, by words of labels that they go with.
_DIMENSIONS = frozenset(("width", "length", "height", "circumference", "protrusion", "distance"))
_AS = {"breadth": "width", "widths": "width", "lengths": "length", "girth": "circumference", "gap": "distance"}
_WAYS = {"front to back": "length", "ear to ear": "bitragion head", "nasion to": "face height nose length"}
_THEN = re.compile(r"\b(?:was|were|had|showed|before|first|originally|original|then|from|earlier|once|used)\b", re.I)
_NOW = re.compile(r"\b(?:now|is|are|has|measures|stands)\b", re.I)
#: Whose a measure is: "the second head's nose width" is none of a head's.
_OWNER = re.compile(r"^(?:her|his|.*?'s?) (?=\S)")
#: What a face does ("an open mouth, eyes turned up") is not what a part of it is.
_A_PART_IS = re.compile(
    r"\b(?:jaw|mouth|eyes?|(?:eye)?brows?|lips?|nose|cheeks?|chin|forehead|tongue|lids?)\b[^,;.:]{0,12}\b(?:is|are)\b[^,;.:]*$",
    re.I,
)
_CUT = re.compile(r"[,;.:!?]|\band\b|\bbut\b|\bagainst\b|\bto\b")
#: What leads to a measure before a change, or follows it.
_WAS = re.compile(
    r"\b(?:from|was|were|been|after|before|previously|formerly|started|stood|came|instead of|than|against|where|not|"
    r"past|had|up|down)\b[^.!?]{0,24}$",
    re.I,
)
_WAS_BEHIND = re.compile(r" ?(?:wide |long |high )?(?:before|then|earlier|as the earlier|to )", re.I)


def misnamed(reply: str, items: Sequence[Item]) -> Iterator[str]:
    """Why the words beside facts do not fit them, in short."""
    for found in CODE.finditer(reply):
        item = items[int(found[2]) - 1] if int(found[2]) <= len(items) else None
        if item is not None:
            was = _WAS.search(reply[: found.start()]) or _WAS_BEHIND.match(reply[found.end() :])
            if found[1] == "B" and not was:
                yield "what was is told as what is"
            before, after = _around(reply, found)
            label = _OWNER.sub("", item.label)
            yield from _of_code(found[1], label, before, after)
            if found[1] == "M" and _names_another_way(label, reply, found):
                yield "another way is named"
            if found[1] == "M" and _names_others(label, reply, found):
                yield "another measure is named"
            if found[1] == "M" and _names_the_whole(label, f"{before} {after}".lower(), reply.lower()):
                yield "the whole is named for a part of it"


def _names_another_way(label: str, reply: str, found: re.Match[str]) -> bool:
    """Whether a length is said to run along a way that it does not: "from front to back" of a width."""
    words = set(re.findall(r"[a-z]+", label.lower()))
    said = re.split(r"[,;.:!?]", reply[: found.start()])[-1] + re.split(r"[,;.:!?]", reply[found.end() :])[0]
    return any(way in said.lower() and not words & set(fits.split()) for way, fits in _WAYS.items())


def _names_others(label: str, reply: str, found: re.Match[str]) -> bool:
    """Whether the sentence of a length has words for what other measures belong to, and none for its own."""
    start = max(reply.rfind(mark, 0, found.start()) for mark in (". ", ": ")) + 1
    said = reply[start:].partition(". ")[0].lower()
    named = [what for what, nouns in _nouns().items() if any(noun in said for noun in nouns)]
    own = re.sub(r" (?:before|at first)$", "", label)
    return bool(named) and not any(own.endswith(what) for what in named)


@lru_cache(maxsize=1)
def _nouns() -> dict[str, frozenset[str]]:
    """What people call each measure → words for what it belongs to."""
    plain = ("the", "of", "to", "red", "skin", "way", "from", "over", "under", "above", "below")
    return {
        plain_label(name): frozenset(
            (plain_label(name), *(w.rstrip("s") for w in re.findall(r"[a-z]+", part) if w not in plain))
        )
        for name, (part, _, _) in MEASURE_WORDS.items()
    }


def _around(reply: str, found: re.Match[str]) -> tuple[str, str]:
    """The words of the same piece before and behind a code."""
    before = _CUT.split(reply[: found.start()])[-1]
    return before, _CUT.split(reply[found.end() :])[0]


def _of_code(letter: str, label: str, before: str, after: str) -> Iterator[str]:
    if letter == "P" and not re.match(r" (?:percentile|place)\b", after):
        yield "a percentile that is not called so"
    if letter in "MWSA":
        yield from _of_time(label, f"{before} {after}")
    if letter == "S" and _A_PART_IS.search(before):
        yield "a part is said to be what the whole face does"
    if letter == "M":
        yield from _of_part(label, before, after)


def _of_time(label: str, piece: str) -> Iterator[str]:
    """What was must not be told as what is, nor the other way about."""
    past = label.endswith((" before", " at first"))
    if past and _NOW.search(piece) and not _THEN.search(piece):
        yield "what was is told as what is"
    if not past and re.search(r"\b(?:was|were|at first|originally)\b", piece, re.I) and not _NOW.search(piece):
        yield "what is is told as what was"


def _of_part(label: str, before: str, after: str) -> Iterator[str]:
    """The part that is named with a length, and its direction."""
    words = set(re.findall(r"[a-z]+", label.lower()))
    said = re.sub(r"\b(?:on|for|of) (?:this|the|that) (?:head|face)\b", "", f"{before} {after}".lower())
    named = {word for word in re.findall(r"[a-z]+", said) if word in _EVERY}
    own = {word for key, some in _PARTS.items() if key in words for word in some.split()}
    if named and own and not named & own:
        yield "another part is named"
    dimensions = {_AS.get(word, word) for word in re.findall(r"[a-z]+", said) if _AS.get(word, word) in _DIMENSIONS}
    if dimensions and words & _DIMENSIONS and not dimensions & words:
        yield "another dimension is named"
    direction = re.match(r",? (\w+)", after)
    if direction and direction[1] in _DIRECTIONS and not words & set(_DIRECTIONS[direction[1]].split()):
        yield "another direction is named"


def _names_the_whole(label: str, piece: str, reply: str) -> bool:
    """Whether a piece names a nose, say, where the measure is of its root, and nothing of the reply names that."""
    within = [word for word in _WITHIN if word in label.lower()]
    named = set(re.findall(r"[a-z]+", piece)) & {"nose", "lip", "lips", "eyes", "corners", "face"}
    return bool(within and named) and not any(re.search(_WITHIN[word], reply) for word in within)
