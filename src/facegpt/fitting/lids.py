"""Set the opening of eyes and mouth last, from the points of lids and lips alone.

The fit believes the 468 points little, because their errors are shared; how far the lids are apart hardly suffers from
that, and a look depends on it. So blink, squint and wide are solved once more with everything else held: in photos
for openings that are freed of the networks' habits (eye_opening.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.fitting.bounded_step import bounded_step
from facegpt.fitting.eye_opening import EYES, LIDS, MIDDLE, gaps, upwards, wanted_gaps, width_of
from facegpt.fitting.gauss_newton import POSE, Prior, State, Target, jacobian, project, seen_at
from facegpt.fitting.lid_points import LidPoints
from facegpt.fitting.linear_points import LinearPoints

Floats = NDArray[np.float64]

#: The units, and the SD of each before the lids are looked at: wide is rare, and must not work against blink.
_UNITS, _PRIOR_SD = ("eyeBlink", "eyeSquint", "eyeWide"), np.array([0.5, 0.4, 0.15])
_PLACES = [np.array([ARKIT_NAMES.index(unit + side) for unit in _UNITS]) for side in ("Left", "Right")]
#: SD of the distance between an upper and a lower lid point, mm.
_GAP_SD_MM = 1.0
#: In a photo, whose eyes are as open as they are seen: SDs of the units and of a gap in mm, rounds of the solver (lids
#: move in curves) and the change of a weight by which slopes are measured.
_OPEN_PRIOR_SD, _OPEN_SD_MM, _ROUNDS, _STEP = np.array([0.2, 0.4, 0.3]), 0.2, 3, 0.01
#: SD of the place of the upper lid's middle beside the iris, mm.
_ABOUT_IRIS_SD_MM = 0.3
#: Where the slopes of an eye's three units are measured: in the middle, then to either side of each.
_STEPS = np.concatenate([np.zeros((1, 3)), _STEP * np.stack([np.eye(3), -np.eye(3)], 1).reshape(6, 3)])
#: Weights of the units in a blink and at rest.
_BLINK, _REST = np.array([1.0, 0.0, 0.0]), np.zeros(3)
#: Rows of MediaPipe's points on the inner lips, one above the other; the units that part them, by how much these may
#: move (SD), and the SD of the distance between an upper and a lower point, mm.
_INNER_LIPS = np.array([*UPPER_INNER_LIP, *LOWER_INNER_LIP])
_LIP_UNITS = (
    *("mouthClose", "jawOpen", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthRollUpper", "mouthRollLower"),
)
_LIP_UNIT_SD, _LIP_GAP_SD_MM = 0.15, 1.0
#: SD of how far the detector's inner lips are apart, mm, and as a share of that.
_PARTED_SD_MM, _PARTED_SHARE = 0.3, 0.15
#: How far apart the detector's lips are in mean where they touch all the same, and from where that counts in full, mm:
#: of 39 portraits of the training half, by eye, all 32 below 0.75 are shut, three of six from there to 1.5 are parted.
_TOUCHING_MM = (0.75, 1.5)
#: How far apart lips are when the head's points no longer lie farther apart than the detector's, mm.
_MEETING_MM = 3.0


def with_settled_lids(
    points: LinearPoints, state: State, target: Target, before: Floats | None = None, sd: Floats = _PRIOR_SD
) -> State:
    """The state with blink, squint and wide of each eye solved from that eye's lid points.

    before: (52,) the weights that the three are expected at, with the SDs `sd`; nothing by default.
    """
    expected = np.zeros(len(ARKIT_NAMES)) if before is None else before
    theta = state.theta.copy()
    seen, slopes = jacobian(points.some(LIDS), state)
    missing = target.points_px[LIDS] - target.principal_px - seen
    precision = 1 / (_GAP_SD_MM * np.exp(state.log_scale)) ** 2
    for units, rows in zip(_PLACES, EYES, strict=True):
        columns = points.identity + units
        left = gaps(missing[rows])
        moves = gaps(slopes[rows][:, :, POSE + columns]).reshape(-1, len(columns))
        hessian = moves.T @ moves * precision + np.diag(1 / sd**2)
        gradient = -moves.T @ left.ravel() * precision + (theta[columns] - expected[units]) / sd**2
        theta[columns] += bounded_step(hessian, gradient, -theta[columns], 1 - theta[columns])
        theta[columns] = np.clip(theta[columns], 0.0, 1.0)
    return replace(state, theta=theta)


@dataclass(frozen=True)
class Irises:
    """The irises' middles (2, 2) px from the optical axis, left eye first; `heights` and `trust` of them, (2,) each.

    heights: between the lids, see `eye_opening.iris_heights`. trust: 0..1, how well they are seen.
    """

    middles_px: Floats
    heights: Floats
    trust: Floats


def with_opened_eyes(
    lids: LidPoints, state: State, lids_px: Floats, wanted: Floats, shown: Floats, irises: Irises | None = None
) -> State:
    """The state with blink, squint and wide of each eye solved so that it is `wanted` open, (2,) left and right.

    The nearer an eye comes to what a blink leaves of it, the surer it is one. An eye that is not `shown`, (2,), does as
    the other; where neither is, both are at rest.

    lids_px: (32, 2) the lids seen, whose outline the opening has. irises: about which the lids open, if that is known.
    """
    scale = np.exp(state.log_scale)
    columns = lids.linear.identity + np.stack(_PLACES)
    shut, rest = _gaps_up(lids, state, columns, np.stack([_BLINK, _REST])[:, None])[..., :7]
    outlines = project(lids, state, np.zeros(2))
    goals, expected, sure = np.zeros((2, 8)), np.zeros((2, 3)), np.zeros((2, 8))
    for k, (eye, share) in enumerate(zip(EYES, wanted, strict=True)):
        goal = wanted_gaps(lids_px[eye], state.rotation, share, shut[k], width_of(outlines[eye]))
        closed = np.clip((rest[k] - goal).sum() / max((rest[k] - shut[k]).sum(), 1e-6), 0.0, 1.0)
        goals[k, :7], expected[k], sure[k, :7] = goal, closed**2 * _BLINK, 1 / (_OPEN_SD_MM * scale) ** 2
        if irises is not None:
            goals[k, 7] = upwards(irises.middles_px[k], state.rotation) + (1 - irises.heights[k]) * goal[MIDDLE].mean()
            sure[k, 7] = irises.trust[k] / (_ABOUT_IRIS_SD_MM * scale) ** 2
    for _ in range(_ROUNDS):
        now = state.theta[columns]
        seen, *beside = _gaps_up(lids, state, columns, now + _STEPS[:, None])
        moves = ((np.array(beside[::2]) - beside[1::2]) / (2 * _STEP)).transpose(1, 2, 0)
        state = _with(state, columns, [now[k] + _opened(now[k], expected[k], moves[k], seen[k] - goals[k], sure[k])
                                       for k in range(2)])  # fmt: skip
    own = state.theta[columns]
    return _with(state, columns, shown[:, None] * own + ((1 - shown) * shown[::-1])[:, None] * own[::-1])


def _opened(now: Floats, expected: Floats, moves: Floats, off: Floats, sure: Floats) -> Floats:
    """The step (3,) of an eye's units towards its goal: moves (8, 3) of gaps that are off (8,), so sure (8,)."""
    hessian = (moves.T * sure) @ moves + np.diag(1 / _OPEN_PRIOR_SD**2)
    gradient = (moves.T * sure) @ off + (now - expected) / _OPEN_PRIOR_SD**2
    return bounded_step(hessian, gradient, -now, 1 - now)


def _with(state: State, columns: NDArray[np.intp], weights: Sequence[Floats] | Floats) -> State:
    theta = state.theta.copy()
    theta[columns] = np.clip(weights, 0.0, 1.0)
    return replace(state, theta=theta)


def _gaps_up(lids: LidPoints, state: State, columns: NDArray[np.intp], weights: Floats) -> Floats:
    """The gaps of both eyes as they are drawn and the heights of their upper lids' middles, (B, 2, 7 + 1) px.

    weights: (B, 2, 3) in the place of some columns (2, 3) of θ: an eye's units move no lid of the other.
    """
    thetas = np.repeat(state.theta[None], len(weights), axis=0)
    thetas[:, columns] = weights
    seen = seen_at(lids.several(thetas) - lids.centre, state, np.zeros(2)).reshape(len(weights), 2, 16, 2)
    upper = seen[:, :, 9:16]
    lines = np.concatenate([upper - seen[:, :, 1:8], upper[:, :, MIDDLE].mean(2, keepdims=True)], 2)
    return upwards(lines, state.rotation)


def with_parted_lips(points: LinearPoints, state: State, prior: Prior, lips_px: Floats, hessian: Floats) -> State:
    """The state told how far the inner lips are apart: identity, pose and units all give a little, by their doubt.

    A fit that believes each point little lets the lips drift apart, and closed lips show teeth. How far two points are
    apart the detector knows far better than where they are. Where lips meet, its points lie on one another and the
    head's a little apart: as far as those of the mean head, whose lips are closed.

    lips_px: (10, 2) the detector's upper and lower inner lips. hessian: (7 + I + E)² of the fit, which is at rest.
    """
    own, count = points.some(_INNER_LIPS), len(UPPER_INNER_LIP)
    seen, slopes = jacobian(own, state)
    up = state.rotation[:2, 1] / max(float(np.linalg.norm(state.rotation[:2, 1])), 1e-6)

    def apart(values: Floats) -> Floats:
        return np.asarray((values[:count] - values[count:]).swapaxes(1, -1) @ up, np.float64)

    scale = np.exp(state.log_scale)
    closed = scale * (own.mean[:count] - own.mean[count:]) @ state.rotation[:2].T @ up
    wanted = np.maximum(apart(lips_px), 0.0)
    wanted *= np.interp(wanted.mean() / scale, _TOUCHING_MM, (0.0, 1.0))
    left = wanted + closed * np.exp(-wanted / scale / _MEETING_MM) - apart(seen)
    moves = apart(slopes)
    doubt = (scale * np.hypot(_PARTED_SD_MM, _PARTED_SHARE * wanted / scale)) ** 2
    low, high = np.full(len(hessian), -np.inf), np.full(len(hessian), np.inf)
    low[POSE:] = np.minimum(prior.lower - state.theta, 0.0)
    high[POSE:] = np.maximum(prior.upper - state.theta, 0.0)
    sure = moves.T / doubt
    return state.moved(bounded_step(hessian + sure @ moves, -sure @ left, low, high))


def with_settled_lips(points: LinearPoints, state: State, target: Target) -> State:
    """The state with the units that part the lips solved from how far the target's inner lips are apart.

    For heads that are known, and points that lie where theirs do: of others nobody knows how lips lie at rest.
    """
    seen, slopes = jacobian(points.some(_INNER_LIPS), state)
    units = points.identity + np.array([ARKIT_NAMES.index(unit) for unit in _LIP_UNITS])
    count, theta = len(UPPER_INNER_LIP), state.theta.copy()

    def apart(values: Floats) -> Floats:
        return values[count:] - values[:count]

    left = apart(target.points_px[_INNER_LIPS] - target.principal_px - seen)
    moves = apart(slopes[:, :, POSE + units]).reshape(-1, len(units))
    precision = 1 / (_LIP_GAP_SD_MM * np.exp(state.log_scale)) ** 2
    hessian = moves.T @ moves * precision + np.diag(np.full(len(units), 1 / _LIP_UNIT_SD**2))
    step = bounded_step(hessian, -moves.T @ left.ravel() * precision, -theta[units], 1 - theta[units])
    theta[units] = np.clip(theta[units] + step, 0.0, 1.0)
    jaw, close = (ARKIT_NAMES.index(name) + points.identity for name in ("jawOpen", "mouthClose"))
    theta[close] = min(theta[close], theta[jaw])
    return replace(state, theta=theta)
