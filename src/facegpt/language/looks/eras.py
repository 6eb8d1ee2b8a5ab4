"""The style of a decade that words ask for: hair and lips as they were worn. "An 80s singer" is nobody of eighty."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from facegpt.language.hair_wish import slots_in
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import last_words

_WORDS = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
#: A decade in figures or in words.
DECADE = re.compile(rf"\b(?:(?P<century>1[89]|20)?(?P<tens>\d)0['’]?s|(?P<word>{'|'.join(_WORDS)}))\b", re.IGNORECASE)
#: What stands before a decade of somebody's life: "in her late sixties", not "in the late sixties".
_OF_AN_AGE = ("early", "mid", "late")
#: Slots of the hair of the head that words may name; then the decade's cut is left out.
_CUT = ("kind", "length", "curl", "volume", "part", "layers")


@dataclass(frozen=True)
class Era:
    """How people of a decade wore their hair (slot → value), and the colour of women's lips, or ""."""

    women: Mapping[str, str]
    men: Mapping[str, str]
    lips: str


@lru_cache(maxsize=1)
def load_eras() -> dict[str, Era]:
    """First year of a decade → its style."""
    text = (resources.files("facegpt.language.looks") / "eras.csv").read_text(encoding="utf-8")
    return {
        row["decade"]: Era(slots_in(row["women"]), slots_in(row["men"]), row["lips"])
        for row in csv.DictReader(text.splitlines())
    }


def decades_in(text: str) -> list[re.Match[str]]:
    """Every decade that a text names, those of somebody's life left out."""
    found = ((each, last_words(text[: each.start()].replace("-", " "), 2)) for each in DECADE.finditer(text))
    return [each for each, words in found if not (words[-1:] and words[-1] in _OF_AN_AGE and words[0] != "the")]


def decade_of(match: re.Match[str]) -> str:
    """The first year of the decade that a match of DECADE names, the latest whose style is known; "" for none."""
    tens = str(2 + _WORDS.index(match["word"].lower())) if match["word"] else match["tens"]
    centuries = (match["century"],) if match["century"] else ("20", "19", "18")
    return next((f"{each}{tens}0" for each in centuries if f"{each}{tens}0" in load_eras()), "")


def without_decades(text: str) -> str:
    """A text without the decades that it names, and without the small words that lead to them."""
    bare = re.sub(rf"(?:\b(?:in|from|of|like|as in|born in)\s+)?(?:\bthe\s+)?{DECADE.pattern}", " ", text, flags=re.I)
    return " ".join(bare.split())


def with_style_of_era(request: HeadRequest, man: bool) -> HeadRequest:
    """A request with the hair and the lips of the decade that it asks for, where the words leave them open."""
    era = load_eras().get(request.era)
    if era is None:
        return request
    said = dict(request.hair.said)
    cut = bool(set(said) & set(_CUT))
    for slot, value in (era.men if man else era.women).items():
        shaves = request.is_edit and value == "none"  # a style takes nobody's beard
        if not (cut and slot in _CUT) and not shaves:
            said.setdefault(slot, value)
    lips = request.lips or ("" if man else era.lips)
    return replace(request, era="", lips=lips, hair=replace(request.hair, said=said))
