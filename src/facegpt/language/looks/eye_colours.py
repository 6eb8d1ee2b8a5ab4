"""Colours of irises that words can name, and the readings of the skin that make each; eye_words.csv is the table."""

from __future__ import annotations

import csv
from importlib import resources


def _rows() -> list[dict[str, str]]:
    text = (resources.files("facegpt.language.looks") / "eye_words.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


#: Name of a colour → readings of the skin (morphable/makehuman/skin.py), SDs.
EYE_COLOURS: dict[str, dict[str, float]] = {
    row["name"]: {name: float(row[name]) for name in ("iris_lightness", "iris_hue")} for row in _rows()
}
#: Words → name of a colour.
EYE_WORDS: dict[str, str] = {words: row["name"] for row in _rows() for words in row["words"].split("|")}
