"""Two heads compared in sentences: the measures in which they differ, and what each face does."""

from __future__ import annotations

from collections.abc import Iterable

from facegpt.describe.attribute_words import measure_of
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.describe.sentences import Facts, expression_words, label


def compare(first: Facts, second: Facts, asks: Iterable[str] = ()) -> str:
    """Compare two heads: what was asked about, else where they differ most for adults' spread."""
    shared = [n for n in first.measures if n in second.measures]
    asked = [m for name in asks for m in MEASURES_OF.get(name, (name if name in shared else measure_of(name),))]
    names = [n for n in dict.fromkeys(asked) if n in shared]
    if not names:
        names = sorted(shared, key=lambda n: -abs(first.measures[n].percentile - second.measures[n].percentile))[:5]
    lines = [_difference(name, first.measures[name].value_mm, second.measures[name].value_mm) for name in names]
    emotions = [expression_words(f).rstrip(".") for f in (first, second)]
    if emotions[0] != emotions[1]:
        lines.append(f"First head: {emotions[0][0].lower()}{emotions[0][1:]}. Second head: {emotions[1][0].lower()}"
                     f"{emotions[1][1:]}.")  # fmt: skip
    return " ".join(lines)


def _difference(name: str, first_mm: float, second_mm: float) -> str:
    first, second = round(first_mm, 1), round(second_mm, 1)
    gap = abs(second - first)
    if gap < 0.05:
        return f"Both have the same {label(name)}, {first:.1f} mm."
    larger, smaller = ("second", "first") if second > first else ("first", "second")
    high, low = max(first, second), min(first, second)
    return f"The {larger} head's {label(name)} is {gap:.1f} mm larger than the {smaller}'s: {high:.1f} to {low:.1f} mm."
