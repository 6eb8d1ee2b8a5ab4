"""A movement of one side whose side the words leave open: "wink", "shut one eye", "an eyebrow raised".

The network learnt each side by itself, so that it names both where it can tell neither. Then the likelier one stays.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import has_word, word_set

_ONE = r"\b(?:one|an?|single|only one)\s+(?:\w+\s+)?"
#: Words that say one of two, and the movements that they are of.
_ONE_SIDED = (
    (re.compile(rf"\bwink(?:s|ed|ing|y)?\b|{_ONE}(?:eye|eyelid|lid)\b", re.IGNORECASE), ("eyeBlink",)),
    (re.compile(rf"{_ONE}(?:eye)?brow\b", re.IGNORECASE), ("browOuterUp", "browDown")),
)
_OTHER = {"Left": "Right", "Right": "Left"}
#: (52,) the row of the same movement on the other side, of one in the middle its own.
TWIN = np.array([
    ARKIT_NAMES.index(re.sub("(Left|Right)$", lambda side: _OTHER[side[0]], name)) for name in ARKIT_NAMES
])  # fmt: skip
_TOLD = word_set("left right both l r other two")
#: "One eye shut, the other open" leaves open which is which.
_ONE_AND_OTHER = re.compile(rf"{_ONE}(?:eye|brow|eyebrow)\b(?!.*\b(?:left|right|both)\b).*\bthe other\b", re.IGNORECASE)
#: How much both inner brows go along with one brow that is raised: more of it looks worried.
_INNER = 0.15
#: A movement that words with one side name surely is shown by at least this.
_SEEN = 0.6


def with_one_side(request: HeadRequest, text: str) -> HeadRequest:
    """A request whose movements stay on one side where its words say one and not which; the likelier, else the left."""
    for said, units in _ONE_SIDED:
        if said.search(text) and (not has_word(text, _TOLD) or _ONE_AND_OTHER.search(text)):
            for unit in units:
                request = _one_side(request, unit, unit == units[0] == "eyeBlink")
    return request if has_word(text, _TOLD) else _rests_on_both(request)


def _rests_on_both(request: HeadRequest) -> HeadRequest:
    """A request whose movements rest on both sides where only one was heard to and no side is said: "not smiling"."""
    named = np.array(request.expression_named, bool)
    weights = np.array(request.expression, float)
    also = (named & (weights == 0))[TWIN] & ~named
    weights[also] = 0.0
    return replace(request, expression=weights, expression_named=named | also)


def _one_side(request: HeadRequest, unit: str, surely: bool) -> HeadRequest:
    left, right = (ARKIT_NAMES.index(unit + side) for side in ("Left", "Right"))
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    shown = [bool(named[k] and weights[k] > 0) for k in (left, right)]
    told_to_rest = bool(named[left] and named[right])
    if not any(shown) and (told_to_rest or not surely):
        return request
    if all(shown) or not any(shown):
        kept, gone = (left, right) if weights[left] >= weights[right] else (right, left)
        weights[kept], weights[gone] = max(weights[kept], _SEEN), 0.0
        named[kept], named[gone] = True, True
        if unit == "browOuterUp":
            inner = ARKIT_NAMES.index("browInnerUp")
            weights[inner] = min(weights[inner], _INNER)
    return replace(request, expression=weights, expression_named=named)
