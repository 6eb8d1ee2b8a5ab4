"""Words that turn round what follows them: "less dark skin", "not so wide", "the opposite of a round face".

What a turned clause says is what its words say without the turn, the other way. The clause is read a second time
without the turn; where the first reading moves a trait the same way, the second one, turned round, counts.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.language.head_request import HeadRequest

_LESS = re.compile(r"\b(?:less|not (?:quite |nearly )?(?:so|as|that))\s+(?=[a-z])", re.IGNORECASE)
_OPPOSITE = re.compile(r"\b(?:the )?(?:exact )?(?:opposite|reverse|contrary) of\s+", re.IGNORECASE)
_CLAUSE = re.compile(r"[,.;:!?]|\b(?:and|but)\b")
#: How much of a degree "less" takes away, as a share; degrees that count as read, SDs.
LESS, NAMED_SD = 0.6, 0.3


def without_turn(text: str) -> tuple[str, float] | None:
    """The turned clause without its turn, and what its degrees are multiplied by; None where nothing is turned."""
    for pattern, share in ((_OPPOSITE, -1.0), (_LESS, -LESS)):
        if match := pattern.search(text):
            before = max((cut.end() for cut in _CLAUSE.finditer(text, 0, match.start())), default=0)
            after = _CLAUSE.search(text, match.end())
            clause = text[before : match.start()] + text[match.end() : after.start() if after else len(text)]
            return (clause.strip(), share) if clause.strip() else None
    return None


def turned_round(request: HeadRequest, straight: HeadRequest, share: float) -> HeadRequest:
    """A request whose traits go the other way than those of a clause read without its turn.

    Args:
        request: as the whole words were read.
        straight: as the clause was read.
        share: what its degrees are multiplied by, below 0.
    """
    mean, spread = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    wanted = share * np.asarray(straight.attribute_mean, float)
    wrong = (np.abs(straight.attribute_mean) >= NAMED_SD) & (mean * wanted <= 0)
    mean[wrong], spread[wrong] = wanted[wrong], np.asarray(straight.attribute_spread, float)[wrong]
    return replace(request, attribute_mean=mean, attribute_spread=spread)
