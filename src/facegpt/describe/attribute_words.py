"""The words for the poles of each attribute, its part of the face and its measure, by language/attributes.csv."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def _rows() -> Sequence[Mapping[str, str]]:
    text = (resources.files("facegpt.language") / "attributes.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def poles() -> dict[str, tuple[str, str, str]]:
    """Read name → (measure, words for the low pole, for the high pole)."""
    return {
        row["name"]: (row["measure"], row["low_pole_words"].split(";")[0], row["high_pole_words"].split(";")[0])
        for row in _rows()
    }


@lru_cache(maxsize=1)
def attribute_groups() -> dict[str, str]:
    """The part of the face that each attribute belongs to."""
    return {row["name"]: row["group"] for row in _rows()}


def measure_of(name: str) -> str:
    """Name the measure of an attribute, "" where it has none."""
    return poles().get(name, ("", "", ""))[0]
