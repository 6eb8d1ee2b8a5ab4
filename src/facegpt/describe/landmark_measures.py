"""Simple distances between the 68 landmarks of a neutral head, as most people would check a trait from outside.

attributes.csv defines traits on the surface; a nose that is wide there and narrow between its landmarks convinces
nobody who measures landmarks. So a named trait moves both (degrees.PARTS_OF).
"""

from __future__ import annotations

import numpy as np

from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array

#: Pairs (outer, inner corner, two upper and two lower lid points below them) of both eyes.
_EYES = ((36, 39, 37, 38, 41, 40), (45, 42, 44, 43, 46, 47))
_BROWS, _EYE_POINTS = slice(17, 27), slice(36, 48)
#: What `landmark_measures` gives, in its order.
LANDMARK_MEASURES = (
    "nose_base_width",
    "jaw_outline_width",
    "jaw_outline_share",
    "chin_outline_width",
    "chin_drop",
    "chin_reach",
    "eye_opening_share",
    "tip_rise",
    "brow_gap",
)


def landmark_measures(model: MakeHumanHead, vertices: Array) -> dict[str, Array]:
    """Measure neutral heads (B, V, 3) in the head frame: (B,) mm or shares by name of LANDMARK_MEASURES."""
    p = np.asarray(model.embedding("ibug68")(vertices), np.float64)
    face_width = _between(p, 1, 15)
    return {
        "nose_base_width": _between(p, 31, 35),
        "jaw_outline_width": _between(p, 4, 12),
        "jaw_outline_share": _between(p, 5, 11) / face_width,
        "chin_outline_width": _between(p, 7, 9),
        "chin_drop": p[:, 57, 1] - p[:, 8, 1],
        "chin_reach": p[:, 8, 2] - p[:, 57, 2],
        "eye_opening_share": np.mean([_opening(p, *eye) for eye in _EYES], axis=0),
        "tip_rise": p[:, 30, 1] - p[:, 33, 1],
        "brow_gap": p[:, _BROWS, 1].mean(1) - p[:, _EYE_POINTS, 1].mean(1),
    }


def _between(points: Array, one: int, other: int) -> Array:
    return np.linalg.norm(points[:, one] - points[:, other], axis=-1)


def _opening(points: Array, outer: int, inner: int, up1: int, up2: int, low1: int, low2: int) -> Array:
    """The eye aspect ratio (Soukupová and Čech 2016): mean opening over length."""
    return (_between(points, up1, low1) + _between(points, up2, low2)) / 2 / _between(points, outer, inner)
