"""Prototypes of the 22 emotions in channels of action units: the published table of docs/facegpt-bench.md.

It has two users. `generate.draw_expression` draws a face so that it is most like the prototype of its own emotion, and
the benchmark (evaluate/judges/nearest_emotion.py) names a face by the nearest one. So the benchmark's figure for
emotions tells whether what the words mean is understood and drawn; it is no proof that people would see the same.
What a face shows is told to people by another rule, `emotions.rank_emotions`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import Unit, emotion_names, emotion_units
from facegpt.types import Array

#: Channel → (action units, blendshape or its stem; left and right are averaged).
CHANNELS: tuple[tuple[tuple[int, ...], str], ...] = (
    ((1,), "browInnerUp"),
    ((2,), "browOuterUp"),
    ((4,), "browDown"),
    ((5,), "eyeWide"),
    ((6,), "cheekSquint"),
    ((7,), "eyeSquint"),
    ((9,), "noseSneer"),
    ((10,), "mouthUpperUp"),
    ((12,), "mouthSmile"),
    ((14,), "mouthDimple"),
    ((15,), "mouthFrown"),
    ((16,), "mouthLowerDown"),
    ((17,), "mouthShrugLower"),
    ((20,), "mouthStretch"),
    ((23, 24), "mouthPress"),
    ((25, 26, 27), "jawOpen"),
)
#: Shapes whose difference between the sides is the last channel, and how one-sided the mouth of contempt is.
_SIDED, _ONE_SIDED = ("mouthSmile", "mouthDimple"), 2.0
#: A unit of one side, averaged over both; and lips apart (25), which open the jaw half as far as 26.
_HALF = 0.5


def channels(expression: Array) -> Array:
    """The 17 channels of blendshape weights (E,): 16 of action units, and how one-sided the mouth is."""
    weight = dict(zip(ARKIT_NAMES, np.asarray(expression, np.float64), strict=True))
    both = [
        weight[stem] if stem in weight else (weight[f"{stem}Left"] + weight[f"{stem}Right"]) / 2 for _, stem in CHANNELS
    ]
    return np.array([*both, sum(abs(weight[f"{stem}Left"] - weight[f"{stem}Right"]) for stem in _SIDED)])


@lru_cache(maxsize=1)
def prototypes() -> tuple[tuple[str, ...], Array]:
    """Names and prototypes (22, 17) of emotions.csv: 1 for a unit of most people, else its share of them."""
    return emotion_names(), np.stack([_prototype(units) for units in emotion_units().values()])


def _prototype(units: tuple[Unit, ...]) -> Array:
    vector = np.zeros(len(CHANNELS) + 1)
    for unit in units:
        share = unit.share * (_HALF if unit.side or unit.number == 25 else 1.0)
        for k, (numbers, _) in enumerate(CHANNELS):
            if unit.number in numbers:
                vector[k] = max(vector[k], share)
    vector[-1] = _ONE_SIDED if any(unit.side for unit in units) else 0.0
    return vector


def cosine_margin(expression: Array, name: str) -> float:
    """By how much (cosine) an expression (E,) is more like the prototype of an emotion than like any other."""
    names, rows = _unit_prototypes()
    seen = channels(expression)
    alike = rows @ seen / max(float(np.linalg.norm(seen)), 1e-9)
    k = names.index(name)
    return float(alike[k] - np.delete(alike, k).max())


def is_most_like(expression: Array, name: str) -> bool:
    """Whether an expression (E,) is nearer to the prototype of one emotion than to any other's (cosine)."""
    return cosine_margin(expression, name) > 0


def strength_of(expression: Array, name: str) -> float:
    """How strongly an expression (E,) shows an emotion: its part along the prototype; 0 for no emotion of the table."""
    names, rows = _unit_prototypes()
    return float(rows[names.index(name)] @ channels(expression)) if name in names else 0.0


@lru_cache(maxsize=1)
def _unit_prototypes() -> tuple[tuple[str, ...], Array]:
    names, rows = prototypes()
    return names, rows / np.linalg.norm(rows, axis=1, keepdims=True)
