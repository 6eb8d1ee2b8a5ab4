"""Years that a change adds or takes, as a number: "ten years younger", "add five years", "a decade older"."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest
from facegpt.language.numbers import find_numbers
from facegpt.language.patterns import has_word, word_set, words_in

#: What stands for a number of years, and what is between a number and its direction.
_SPANS = {"decade": 10.0, "a couple of years": 2.0, "half a century": 50.0, "a year": 1.0}
_YOUNGER, _OLDER = word_set("younger less off back earlier ago"), word_set("older more on later now")
_TAKES = word_set("take knock shave strip lose drop remove younger")
_ADDS = word_set("add age put older")
#: Before years that are still to come.
_AHEAD = re.compile(r"\b(?:in|after) (?:about |another |some |the next )*$", re.IGNORECASE)
_DECADES = re.compile(r"[\s-]*decades?\b", re.IGNORECASE)
#: How far behind the years their direction may stand, characters.
_REACH = 24


def years_more(text: str) -> float | None:
    """Years by which somebody is to get older, below 0 for younger; None where the words give no number of them."""
    for number, start, end in _spans(text):
        following = words_in(text[end : end + _REACH])
        if following[:1] == ["old"]:  # that is how old, not by how much older
            continue
        before, behind = text[:start], next((word for word in following if word in _YOUNGER | _OLDER), "")
        if behind in _OLDER or (not behind and (has_word(before, _ADDS) or _AHEAD.search(before))):
            return number
        if behind or has_word(before, _TAKES):
            return -number
    return None


def _spans(text: str) -> list[tuple[float, int, int]]:
    """(years, first character, character after the last) of each span of years in a text."""
    found = []
    for span in find_numbers(text):
        if span.unit == "years":
            found.append((span.value, span.start, span.end))
        elif not span.unit and (match := _DECADES.match(text, span.end)):
            found.append((10 * span.value, span.start, match.end()))
    for words, years in _SPANS.items():
        for match in re.finditer(rf"\b(?:an? )?{words}s?\b", text, re.IGNORECASE):
            if not any(start <= match.start() < end for _, start, end in found):
                found.append((years, match.start(), match.end()))
    return sorted(found, key=lambda each: each[1])


def with_years_more(request: HeadRequest, text: str, now: float) -> HeadRequest:
    """A change of an age by a number of years, as the age that is then reached.

    Args:
        request: what was read.
        text: the words.
        now: the head's age, years; NaN where unknown.
    """
    more = years_more(text)
    if more is None or not np.isfinite(now):
        return request
    return replace(left_open(request, ["age"]), age_years=(now + more, now + more))
