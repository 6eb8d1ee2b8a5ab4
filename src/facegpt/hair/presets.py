"""Named styles: a groom each, the family that it belongs to, and the words that people use for it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegpt.types import FaceGPTError, Groom, Hair

FAMILIES = (
    *("bald", "shaved", "short", "short_textured", "bob", "medium", "long_straight", "long_wavy_curly"),
    *("coily_afro_locs", "gathered"),
)
#: Steps of length, from a bare head to beyond the shoulders; and the length over ears and nape that ends each, mm.
LENGTHS = ("shaved", "short", "chin", "shoulder", "longer")
_LENGTH_ENDS_MM = (12.0, 75.0, 175.0, 300.0)


@dataclass(frozen=True)
class Preset:
    """A named style.

    Attributes:
        groom: its settings. family: one of FAMILIES. words: what people call it, the usual name first.
    """

    groom: Groom
    family: str
    words: tuple[str, ...]


def _settings(text: str) -> dict[str, Any]:
    """Settings of a groom written as `name=value name=value`."""
    pairs = (pair.split("=") for pair in text.split())
    return {
        name: value if name == "gather" else int(value) if name == "seed" else float(value) for name, value in pairs
    }


def _read() -> dict[str, Preset]:
    with open(Path(__file__).with_name("presets.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["name"]: Preset(Groom(**_settings(row["settings"])), row["family"], tuple(row["words"].split("; ")))
        for row in rows
    }


#: Every style by name (presets.csv).
PRESETS: dict[str, Preset] = _read()
#: All names of styles, "bald" first.
STYLES = tuple(PRESETS)


def groom_of(hair: Hair) -> Groom:
    """The groom that hair grows by: its own, or that of its style.

    Raises:
        FaceGPTError: for a style that there is not, without a groom of its own.
    """
    if hair.groom is not None:
        return hair.groom
    if hair.style not in PRESETS:
        raise FaceGPTError(f"there is no hair style '{hair.style}'; there are: {', '.join(STYLES)}")
    return PRESETS[hair.style].groom


def length_step(groom: Groom) -> str:
    """Which of LENGTHS a groom is of, by what hangs over the ears and the nape."""
    hanging = max(groom.sides_mm, groom.back_mm)
    if hanging < _LENGTH_ENDS_MM[0] and groom.top_mm > _LENGTH_ENDS_MM[0]:
        return "short"
    return LENGTHS[sum(hanging >= end for end in _LENGTH_ENDS_MM)]
