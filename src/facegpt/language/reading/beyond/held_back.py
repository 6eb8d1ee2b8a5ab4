"""What a face holds back: "trying not to laugh", "fighting back tears". A trace of it shows behind a shut mouth.

Somebody who suppresses an expression lets its weaker movements through and presses the lips (Ekman, Friesen and
O'Sullivan 1988; smile controls of Keltner 1995: AU 24, AU 17).
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.language.changed_request import with_units
from facegpt.language.head_request import HeadRequest

#: Share of what is held back that shows, and the movements that hold it, by ARKit's names.
LEAKS = 0.35
CONTROLS = {
    "mouthPressLeft": 0.7,
    "mouthPressRight": 0.7,
    "mouthRollLower": 0.25,
    "mouthShrugLower": 0.3,
    "jawOpen": 0.0,
}
_HELD = re.compile(
    r"\b(?:(?:try(?:ing)?|tries|struggl\w+|fighting|doing (?:\w+ ){1,2}best) (?:\w+ )?not to|"
    r"(?:hold(?:s|ing)?|fight(?:s|ing)?|bit(?:es?|ing)|chok(?:es?|ing)|keep(?:s|ing)?|blink(?:s|ing)?) back|"
    r"suppress(?:es|ing)?|stifl(?:es?|ing)|swallow(?:s|ing)?|hold(?:s|ing)? in)\s+"
    r"(?P<what>[^,.;:!?]+)",
    re.IGNORECASE,
)


def held_back(text: str) -> str:
    """What is held back in a text ("laugh"); "" where there is nothing."""
    match = _HELD.search(text)
    return match["what"].strip() if match else ""


def with_held_back(request: HeadRequest, held: HeadRequest) -> HeadRequest:
    """A request with a trace of the expression that other words name, kept in; as it is where they name none."""
    if not held.emotion and not (np.asarray(held.expression_named, bool) & (np.asarray(held.expression) > 0)).any():
        return request
    leaks = replace(request, emotion=held.emotion, intensity=LEAKS * held.intensity)
    weights = LEAKS * np.asarray(held.expression, float)
    return with_units(replace(leaks, expression=weights, expression_named=held.expression_named), CONTROLS)
