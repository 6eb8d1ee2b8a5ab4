"""Laughter is more than a smile: the mouth opens (AU 25 and 26 beside 6 and 12; Ruch and Ekman 2001)."""

from __future__ import annotations

import re

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import with_units
from facegpt.language.head_request import HeadRequest

#: Weights of a laugh of usual strength, by ARKit's names.
LAUGH = {
    "jawOpen": 0.42,
    "mouthSmileLeft": 0.8,
    "mouthSmileRight": 0.8,
    "mouthUpperUpLeft": 0.3,
    "mouthUpperUpRight": 0.3,
}
_LAUGHS = re.compile(r"\b(?:laugh(?:s|ing|ter)?|giggl(?:es?|ing)|crack(?:s|ing)? up|guffaw\w*)\b", re.IGNORECASE)
_SHUT = re.compile(r"\b(?:closed|shut)[- ]?(?:mouth(?:ed)?|lips)\b|\bmouth (?:closed|shut)\b", re.IGNORECASE)


def with_laughter(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the open mouth of a laugh, where a text has one and happiness alone was read in it."""
    named = np.array(request.expression_named, bool)
    moves = named & ~np.array([name.startswith("mouthSmile") for name in ARKIT_NAMES])
    if request.emotion != "happiness" or moves.any() or not _LAUGHS.search(text) or _SHUT.search(text):
        return request
    return with_units(request, LAUGH)
