"""What words ask of hair and beard: values of named slots (hair_words.csv), and lengths in millimetres."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from facegpt.language.patterns import words_in

#: Regions whose length words can give in numbers; "all" is the hair without region.
HAIR_REGIONS = ("all", "top", "sides", "back", "fringe", "beard")


def _slots() -> dict[str, tuple[str, ...]]:
    text = (resources.files("facegpt.language") / "hair_words.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["slot"]] = (*found.get(row["slot"], ()), row["value"])
    return found


#: Slot → its values, in the order of hair_words.csv. What words leave open has no value.
HAIR_SLOTS: dict[str, tuple[str, ...]] = _slots()
#: Slots that speak of facial hair, and slots that say what stays. All others speak of the hair of the head.
FACIAL_SLOTS = ("beard", "beard_change", "beard_colour", "moustache", "sideburns")
#: Slots that give the hair of the head another colour, and brows and beard none.
COLOUR_OF_HEAD_SLOTS = ("colour", "tone", "grey", "grey_change")


def slots_in(cell: str) -> dict[str, str]:
    """Slot → value of a cell of a table: "length=long;curl=wavy"."""
    return dict(pair.split("=") for pair in cell.split(";") if pair)


def hair_vocabulary() -> frozenset[str]:
    """All words of the values of the slots and of their definitions."""
    text = (resources.files("facegpt.language") / "hair_words.csv").read_text(encoding="utf-8").lower()
    return frozenset(words_in(text))


@dataclass(frozen=True)
class HairLength:
    """A length in numbers: of a region (HAIR_REGIONS), a "value" to reach or a "change" to add, in mm."""

    region: str
    kind: str
    mm: float


@dataclass(frozen=True)
class HairWish:
    """What words ask of hair and beard.

    Attributes:
        said: slot → value (HAIR_SLOTS); what is left open is absent.
        lengths: numbers, in their order in the text.
    """

    said: Mapping[str, str] = field(default_factory=dict)
    lengths: tuple[HairLength, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.said or self.lengths)

    @property
    def of_head(self) -> bool:
        """Whether anything is asked of the hair of the head, not of the beard alone."""
        named = any(slot not in (*FACIAL_SLOTS, "keep", "amount") for slot in self.said)
        return named or any(length.region != "beard" for length in self.lengths)

    @property
    def names_cut(self) -> bool:
        """Whether another cut is named, as in "shoulder-length hair"."""
        return not {"kind", "length", "curl", "fringe"}.isdisjoint(self.said)
