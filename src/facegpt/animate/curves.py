"""The motion of a face as plain curves at an even rate: what every source of motion gives.

Units: weights 0..1, degrees, frames a second. Frame k is at k / fps seconds. Left and right are the subject's; yaw,
pitch and roll as in conventions.py, from the way the subject holds the head at rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array, FaceGPTError


@dataclass(frozen=True, eq=False)
class Curves:
    """T frames of motion.

    Attributes:
        names: N of weights, the 52 of ARKIT_NAMES or some of them.
        weights: (T, N) 0..1.
        fps: frames a second.
        turn_deg: (T, 3) yaw, pitch and roll of the head; None where the source does not say.
        gaze_deg: (T, 2, 2) left and right eye, (towards the subject's left, up) in the head frame; None likewise.
    """

    names: tuple[str, ...]
    weights: Array
    fps: float
    turn_deg: Array | None = None
    gaze_deg: Array | None = None

    @property
    def time_s(self) -> Array:
        """(T,) seconds from the first frame."""
        return np.arange(len(self.weights)) / self.fps

    def all_weights(self) -> Array:
        """(T, 52) in the order of ARKIT_NAMES: what no curve names is 0. Raises FaceGPTError for a name of no unit."""
        strange = [name for name in self.names if name not in ARKIT_NAMES]
        if strange:
            raise FaceGPTError(f"'{strange[0]}' is none of the 52 ARKit blend shapes")
        weights = np.zeros((len(self.weights), len(ARKIT_NAMES)))
        weights[:, [ARKIT_NAMES.index(name) for name in self.names]] = np.asarray(self.weights)
        return weights
