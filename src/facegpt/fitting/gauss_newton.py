"""Bounded Gauss-Newton fit of a linear head model to 2D landmarks: pose, focal length, identity and expression at once.

The camera is a pinhole in a form that keeps the unknowns apart. With X a landmark of the head, X̄ the centre of all
mean landmarks and Z = R (X - X̄) in mm in the camera frame,

    pixel = principal + (s Z_xy + m) / (1 + Z_z / z)

where s is the scale at the head (px per mm), m where X̄ is seen (px, from the principal point) and z its depth (mm).
The focal length is f = s z. In (R, m, log s, log z) the landmarks fix R, m and s; z and so f hang on perspective alone,
which is why they need a prior. Everything is in float64.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import rotation_from_rotvec
from facegpt.fitting.bounded_step import bounded_step
from facegpt.fitting.linear_points import LinearPoints, ShapedPoints
from facegpt.fitting.small_products import add_products
from facegpt.types import FaceGPTError

Floats = NDArray[np.float64]

#: Number of pose unknowns (rotation vector 3, m 2, log s, log z), and where log s and log z stand among them.
POSE, LOG_SCALE, LOG_DEPTH = 7, 5, 6
_AXES = np.eye(POSE)


class FitError(FaceGPTError):
    """Landmarks to which no head can be fitted."""


@dataclass(frozen=True)
class Target:
    """What was seen.

    Attributes:
        points_px: (L, 2). sigma_mm: (L,) SD of each coordinate, in mm at the head.
        floor_px: SD in pixels that is added in quadrature: the detector's pixel grid, or (L,) what it says of each.
        evidence: share of the landmarks' weight that counts, one for all or (L,): their errors are correlated, so 478
            points say less than 478 independent ones.
        principal_px: (2,). focal_px: the focal length when it is known, else None.
        scale_px_per_mm, scale_log_sd: an independent measurement of s (from the irises), or None.
    """

    points_px: Floats
    sigma_mm: Floats
    principal_px: Floats
    focal_px: float | None = None
    floor_px: float | Floats = 0.3
    evidence: float | Floats = 1.0
    scale_px_per_mm: float | None = None
    scale_log_sd: float = 0.05

    def sigma_px(self, px_per_mm: float) -> Floats:
        """The (L,) SDs in pixels at a scale."""
        return np.hypot(self.sigma_mm * px_per_mm, self.floor_px)


@dataclass(frozen=True)
class Prior:
    """What is believed before the photo is seen.

    Attributes:
        mean: (I + E,) of θ. sd: (I + E,). pull: (I + E,) slope of an exponential prior that draws weights to 0.
        lower, upper: (I + E,) bounds of θ.
        depth_mm, depth_log_sd: distance of the head, log-normal, selfies (0.4 m) to long lenses (2.2 m); used when
            the focal length is unknown.
        focal_log_sd: how well a stated focal length is trusted.
        identity_precision: (I, I) inverse covariance of the identity, which then takes the place of its SDs; or None.
        expression_precision: (E, E) the same of the expression.
    """

    mean: Floats
    sd: Floats
    pull: Floats
    lower: Floats
    upper: Floats
    depth_mm: float = 1000.0
    depth_log_sd: float = 0.8
    focal_log_sd: float = 0.03
    identity_precision: Floats | None = None
    expression_precision: Floats | None = None

    @cached_property
    def precision(self) -> Floats:
        """(I + E, I + E) inverse covariance of θ."""
        whole = np.diag(1 / self.sd**2)
        if self.identity_precision is not None:
            count = len(self.identity_precision)
            whole[:count, :count] = self.identity_precision
        if self.expression_precision is not None:
            count = len(self.expression_precision)
            whole[-count:, -count:] = self.expression_precision
        return whole


@dataclass(frozen=True)
class Settings:
    """How the solver works.

    Attributes:
        pose_steps: steps on the pose alone before the shape joins. max_steps: full steps at most.
        tolerance: stop when the cost falls by less than this share.
        tail: degrees of freedom of the Student-t that models outliers (per landmark, 2D).
    """

    pose_steps: int = 4
    max_steps: int = 10
    tolerance: float = 1e-4
    tail: float = 8.0


@dataclass(frozen=True)
class State:
    """One point in the space of unknowns: rotation (3, 3) head → camera, m (2,) px, log s, log z, θ (I + E,)."""

    rotation: Floats
    offset_px: Floats
    log_scale: float
    log_depth: float
    theta: Floats

    def moved(self, step: Floats) -> State:
        """Apply a step (7 + I + E,) or (7,): the rotation from the left (camera frame), the rest by addition."""
        theta = self.theta + step[POSE:] if len(step) > POSE else self.theta
        return State(
            rotation_from_rotvec(step[:3]) @ self.rotation,
            self.offset_px + step[3:5],
            self.log_scale + float(step[LOG_SCALE]),
            self.log_depth + float(step[LOG_DEPTH]),
            theta,
        )

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return float(np.exp(self.log_scale + self.log_depth))

    def translation(self, centre: Floats) -> Floats:
        """(3,) mm: where the head's origin lies in the camera frame, when `centre` is what the pose turns about."""
        depth = np.exp(self.log_depth)
        seen = np.array([*(self.offset_px / np.exp(self.log_scale)), depth])
        return seen - self.rotation @ centre


@dataclass(frozen=True)
class Solution:
    """The most probable state, its residual_px (L, 2), Hessian (7 + I + E)², robust weights (L,) and steps taken."""

    state: State
    residual_px: Floats
    hessian: Floats
    weights: Floats
    steps: int
    cost: float


def project(points: ShapedPoints, state: State, principal_px: Floats) -> Floats:
    """Project the landmarks of a state: (L, 2) pixels."""
    return seen_at(points(state.theta) - points.centre, state, principal_px)


def seen_at(places: Floats, state: State, principal_px: Floats) -> Floats:
    """Pixels (..., 2) of places (..., 3) mm about what the pose of a state turns about."""
    turned = places @ state.rotation.T
    scale, depth = np.exp(state.log_scale), np.exp(state.log_depth)
    return np.asarray(principal_px + (scale * turned[..., :2] + state.offset_px) / (1 + turned[..., 2:] / depth))


def jacobian(
    points: LinearPoints, state: State, *, shape: bool = True, weight: Floats | None = None
) -> tuple[Floats, Floats]:
    """Linearise the projection: pixels from the principal point (L, 2) and their Jacobian (L, 2, 7 [+ I + E]).

    The Jacobian's rows are multiplied by `weight` (L,) when given, and it has the precision of the points' basis.
    """
    seen, by_pose, by_place = slopes_at(points(state.theta) - points.centre, state)
    if weight is not None:
        by_pose, by_place = by_pose * weight[:, None, None], by_place * weight[:, None, None]
    out = np.zeros((len(seen), 2, POSE + (points.basis.shape[2] if shape else 0)), points.basis.dtype)
    out[:, :, :POSE] = by_pose
    if shape:
        add_products(out, POSE, by_place.astype(out.dtype), points.basis, np.arange(len(out)))
    return seen, out


def slopes_at(places: Floats, state: State) -> tuple[Floats, Floats, Floats]:
    """Pixels (L, 2), from the principal point, of places (L, 3) mm about what the pose turns about, and how they move.

    Returns:
        The pixels, their slopes (L, 2, 7) by the pose, and (L, 2, 3) by the places, px per mm.
    """
    scale, depth = np.exp(state.log_scale), np.exp(state.log_depth)
    turned = places @ state.rotation.T
    shrink = 1.0 / (1.0 + turned[:, 2] / depth)
    seen = (scale * turned[:, :2] + state.offset_px) * shrink[:, None]
    out = np.empty((len(turned), 2, POSE))
    by_point = np.zeros((len(turned), 2, 3))
    by_point[:, 0, 0] = by_point[:, 1, 1] = scale * shrink
    by_point[:, :, 2] = -seen * (shrink / depth)[:, None]
    (x, y, z), (ax, ay), b = turned.T, by_point[:, :, 2].T, scale * shrink
    # rotation from the left: dZ/dw is the cross-product matrix of -Z
    out[:, 0, :3] = np.stack([ax * y, b * z - ax * x, -b * y], 1)
    out[:, 1, :3] = np.stack([ay * y - b * z, -ay * x, b * x], 1)
    out[:, :, 3:5] = shrink[:, None, None] * _AXES[:2, :2]
    out[:, :, LOG_SCALE] = b[:, None] * turned[:, :2]
    out[:, :, LOG_DEPTH] = seen * (turned[:, 2] * shrink / depth)[:, None]
    return seen, out, (by_point.reshape(-1, 3) @ state.rotation).reshape(by_point.shape)


def rough_scale(points_px: Floats, points_mm: Floats) -> float:
    """Guess px per mm from points (L, 2) anywhere in the photo, of (L, 3) seen from the front: to weigh them by."""
    return float(np.sqrt(points_px.var(0).sum() / points_mm[:, :2].var(0).sum()))


def initial_state(points: LinearPoints, target: Target, prior: Prior, theta: Floats | None = None) -> State:
    """Solve scaled orthography in closed form (Kanade-style factor of the affine fit), with the depth from the prior.

    Raises:
        FitError: if the landmarks are not finite or do not span an area.
    """
    theta = np.clip(prior.mean, prior.lower, prior.upper) if theta is None else theta
    pixels = target.points_px - target.principal_px
    if not np.isfinite(pixels).all():
        raise FitError("the landmarks contain values that are not numbers; detect the face again")
    shape = points(theta)
    guess = rough_scale(pixels, shape)
    weight = target.evidence / np.maximum(target.sigma_px(guess), 1e-9) ** 2
    weight = weight / weight.sum()
    flat, seen = shape - weight @ shape, pixels - weight @ pixels
    if np.linalg.svd(seen, compute_uv=False)[1] < 1e-3 * np.sqrt(len(seen)):
        raise FitError(
            "the landmarks lie on one point or line, so no head can be fitted to them; detect the face again"
        )
    affine = np.linalg.solve((flat * weight[:, None]).T @ flat, (flat * weight[:, None]).T @ seen).T
    left, values, right = np.linalg.svd(affine)
    rows = left @ np.eye(2, 3) @ right
    scale = float(np.sqrt(values[0] * values[1]))
    rotation = np.stack([rows[0], rows[1], np.cross(rows[0], rows[1])])
    offset = weight @ pixels - scale * (rotation @ (weight @ shape - points.centre))[:2]
    depth = prior.depth_mm if target.focal_px is None else target.focal_px / scale
    return State(rotation, offset, float(np.log(scale)), float(np.log(depth)), theta)


def _pose_prior(state: State, target: Target, prior: Prior) -> list[tuple[Floats, float]]:
    """The prior's rows on the pose as (gradient (7,) of a residual, residual), in units of their SD."""
    rows = []
    if target.focal_px is None:
        rows.append(
            (
                _AXES[LOG_DEPTH] / prior.depth_log_sd,
                (state.log_depth - np.log(prior.depth_mm)) / prior.depth_log_sd,
            )
        )
    else:
        both = _AXES[LOG_SCALE] + _AXES[LOG_DEPTH]
        error = state.log_scale + state.log_depth - np.log(target.focal_px)
        rows.append((both / prior.focal_log_sd, error / prior.focal_log_sd))
    if target.scale_px_per_mm is not None:
        error = state.log_scale - np.log(target.scale_px_per_mm)
        rows.append((_AXES[LOG_SCALE] / target.scale_log_sd, error / target.scale_log_sd))
    return rows


def _cost(
    points: LinearPoints, state: State, target: Target, prior: Prior, sigma_px: Floats, tail: float
) -> tuple[float, Floats]:
    """The negative log posterior (Student-t landmarks, Gaussian priors and the pull) and the residual (L, 2) px."""
    error = project(points, state, target.principal_px) - target.points_px
    squared = (error**2).sum(1) / sigma_px**2
    data = 0.5 * tail * (target.evidence * np.log1p(squared / tail)).sum()
    pose = 0.5 * sum(residual**2 for _, residual in _pose_prior(state, target, prior))
    off = state.theta - prior.mean
    shape = 0.5 * off @ prior.precision @ off + prior.pull @ state.theta
    return float(data + pose + shape), error


def normal_equations(
    points: LinearPoints,
    state: State,
    target: Target,
    prior: Prior,
    sigma_px: Floats,
    settings: Settings,
    shape: bool,
    error: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Assemble Gauss-Newton's H (Q, Q), gradient (Q,) and the robust weights (L,) at a state.

    error: (L, 2) px of the state, where it is known already.
    """
    if error is None:
        error = project(points, state, target.principal_px) - target.points_px
    weights = 1 / (1 + (error**2).sum(1) / sigma_px**2 / settings.tail)
    root = np.sqrt(target.evidence * weights) / sigma_px
    rows = jacobian(points, state, shape=shape, weight=root)[1].reshape(2 * len(root), -1)
    hessian = (rows.T @ rows).astype(np.float64)
    gradient = ((error * root[:, None]).ravel().astype(rows.dtype) @ rows).astype(np.float64)
    for slope, residual in _pose_prior(state, target, prior):
        hessian[:POSE, :POSE] += np.outer(slope, slope)
        gradient[:POSE] += slope * residual
    if shape:
        hessian[POSE:, POSE:] += prior.precision
        gradient[POSE:] += prior.precision @ (state.theta - prior.mean) + prior.pull
    hessian[np.diag_indices(len(gradient))] *= 1 + 1e-9
    return hessian, gradient, weights


def _limits(state: State, prior: Prior, shape: bool) -> tuple[Floats, Floats]:
    """The bounds of one step: 0.6 rad of turn, a factor e^0.7 of scale and depth, θ within its own bounds."""
    free = np.array([0.6, 0.6, 0.6, np.inf, np.inf, 0.7, 0.7])
    if not shape:
        return -free, free
    lower = np.minimum(prior.lower - state.theta, 0.0)
    return np.concatenate([-free, lower]), np.concatenate([free, np.maximum(prior.upper - state.theta, 0.0)])


def solve(
    points: LinearPoints, target: Target, prior: Prior, settings: Settings | None = None, start: State | None = None
) -> Solution:
    """Find the most probable pose, focal length and shape for the landmarks seen.

    The SDs, given in mm, become pixels at the scale found by the pose-only steps and stay fixed from then on: an SD
    that moved with s would reward large heads. Weights of outliers are updated at each step (iteratively reweighted
    least squares). A step that raises the cost is halved.

    Raises:
        FitError: if the landmarks are degenerate.
    """
    settings = settings or Settings()
    if start is None:
        state = initial_state(points, target, prior)
    else:
        state = replace(start, theta=np.clip(start.theta, prior.lower, prior.upper))
    sigma_px = target.sigma_px(float(np.exp(state.log_scale)))
    first = settings.pose_steps if start is None else 0
    cost, weights, hessian = np.inf, np.ones(len(sigma_px)), np.eye(1)
    steps, error = 0, None
    for steps in range(1, first + settings.max_steps + 1):
        shape = steps > first
        if steps == first + 1:
            sigma_px = target.sigma_px(float(np.exp(state.log_scale)))
            cost, error = _cost(points, state, target, prior, sigma_px, settings.tail)
        hessian, gradient, weights = normal_equations(points, state, target, prior, sigma_px, settings, shape, error)
        step = bounded_step(hessian, gradient, *_limits(state, prior, shape))
        if not shape:
            state = state.moved(step)
            continue
        state, new_cost, error = _descend(points, state, target, prior, sigma_px, settings, step, (cost, error))
        done = cost - new_cost < settings.tolerance * max(abs(new_cost), 1.0)
        cost = new_cost
        if done:
            break
    residual = project(points, state, target.principal_px) - target.points_px if error is None else error
    if not (np.isfinite(residual).all() and np.isfinite(cost)):
        raise FitError("no head could be fitted to the landmarks; detect the face again")
    return Solution(state, residual, hessian, weights, steps, cost)


def _descend(
    points: LinearPoints,
    state: State,
    target: Target,
    prior: Prior,
    sigma_px: Floats,
    settings: Settings,
    step: Floats,
    now: tuple[float, Floats | None],
) -> tuple[State, float, Floats | None]:
    """Take the step, or the half, quarter … of it that does not raise the cost; stay when none does.

    now: cost and residual of the state; they come back for the state that was taken.
    """
    for _ in range(5):
        moved = state.moved(step)
        moved = replace(moved, theta=np.clip(moved.theta, prior.lower, prior.upper))
        cost, error = _cost(points, moved, target, prior, sigma_px, settings.tail)
        if cost <= now[0]:
            return moved, cost, error
        step = 0.5 * step
    return state, *now
