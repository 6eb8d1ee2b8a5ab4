"""Lips that grow wider by a number: that is the mouth's width. How tall the red of each lip is, fullness tells.

The reader of numbers learnt both lips as thicker and fuller, and takes their width for the same.
"""

from __future__ import annotations

import re
from dataclasses import replace

from facegpt.language.head_request import HeadRequest
from facegpt.language.numbers import find_numbers
from facegpt.language.parts import PARTS
from facegpt.language.patterns import words_in

_CUT = re.compile(r"[,;:!?\n]|\.(?!\d)|\b(?:and|but|then|while)\b")
_WIDTH = re.compile(r"\b(?:wid\w+|width|broad\w*|narrow\w*|breadth)\b", re.IGNORECASE)
_HEIGHT = re.compile(
    r"\b(?:thick\w*|full\w*|tall\w*|high\w*|height|plump\w*|thin\w*|bigger|smaller|larger)\b", re.IGNORECASE
)
WIDTH, HEIGHTS = "lip_length", ("upper_vermilion_height", "lower_vermilion_height")


def with_lip_widths(request: HeadRequest, text: str) -> HeadRequest:
    """A request whose numbers of the lips' width are the mouth's, one for both lips."""
    if not any(goal.measure in HEIGHTS for goal in request.millimetres):
        return request
    amounts = {
        round(abs(number.value), 3)
        for clause in _CUT.split(text)
        if _is_of_width(clause)
        for number in find_numbers(clause)
    }
    goals = (
        replace(goal, measure=WIDTH) if goal.measure in HEIGHTS and round(abs(goal.amount), 3) in amounts else goal
        for goal in request.millimetres
    )
    return replace(request, millimetres=tuple(dict.fromkeys(goals)))


def _is_of_width(clause: str) -> bool:
    """Whether a clause speaks of the width of lips and of nothing else that they have."""
    of_lips = any(PARTS.get(word) == "lip" for word in words_in(clause))
    return of_lips and bool(_WIDTH.search(clause)) and not _HEIGHT.search(clause)
