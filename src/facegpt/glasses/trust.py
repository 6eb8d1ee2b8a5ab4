"""Where edges in a photo may be those of glasses: not on hair, hardly on brows and lashes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.geometry import EYE_CONTOURS
from facegpt.detect.outlines import in_hull
from facegpt.encode.parts import HAIR, HAT, FaceParts
from facegpt.fitting.mediapipe_points import BROWS
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: How far an edge within brows and eyes is trusted.
ON_BROWS, ON_EYES = 0.35, 0.35
#: How far brows and lashes reach beyond their points, pixels of the grid; belief in hair that is none, and surely some.
BEYOND_PX, HAIR_FROM = 3.0, (0.15, 0.9)


def trust_beside_hair(parts: FaceParts, at: Array, side: int) -> NDArray[np.float64]:
    """How far edges may be rims, (side, side) in 0..1, at pixels (side * side, 2) of the photo that lie on a grid.

    Brows and lashes hide nothing here: a rim of acetate that lies on a brow ends as plainly as beside it.
    """
    hair = parts.belief_at(at, HAIR) + parts.belief_at(at, HAT)
    return np.asarray(1 - np.interp(hair, HAIR_FROM, (0, 1)).reshape(side, side), np.float64)


def trust_beside_brows(parts: FaceParts, at: Array, side: int) -> NDArray[np.float64]:
    """The same where brows, eyes and lashes alone hide rims; 1 everywhere without points of the face."""
    trust = np.ones((side, side))
    if parts.points is None:
        return trust
    points = np.asarray(parts.points, np.float64)[:, :2]
    for rings, kept in (((BROWS[:10], BROWS[10:]), ON_BROWS), (EYE_CONTOURS, ON_EYES)):
        for ring in rings:
            inside = in_hull(at, points[list(ring)]).reshape(side, side).astype(np.float64)
            around = np.clip(2 * np.asarray(gaussian_blur(inside, BEYOND_PX)), 0, 1)
            trust = trust * (1 - (1 - kept) * around)
    return np.asarray(trust)
