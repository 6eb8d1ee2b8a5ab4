"""Which action units belong to each of the 22 emotions: emotions.csv, where the sources are."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from facegpt.types import FaceGPTError

NEUTRAL = "neutral"
#: FACS letters of intensity: A trace, B slight. A trace as large as nature's would be overlooked in a picture.
LETTERS = {"A": 0.65, "B": 0.7, "": 1.0, "Y": 1.0}
_UNIT = re.compile(r"([LR]?)(\d+)([A-EY]?)(?:\((\d+)\))?$")


@dataclass(frozen=True)
class Unit:
    """One action unit of an emotion: number, side ("L", "R" or ""), strength 0..1, share of people who show it."""

    number: int
    side: str = ""
    strength: float = 1.0
    share: float = 1.0


@lru_cache(maxsize=1)
def emotion_units() -> dict[str, tuple[Unit, ...]]:
    """The action units of each of the 22 emotions: those of most people, then the optional ones."""
    text = (resources.files("facegpt.language") / "emotions.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["name"]: _units(f"{row['action_units']} {row['optional_units']}") for row in rows}


def _units(words: str) -> tuple[Unit, ...]:
    found = []
    for word in words.split():
        match = _UNIT.match(word)
        if match is None:
            raise FaceGPTError(f"emotions.csv: '{word}' is no action unit")
        side, number, letter, share = match.groups()
        found.append(Unit(int(number), side, LETTERS.get(letter, 1.0), float(share or 100) / 100))
    return tuple(found)


def emotion_names() -> tuple[str, ...]:
    """The 22 names, in the order of emotions.csv."""
    return tuple(emotion_units())
