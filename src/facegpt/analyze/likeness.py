"""How likely two faces are one person's, by the distance of their descriptors and how well each could be read.

A logistic regression on pairs whose truth is known: photos of different people, the same photos made small, soft, grey,
dark, noisy or partly covered, and people of this project's studio in other light, pose and expression
(lab/runs/compare; docs/model-cards/likeness.md).
It is learnt as if both answers were equally common: whoever knows better multiplies
likelihood / (1 - likelihood) by the odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.analyze.conditions import CONDITIONS
from facegpt.assets import load_arrays
from facegpt.types import Array

ASSET = "networks/likeness.npz"
#: A face of more pixels, and of more detail, says no more.
LARGE_PX, SHARP = 120.0, 0.05


@dataclass(frozen=True, eq=False)
class LikenessModel:
    """Turns the distance of two descriptors and their conditions into log odds.

    Attributes:
        weights: (C,) of `signs`.
        covariance: (C, C) of the weights: how much they differ when other people are learnt from.
        doubt: SD of the log odds between kinds of pictures.
    """

    weights: NDArray[np.float64]
    covariance: NDArray[np.float64]
    doubt: float

    def log_odds(self, distance: float, first: Array, second: Array) -> tuple[float, float]:
        """Log odds that two pictures show one person, and their SD; arguments as of `signs`."""
        told = signs(distance, first, second)
        return float(told @ self.weights), float(np.sqrt(told @ self.covariance @ told + self.doubt**2))


def signs(distance: float, first: Array, second: Array) -> NDArray[np.float64]:
    """What the regression is told of a pair; the order of the two does not matter.

    Args:
        distance: Euclidean distance of the descriptors.
        first: conditions (6,) of the one picture (analyze/conditions.py).
        second: conditions of the other one.
    """
    yaw = CONDITIONS.index("yaw_deg")
    lacks = np.append(shortcomings(first) + shortcomings(second), abs(first[yaw] - second[yaw]) / 45.0)
    return np.concatenate([[1.0, distance], lacks, distance * lacks])


def shortcomings(conditions: Array) -> NDArray[np.float64]:
    """What a picture lacks: (4,) size and sharpness (logs), being turned to the camera, and being uncovered."""
    size, sharpness, yaw, pitch, _, covered = conditions
    small = np.log(LARGE_PX / np.clip(size, 8.0, LARGE_PX))
    soft = np.log(SHARP / np.clip(sharpness, 0.004, SHARP))
    return np.array([small, soft, np.hypot(yaw, pitch) / 45.0, covered])


@lru_cache(maxsize=1)
def likeness_model() -> LikenessModel:
    """The package's model."""
    arrays = load_arrays(ASSET)
    weights, covariance = (arrays[name].astype(np.float64) for name in ("weights", "covariance"))
    return LikenessModel(weights, covariance, float(arrays["doubt"]))
