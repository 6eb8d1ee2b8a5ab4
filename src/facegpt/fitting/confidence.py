"""How far a fitted head can be trusted, as a whole and by region.

Five things tell: the SD that the network (or, without it, the detector's habit) gives the points of a region, how far
the fitted head stays away from them, how much of the region is hidden, how far the points may lie elsewhere by what the
fit leaves open of the person, and how far the expression moves them. A log-linear rule turns them into the expected
error of the region in millimetres; it was found on heads whose truth is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.linear_points import LinearPoints
from facegpt.fitting.mediapipe_points import BROWS, LEFT_LIDS, LIPS, NOSE, OVAL, RIGHT_LIDS, SURFACE, parts
from facegpt.fitting.point_spread import expression_mm, identity_spread_mm

Floats = NDArray[np.float64]

REGIONS = ("brows", "eyes", "nose", "mouth", "cheeks", "jaw", "ears")
#: Places among the dense skin points (MediaPipe's 468, then the 68 of ibug68, then the ears): see embedded.py.
_IBUG, _EARS = SURFACE, range(SURFACE + 68, SURFACE + 100)
#: MediaPipe's points of forehead and upper lids that belong to no other part.
_ABOVE_THE_EYES = (
    *(8, 9, 27, 28, 68, 69, 71, 104, 108, 151, 222, 223, 224, 257, 258, 298, 299, 301, 333, 337, 442, 443, 444),
)
#: The log of a region's expected error in mm is its level plus these times `Signs.row` (lab/runs/fit/confidence.py).
SLOPES = (0.14, 0.18, 0.23, 0.25, 0.27)
LEVEL = MappingProxyType(
    {"face": 0.55, "brows": 0.64, "eyes": 0.40, "nose": 0.50, "mouth": 0.66, "cheeks": 0.52, "jaw": 0.65, "ears": 0.73}
)
#: SD of the log of the error about that, and the error in mm that a confidence is the probability of staying below.
SPREAD, LIMIT_MM = 0.35, 3.0
#: Keeps the logs of very sure points finite, mm.
_LEAST_MM = 0.1


@dataclass(frozen=True)
class Signs:
    """What tells the error of a set of points.

    Attributes:
        sigma_mm: their SD. residual_mm: of the fit, RMS. hidden: share.
        spread_mm: posterior SD by what is not known of the person. moved_mm: by the expression; both RMS.
        level: of the log of the expected error, the set's own.
    """

    sigma_mm: float
    residual_mm: float
    hidden: float
    spread_mm: float
    moved_mm: float
    level: float = LEVEL["face"]

    @property
    def row(self) -> Floats:
        """(5,) what SLOPES are multiplied by: logs of the SD, the misfit and the spread; hidden share; cm moved."""
        logs = np.log(np.maximum([self.sigma_mm, self.residual_mm, self.spread_mm], _LEAST_MM))
        return np.array([*logs, self.hidden, self.moved_mm / 10])

    @property
    def expected_mm(self) -> float:
        """Expected mean error of the points."""
        return float(np.exp(self.level + self.row @ np.array(SLOPES)))

    @property
    def confidence(self) -> float:
        """Probability that the mean error stays below LIMIT_MM."""
        deviations = math.log(LIMIT_MM / self.expected_mm) / SPREAD
        return math.erfc(-deviations / math.sqrt(2)) / 2


@lru_cache(maxsize=2)
def region_rows(count: int) -> dict[str, NDArray[np.int64]]:
    """The rows of each region among `count` skin points: 468, or more with the dense ones."""
    jaw = OVAL[8:29]
    cheeks = np.setdiff1d(parts()["rest"], _ABOVE_THE_EYES)
    rows = {
        "brows": [*BROWS, *range(_IBUG + 17, _IBUG + 27)],
        "eyes": [*RIGHT_LIDS, *LEFT_LIDS, *range(_IBUG + 36, _IBUG + 48)],
        "nose": [*NOSE, *range(_IBUG + 27, _IBUG + 36)],
        "mouth": [*LIPS, *range(_IBUG + 48, _IBUG + 68)],
        "cheeks": list(cheeks),
        "jaw": [*jaw, *range(_IBUG, _IBUG + 17)],
        "ears": list(_EARS),
    }
    kept = {name: np.array([row for row in own if row < count], np.int64) for name, own in rows.items()}
    return {name: own for name, own in kept.items() if len(own)}


def signs(
    points: LinearPoints, theta: Floats, covariance: Floats, sigma_px: Floats, residual_px: Floats, visible: Floats,
    px_per_mm: float,
) -> dict[str, Signs]:  # fmt: skip
    """Read the signs of the whole face ("face": all regions but the ears) and of each region off a fit.

    Args:
        points: the L skin points of the head.
        theta: (I + E,) the fitted shape.
        covariance: (I, I) of the identity (scale.identity_covariance).
        sigma_px: (L,) SD of each coordinate.
        residual_px: (L, 2) of the fit.
        visible: (L,) 0..1.
        px_per_mm: scale at the head.
    """
    regions = region_rows(len(sigma_px))
    face = np.concatenate([rows for name, rows in regions.items() if name != "ears"])
    spread, moved = identity_spread_mm(points, covariance, face), expression_mm(points, theta, face)
    apart = np.linalg.norm(residual_px, axis=1) / np.sqrt(2)

    def rms(values: Floats, rows: NDArray[np.int64]) -> float:
        return float(np.sqrt((values[rows] ** 2).mean()))

    return {
        name: Signs(
            rms(sigma_px, rows) / px_per_mm,
            rms(apart, rows) / px_per_mm,
            float(1 - visible[rows].mean()),
            rms(spread, rows),
            rms(moved, rows),
            LEVEL[name],
        )
        for name, rows in {"face": face, **regions}.items()
    }
