"""The table of pieces: every word that a written request can hold, made of the tables that the product has already.

A piece is one token of the reader's own: `attribute:nose_width`, `degree:1`, `act:edit`. A new row of attributes.csv,
hair_words.csv or the measures is a new piece and nothing else.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN

END = "end"
#: Degrees of an attribute, SDs; weights of a unit and intensities; heads of a conversation that can be named.
DEGREES = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
WEIGHTS = tuple(round(0.05 * k, 2) for k in range(21))
MOST_HEADS = 9
ACTS = ("none", "new", "edit", "restore", "take", "variations", "blend", "describe", "chat", "imagine")
ASKS = (
    "measure", "yes_no", "compare", "difference", "expression", "age", "count", "compare_parts", "unusual", "other",
)  # fmt: skip
ASKED_LOOKS = ("expression", "age_years", "unusual", "count", "scale", "hair", "glasses")
FLAGS = ("keep", "face", "no_face", "decline", "cannot")
HAIR_REGIONS = ("all", "top", "sides", "back", "fringe", "beard")
DIGITS = tuple("0123456789.-")


@dataclass(frozen=True)
class Slot:
    """What may follow a key. kinds: of the pieces, any of them. most: how many at most; 0 for one and no fewer."""

    kinds: tuple[str, ...]
    most: int = 0


_NUMBER = (Slot(("digit",), 9), Slot(("stop",)))
_ONE_NAME = ("attribute", "measure")
#: Key of an item → what follows it. Keys with a colon in their piece ("emotion:fear") are the first part of it.
ITEMS: dict[str, tuple[Slot, ...]] = {
    "head": (),
    "sex": (),
    "age": (*_NUMBER, *_NUMBER),
    "attribute": (Slot(("degree",)),),
    "not": (Slot(("attribute",)), Slot(("degree",))),
    "relation": (Slot(("attribute", "unit")), Slot(("attribute", "unit"))),
    "emotion": (Slot(("weight",), 1),),
    "unit": (Slot(("weight",)),),
    "off": (Slot(("unit",)),),
    "hold": (Slot(("unit",)),),
    "mm": (Slot(("measure",)), Slot(("kind",)), *_NUMBER),
    "hair": (),
    "hair_mm": (Slot(("region",)), Slot(("kind",)), *_NUMBER),
    "flag": (),
    "faces": _NUMBER,
    "ask": (Slot(("head",), MOST_HEADS), Slot((*_ONE_NAME, "look", "unit"), 12), Slot(("degree",), 1)),
    "ask_at": _NUMBER,
    "ask_above": _NUMBER,
    "restore": (Slot(("head",)), *_NUMBER),
    "take": (Slot(("head",)), Slot(("head",)), Slot(("attribute", "look"), 40)),
    "vary": (Slot(("head",)), Slot(("head",), MOST_HEADS)),
    "blend": (Slot(("head",)), Slot(("head",), MOST_HEADS)),
}


def kind_of(piece: str) -> str:
    """The kind of a piece: "attribute" of "attribute:nose_width", "age" of "age"."""
    return piece.split(":", 1)[0]


def value_of(piece: str) -> str:
    """What is after the colon: "nose_width"."""
    return piece.partition(":")[2]


@cache
def hair_pieces() -> tuple[str, ...]:
    """`slot=value` of hair_words.csv, in its order."""
    text = (resources.files("facegpt.language") / "hair_words.csv").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(f"{row['slot']}={row['value']}" for row in csv.DictReader(text.splitlines())))


@cache
def pieces() -> tuple[str, ...]:
    """All pieces, in an order that does not change while no table does."""
    return (
        END,
        *(f"act:{name}" for name in ACTS),
        *(f"head:{number}" for number in range(1, MOST_HEADS + 1)),
        *("sex:F", "sex:M", "age", "not", "relation", "off", "hold", "mm", "hair_mm", "faces"),
        *("ask_at", "ask_above", "restore", "take", "vary", "blend", "stop"),
        *(f"attribute:{name}" for name in ATTRIBUTES),
        *(f"degree:{degree:g}" for degree in DEGREES),
        *(f"emotion:{name}" for name in EMOTIONS if name),
        *(f"weight:{weight:g}" for weight in WEIGHTS),
        *(f"unit:{name}" for name in ARKIT_NAMES),
        *(f"measure:{name}" for name in MEASURES_SPOKEN),
        *(f"kind:{name}" for name in MILLIMETRE_KINDS),
        *(f"hair:{name}" for name in hair_pieces()),
        *(f"region:{name}" for name in HAIR_REGIONS),
        *(f"flag:{name}" for name in FLAGS),
        *(f"ask:{name}" for name in ASKS),
        *(f"look:{name}" for name in ASKED_LOOKS),
        *(f"digit:{digit}" for digit in DIGITS),
    )


@cache
def numbers() -> dict[str, int]:
    """Each piece's place among them."""
    return {piece: k for k, piece in enumerate(pieces())}
