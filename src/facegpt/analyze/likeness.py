"""How likely two faces are one person's, by the distance of their descriptors and how well each could be read.

A logistic regression on pairs whose truth is known: photos of different people, the same photos made small, soft, grey,
dark, noisy or partly covered, and people of this project's studio in other light, pose and expression (runs/compare;
docs/model-cards/likeness.md). It is learnt as if both answers were equally common: whoever knows better multiplies
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
#: Limits of an interval that holds nine of ten.
NINE_OF_TEN = 1.645


@dataclass(frozen=True, eq=False)
class LikenessModel:
    """Turns two descriptors and their conditions into a likelihood.

    Attributes:
        mean: (128,) of descriptors. whitening: (D, 128) directions in which people differ more than their pictures do.
        weights: (C,) of `signs`; covariance: (C, C) of what the training pairs leave open of them.
        doubt: SD of the log odds that even many pairs leave open: some people's pictures are more alike than others'.
    """

    mean: NDArray[np.float64]
    whitening: NDArray[np.float64]
    weights: NDArray[np.float64]
    covariance: NDArray[np.float64]
    doubt: float

    def apart(self, first: Array, second: Array) -> float:
        """How far two descriptors (128,) lie apart where people differ: about 1 for pictures of different people."""
        a, b = (self.whitening @ (np.asarray(each, np.float64) - self.mean) for each in (first, second))
        return float(1 - a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))

    def log_odds(self, first: Array, second: Array, conditions: tuple[Array, Array]) -> tuple[float, float]:
        """Log odds that both are one person's, and their SD."""
        told = signs(self.apart(first, second), float(np.linalg.norm(first - second)), *conditions)
        sd = np.sqrt(told @ self.covariance @ told + self.doubt**2)
        return float(told @ self.weights), float(sd)


def signs(apart: float, distance: float, first: Array, second: Array) -> NDArray[np.float64]:
    """What the regression is told of a pair, in any order of the two: (C,).

    Args:
        apart: `LikenessModel.apart`.
        distance: Euclidean distance of the descriptors.
        first: conditions (6,) of the one picture (analyze/conditions.py).
        second: conditions of the other one.
    """
    a, b = (shortcomings(each) for each in (first, second))
    worse, turned = a + b, abs(first[CONDITIONS.index("yaw_deg")] - second[CONDITIONS.index("yaw_deg")]) / 45.0
    lacks = np.append(worse, turned)
    return np.concatenate([[1.0, apart, distance], lacks, apart * lacks])


def shortcomings(conditions: Array) -> NDArray[np.float64]:
    """What a picture lacks: (4,) size (log), sharpness (log), being turned to the camera, and being uncovered."""
    size, sharpness, yaw, pitch, _, covered = conditions
    small = np.log(LARGE_PX / np.clip(size, 8.0, LARGE_PX))
    soft = np.log(SHARP / np.clip(sharpness, 0.004, SHARP))
    return np.array([small, soft, np.hypot(yaw, pitch) / 45.0, covered])


@lru_cache(maxsize=1)
def likeness_model() -> LikenessModel:
    """The package's model."""
    arrays = load_arrays(ASSET)
    mean, whitening, weights, covariance = (
        arrays[name].astype(np.float64) for name in ("mean", "whitening", "weights", "covariance")
    )
    return LikenessModel(mean, whitening, weights, covariance, float(arrays["doubt"]))
