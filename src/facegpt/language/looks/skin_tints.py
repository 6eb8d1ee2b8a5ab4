"""Colours of skin that no people has by nature and words may name: "a green-skinned goblin", "a blue alien"."""

from __future__ import annotations

import csv
from importlib import resources

_TEXT = (resources.files("facegpt.language.looks") / "skin_tints.csv").read_text(encoding="utf-8")
_ROWS = list(csv.DictReader(_TEXT.splitlines()))
#: Name → CIELAB (L*, a*, b*) of cheeks and forehead in plain light.
SKIN_TINTS: dict[str, tuple[float, float, float]] = {
    row["name"]: (float(row["lightness"]), float(row["redness"]), float(row["yellowness"])) for row in _ROWS
}
#: Words → name of a tint.
TINT_WORDS: dict[str, str] = {word: row["name"] for row in _ROWS for word in row["words"].split("|")}
#: Tints that mean the skin where they are said of somebody: "a blue woman"; who is grey or red need not be so all over.
OF_PEOPLE = frozenset(row["name"] for row in _ROWS if row["of_people"] == "1")
#: Tans: how many SDs of lightness skin loses by the sun.
TANS = {"light tanned": 0.4, "tanned": 0.65, "dark tanned": 1.1}
#: What a shade does to the lightness L*.
_SHADES = {"light": 12.0, "pale": 14.0, "bright": 8.0, "dark": -16.0, "deep": -12.0}


def skin_tint(words: str) -> str:
    """The tint that some words of colour name, with its shade ("dark green"), or ""."""
    name = next((TINT_WORDS[word] for word in reversed(words.split()) if word in TINT_WORDS), "")
    shade = next((word for word in words.split() if word in _SHADES), "")
    return f"{shade} {name}" if name and shade else name


def tint_lab(tint: str) -> tuple[float, float, float]:
    """CIELAB of a tint that `skin_tint` named."""
    shade, _, name = tint.rpartition(" ")
    light, red, yellow = SKIN_TINTS[name]
    return light + _SHADES.get(shade, 0.0), red, yellow
