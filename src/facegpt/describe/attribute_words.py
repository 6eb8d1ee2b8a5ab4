"""The words for the poles of each attribute, its part of the face and its measure, by language/attributes.csv."""

from __future__ import annotations

from functools import lru_cache

from facegpt.language.targets import attribute_rows


@lru_cache(maxsize=1)
def poles() -> dict[str, tuple[str, str, str]]:
    """Read name → (measure, words for the low pole, for the high pole)."""
    return {
        row["name"]: (row["measure"], row["low_pole_words"].split(";")[0], row["high_pole_words"].split(";")[0])
        for row in attribute_rows()
    }


@lru_cache(maxsize=1)
def attribute_groups() -> dict[str, str]:
    """The part of the face that each attribute belongs to."""
    return {row["name"]: row["group"] for row in attribute_rows()}


def measure_of(name: str) -> str:
    """Name the measure of an attribute, "" where it has none."""
    return poles().get(name, ("", "", ""))[0]
