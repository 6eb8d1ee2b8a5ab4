"""The numbers in what was understood of words ("nose_width +1 SD"), and the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[-+]?\d+\.?\d*")


def names(labels: Sequence[str]) -> set[str]:
    """What is asked for, and whether more ("+"), less ("-") or nothing of it ("0"), without how much."""
    return {_NUMBER.sub(lambda found: _sign(found[0]), label).strip() for label in labels}


def _sign(number: str) -> str:
    return number[0] * (number[0] in "+-") if float(number) else "0"


def kinds(labels: Sequence[str]) -> set[str]:
    """What is asked for, without how much."""
    return {_NUMBER.sub("", label).strip() for label in labels}


def amounts(labels: Sequence[str]) -> dict[str, list[float]]:
    """The numbers in what is asked for, by its words."""
    return {_NUMBER.sub("", label): [float(each) for each in _NUMBER.findall(label)] for label in labels}
