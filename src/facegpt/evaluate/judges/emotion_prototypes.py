"""Nearest of 22 emotions by the rule of FaceGPT-Bench (docs/facegpt-bench.md): prototypes of action units, cosine.

This is the benchmark's own rule, apart from what the product uses to name an expression (describe/emotions.py).
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib import resources

import numpy as np

from facegpt.conventions import ARKIT_NAMES
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
#: Emotions so close that one for another is no error in the lenient count.
GROUPS: tuple[frozenset[str], ...] = (
    frozenset({"angrily disgusted", "hatred", "appalled"}),
    frozenset({"surprise", "fear", "fearfully surprised", "awed"}),
)
#: Every weight of a face at rest is at most this.
AT_REST = 0.15
_CONTEMPT = {"mouthSmile": 0.5, "mouthDimple": 0.5}
_CONTEMPT_SIDE, _LIPS_APART = 2.0, 0.5


def channels(expression: Array) -> Array:
    """Turn blendshape weights (E,) into the 17 channels: 16 of action units, and how one-sided the mouth is."""
    weight = dict(zip(ARKIT_NAMES, np.asarray(expression, np.float64), strict=True))
    both = [
        weight[stem] if stem in weight else (weight[f"{stem}Left"] + weight[f"{stem}Right"]) / 2 for _, stem in CHANNELS
    ]
    side = sum(abs(weight[f"{stem}Left"] - weight[f"{stem}Right"]) for stem in ("mouthSmile", "mouthDimple"))
    return np.array([*both, side])


@lru_cache(maxsize=1)
def prototypes() -> tuple[tuple[str, ...], Array]:
    """Read the names and (22, 17) prototypes of emotions.csv."""
    text = (resources.files("facegpt.language") / "emotions.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return tuple(row["name"] for row in rows), np.stack([_prototype(row) for row in rows])


def _prototype(row: dict[str, str]) -> Array:
    vector = np.zeros(len(CHANNELS) + 1)
    if row["name"] == "contempt":
        for k, (_, stem) in enumerate(CHANNELS):
            vector[k] = _CONTEMPT.get(stem, 0.0)
        vector[-1] = _CONTEMPT_SIDE
        return vector
    for word in f"{row['action_units']} {row['optional_units']}".split():
        match = re.fullmatch(r"[LR]?(\d+)[A-E]?(?:\((\d+)\))?", word)
        assert match is not None, word
        unit, share = int(match[1]), float(match[2] or 100) / 100
        strength = _LIPS_APART * share if unit == 25 else share
        for k, (units, _) in enumerate(CHANNELS):
            if unit in units:
                vector[k] = max(vector[k], strength)
    return vector


def nearest(expression: Array) -> str:
    """Name the prototype of the highest cosine; "neutral" when every weight is at most AT_REST."""
    if float(np.max(expression)) <= AT_REST:
        return "neutral"
    names, rows = prototypes()
    seen = channels(expression)
    cosine = rows @ seen / (np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(seen)), 1e-9))
    return names[int(cosine.argmax())]


def same_group(one: str, other: str) -> bool:
    """Tell whether two names are the same, or of one group of close emotions."""
    return one == other or any({one, other} <= group for group in GROUPS)
