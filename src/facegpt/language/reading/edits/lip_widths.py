"""Lips that are wide, or grow wider by a number: that is the mouth's width. How tall each lip is, fullness tells.

The readers learnt both lips as thicker and fuller, and take their width for the same.
"""

from __future__ import annotations

import re
from dataclasses import replace

from facegpt.language.changed_request import left_open, with_traits
from facegpt.language.head_request import HeadRequest
from facegpt.language.numbers import find_numbers
from facegpt.language.parts import PARTS
from facegpt.language.patterns import words_in
from facegpt.language.targets import ATTRIBUTES

_CUT = re.compile(r"[,;:!?\n]|\.(?!\d)|\b(?:and|but|then|while)\b")
_WIDE = ("wid", "broad")
_NARROW = ("narrow", "breadth")
_HEIGHT = ("thick", "full", "tall", "high", "height", "plump", "thin", "bigger", "smaller", "larger")
WIDTH, HEIGHTS = "lip_length", ("upper_vermilion_height", "lower_vermilion_height")
_FULLNESS, _MOUTH = ("upper_lip_fullness", "lower_lip_fullness"), "mouth_width"
#: How open a width is that was heard as fullness, SDs.
_SPREAD = 0.4


def with_lip_widths(request: HeadRequest, text: str) -> HeadRequest:
    """A request in which the width of lips is the mouth's: numbers, one for both lips, and what was heard as fuller."""
    of_width = [clause for clause in _CUT.split(text) if _speaks_of(clause, (*_WIDE, *_NARROW), but=_HEIGHT)]
    amounts = {round(abs(number.value), 3) for clause in of_width for number in find_numbers(clause)}
    goals = (
        replace(goal, measure=WIDTH) if goal.measure in HEIGHTS and round(abs(goal.amount), 3) in amounts else goal
        for goal in request.millimetres
    )
    request = replace(request, millimetres=tuple(dict.fromkeys(goals)))
    fuller = max(request.attribute_mean[ATTRIBUTES.index(name)] for name in _FULLNESS)
    wide = any(_speaks_of(clause, _WIDE, but=_HEIGHT) for clause in of_width)
    if fuller <= 0 or not wide or any(_speaks_of(clause, _HEIGHT) for clause in _CUT.split(text)):
        return request
    wider = max(float(fuller), request.attribute_mean[ATTRIBUTES.index(_MOUTH)])
    return with_traits(left_open(request, _FULLNESS), {_MOUTH: wider}, _SPREAD)


def _speaks_of(clause: str, sizes: tuple[str, ...], but: tuple[str, ...] = ()) -> bool:
    """Whether a clause names lips and a size that begins like one of some, and no other one."""
    words = words_in(clause)
    sized, otherwise = (any(word.startswith(some) for word in words) for some in (sizes, but))
    return sized and not otherwise and any(PARTS.get(word) == "lip" for word in words)
