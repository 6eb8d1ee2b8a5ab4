"""Where the ears of the default head are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

#: Ears of the mean head lie further than this from the middle, between these heights, and behind the last, mm.
ROOT_MM, LOW_MM, HIGH_MM, FRONT_MM = 70.5, -45.0, 42.0, 30.0


def in_ears(places: Array) -> NDArray[np.bool_]:
    """Which places (N, 3) mm on the mean head are of its ears, (N,)."""
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    return np.asarray((x > ROOT_MM) & (y > LOW_MM) & (y < HIGH_MM) & (z < FRONT_MM))
