"""Multiples of a part's size in a change: "twice as big", "half as wide", "double the size", "40 % bigger".

The network hears a strong degree, a step that has nothing to do with the number. The part's lengths are asked for as
shares instead: the head goes as far as heads go, and what it lacks is told as of any length.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

import numpy as np

from facegpt.describe.attribute_words import measure_of
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.numbers import find_numbers
from facegpt.language.patterns import CLAUSE_END, regex_any_case
from facegpt.language.targets import ATTRIBUTES

#: A multiple with the adjective behind it, and of a size.
_TIMES = {"twice": 2.0, "double": 2.0, "triple": 3.0, "thrice": 3.0, "two times": 2.0, "three times": 3.0}
_TIMES |= {"four times": 4.0, "half": 0.5, "2 times": 2.0, "3 times": 3.0, "2x": 2.0, "3x": 3.0}
_AS = regex_any_case(
    rf"\b(?P<times>{'|'.join(_TIMES)}) (?:as (?P<how>[a-z]+)|(?:the|its|his|her) "
    r"(?:(?:current )?size|width|length)(?: of)?)"
)
#: A degree that counts as named, SDs; the least share that is left of a length.
_NAMED_SD, _LEAST = 0.3, 0.05


class Reads(Protocol):
    """Reads other words of a change."""

    def __call__(self, text: str) -> HeadRequest:
        """What is read in them."""


def with_multiples(request: HeadRequest, text: str, read: Reads) -> HeadRequest:
    """A change whose clauses with a multiple of a size ask for that share of the lengths of what they name.

    Args:
        request: as the whole words were read.
        text: that was read.
        read: reads a clause with a comparative in place of its multiple.
    """
    for clause in CLAUSE_END.split(text):
        if (match := _AS.search(clause)) is None:
            continue
        times = _TIMES[match["times"].lower()]
        how = _comparative(match["how"]) if match["how"] else "bigger" if times > 1 else "smaller"
        plain = f"{clause[: match.start()]}{how}{clause[match.end() :]}"
        if not match["how"]:
            plain = f"{clause[: match.start()]}{clause[match.end() :]} {how}"
        request = _with_shares(request, read(" ".join(plain.split())), times)
    return _with_percent(request, text, read)


def _with_percent(request: HeadRequest, text: str, read: Reads) -> HeadRequest:
    """A change whose clauses say by what share a part grows or shrinks ("40 % bigger"), with that for its lengths."""
    if any(goal.kind == "percent" for goal in request.millimetres):
        return request  # the network has read what the number is of
    for clause in CLAUSE_END.split(text):
        shares = [each for each in find_numbers(clause) if each.unit == "percent" and clause[each.start].isdigit()]
        if len(shares) != 1:
            continue
        share, plain = shares[0], read(" ".join(f"{clause[: shares[0].start]} {clause[shares[0].end :]}".split()))
        degrees = [float(plain.attribute_mean[k]) for k in _named(plain)]
        grows = bool(degrees) and max(degrees, key=abs) > 0
        request = _with_shares(request, plain, 1 + share.value / 100 if grows else max(1 - share.value / 100, _LEAST))
    return request


def _named(request: HeadRequest) -> list[int]:
    return [int(k) for k in np.flatnonzero(np.abs(request.attribute_mean) >= _NAMED_SD)]


def _with_shares(request: HeadRequest, plain: HeadRequest, times: float) -> HeadRequest:
    """A request with lengths `times` as long for the traits that a clause names and that have lengths."""
    named = [ATTRIBUTES[k] for k in _named(plain)]
    lengths = {name: MEASURES_OF.get(name, (measure_of(name),)) for name in named}
    known = {goal.measure for goal in request.millimetres}
    measures = [each for of in lengths.values() for each in of if each and each not in known]
    if not measures:
        return request
    goals = tuple(MillimetreGoal(each, "percent", 100 * (times - 1)) for each in dict.fromkeys(measures))
    request = left_open(request, [name for name, of in lengths.items() if any(of)])
    return replace(request, millimetres=(*request.millimetres, *goals))


def _comparative(how: str) -> str:
    """The comparative of a short adjective: "big" → "bigger", "wide" → "wider"."""
    if how.endswith("e"):
        return f"{how}r"
    return f"{how}{how[-1]}er" if re.fullmatch(r"[^aeiou]+[aeiou][bdgmnpt]", how) else f"{how}er"
