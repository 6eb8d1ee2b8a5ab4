"""Nearest of 22 emotions by the rule of FaceGPT-Bench (docs/facegpt-bench.md): prototypes of action units, cosine.

The prototypes are the published ones of `describe.emotion_prototypes`, to which the product fits the faces that it
draws. By what rule a face is named to people (`describe.emotions.rank_emotions`) is apart from this one.
"""

from __future__ import annotations

import numpy as np

from facegpt.describe.emotion_prototypes import channels, prototypes
from facegpt.types import Array

#: Emotions so close that one for another is no error in the lenient count.
GROUPS: tuple[frozenset[str], ...] = (
    frozenset({"angrily disgusted", "hatred", "appalled"}),
    frozenset({"surprise", "fear", "fearfully surprised", "awed"}),
)
#: Every weight of a face at rest is at most this.
AT_REST = 0.15


def nearest(expression: Array) -> str:
    """The name of the prototype of the highest cosine; "neutral" when every weight is at most AT_REST."""
    if float(np.max(expression)) <= AT_REST:
        return "neutral"
    names, rows = prototypes()
    seen = channels(expression)
    cosine = rows @ seen / (np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(seen)), 1e-9))
    return names[int(cosine.argmax())]


def same_group(one: str, other: str) -> bool:
    """Whether two names are the same, or of one group of close emotions."""
    return one == other or any({one, other} <= group for group in GROUPS)
