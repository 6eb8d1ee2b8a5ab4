"""Set the opening of the eyes last, from the lid points alone.

The fit believes the 468 points little, because their errors are shared; how far the lids are apart hardly suffers from
that, and a look depends on it. So blink, squint and wide are solved once more with everything else held.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.gauss_newton import POSE, AnchoredPoints, LinearPoints, State, Target, bounded_step, jacobian
from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS

Floats = NDArray[np.float64]

#: The units, and the SD of each before the lids are looked at: wide is rare, and must not work against blink.
_UNITS, _PRIOR_SD = ("eyeBlink", "eyeSquint", "eyeWide"), np.array([0.5, 0.4, 0.15])
#: SD of the distance between an upper and a lower lid point, mm.
_GAP_SD_MM = 1.0


def with_settled_lids(
    points: LinearPoints, state: State, target: Target, before: Floats | None = None, sd: Floats = _PRIOR_SD
) -> State:
    """The state with blink, squint and wide of each eye solved from that eye's lid points.

    before: (52,) the weights that the three are expected at, with the SDs `sd`; nothing by default.
    """
    expected = np.zeros(len(ARKIT_NAMES)) if before is None else before
    theta = state.theta.copy()
    for side, lids in (("Left", np.array(LEFT_LIDS)), ("Right", np.array(RIGHT_LIDS))):
        own = AnchoredPoints(points.mean[lids], points.basis[lids], points.identity, points.centre)
        seen, slopes = jacobian(own, replace(state, theta=theta))
        units = np.array([ARKIT_NAMES.index(unit + side) for unit in _UNITS])
        columns = points.identity + units
        left = _gaps(target.points_px[lids] - target.principal_px - seen)
        moves = _gaps(slopes[:, :, POSE + columns]).reshape(-1, len(columns))
        precision = 1 / (_GAP_SD_MM * np.exp(state.log_scale)) ** 2
        hessian = moves.T @ moves * precision + np.diag(1 / sd**2)
        gradient = -moves.T @ left.ravel() * precision + (theta[columns] - expected[units]) / sd**2
        theta[columns] += bounded_step(hessian, gradient, -theta[columns], 1 - theta[columns])
        theta[columns] = np.clip(theta[columns], 0.0, 1.0)
    return replace(state, theta=theta)


def _gaps(values: Floats) -> Floats:
    """Upper minus lower lid of seven pairs of an eye's 16 rows (corner, 7 lower, corner, 7 upper)."""
    return values[9:16] - values[1:8]
