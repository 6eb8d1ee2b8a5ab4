"""How far the eyes of a head are open, as its mesh has them: what words about shut and narrowed eyes rest on."""

from __future__ import annotations

import numpy as np

from facegpt.fitting.eye_opening import LIDS, opening
from facegpt.types import Array

#: Head space (y up) to a camera in front of it (y down).
_FROM_THE_FRONT = np.diag([1.0, -1.0, -1.0])
#: Gap of the lids over the eye's width up to which an eye is shut, and up to which it is narrow.
SHUT, NARROW = 0.06, 0.16


def lids_open(points: Array) -> tuple[float, float]:
    """Gap between the middles of the lids over the distance of the eye's corners, left and right eye of the subject.

    points: (478, 3) MediaPipe's points of the head as it looks now, head frame, mm.
    """
    left, right = opening(np.asarray(points, float)[LIDS] @ _FROM_THE_FRONT[:, :2], _FROM_THE_FRONT)
    return float(left), float(right)
