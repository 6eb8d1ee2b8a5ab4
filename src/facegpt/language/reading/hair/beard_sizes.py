"""How big a beard is by the adjectives before it: "a big red beard" is a long one, "a tiny goatee" a goatee of 4 mm.

The classifier learnt "a long or huge beard" by its commonest words, and takes other sizes for a full beard.
"""

from __future__ import annotations

import re

from facegpt.language.hair_wish import HairLength, HairWish
from facegpt.language.parts import PARTS
from facegpt.language.patterns import CLAUSE_END, is_denied, word_set

BIG = word_set("big large huge massive enormous giant gigantic great mighty immense hefty impressive epic")
SMALL = word_set("small little tiny modest slight")
#: What a size makes of a full beard.
_SIZED = {"big": "long", "small": "short"}
#: How long the hair of a goatee is by its size, mm: one of usual size has some 20.
_GOATEE_MM = {"big": 40.0, "small": 4.0}
#: What parts one thing from the next.
_APART = re.compile(rf"{CLAUSE_END.pattern}|\b(?:with|on|above|under|below|or)\b")


def beard_size(text: str) -> str:
    """The size that the adjectives before a beard say: "big", "small", or "" for none."""
    for phrase in _APART.split(text.lower()):
        words = re.findall(r"[a-z]+", phrase)
        at = next((k for k, word in enumerate(words) if PARTS.get(word, word) in ("beard", "goatee")), 0)
        before = words[max(0, at - 4) : at]
        start = max((k + 1 for k, word in enumerate(before) if word in PARTS), default=0)
        said = {*before[start:]}
        if said & (BIG | SMALL) and not is_denied(" ".join(before)):
            return "big" if said & BIG else "small"
    return ""


def with_beard_size(wish: HairWish, text: str) -> HairWish:
    """A wish whose full beard or goatee has the size that the words say."""
    beard = wish.said.get("beard")
    size = beard_size(text) if beard in ("full", "goatee") else ""
    if not size:
        return wish
    if beard == "full":
        return HairWish({**wish.said, "beard": _SIZED[size]}, wish.lengths)
    of_beard = any(length.region == "beard" for length in wish.lengths)
    return wish if of_beard else HairWish(wish.said, (*wish.lengths, HairLength("beard", "value", _GOATEE_MM[size])))
