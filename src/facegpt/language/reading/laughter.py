"""Laughter is more than a smile: the mouth opens (AU 25 and 26 beside 6 and 12; Ruch and Ekman 2001)."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import with_units
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import has_word, words_in

#: Weights of a laugh of usual strength, by ARKit's names.
LAUGH = {
    "jawOpen": 0.42,
    "mouthSmileLeft": 0.8,
    "mouthSmileRight": 0.8,
    "mouthUpperUpLeft": 0.3,
    "mouthUpperUpRight": 0.3,
}
_LAUGHS, _SHUT, _MOUTH = ("laugh", "giggl", "guffaw"), ("closed", "shut"), ("mouth", "mouthed", "lips")


def with_laughter(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the open mouth of a laugh, where a text has one and happiness alone was read in it."""
    named = np.array(request.expression_named, bool)
    moves = named & ~np.array([name.startswith("mouthSmile") for name in ARKIT_NAMES])
    shut = has_word(text, _SHUT) and has_word(text, _MOUTH)
    laughs = any(word.startswith(_LAUGHS) for word in words_in(text))
    if request.emotion != "happiness" or moves.any() or not laughs or shut:
        return request
    return with_units(request, LAUGH)
