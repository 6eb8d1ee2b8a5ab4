"""One neutral shape for all keyframes, with every keyframe's pose and expression: bundle adjustment.

Gauss-Newton on everything at once. What belongs to one keyframe alone (pose, 52 weights) is eliminated from its normal
equations (Schur complement), so that the shape is solved for in one system however many keyframes there are, and the
keyframes follow by substitution back. The prior of the shape counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.bounded_step import bounded_step
from facegpt.fitting.embedded import densely_embedded
from facegpt.fitting.gauss_newton import (
    LOG_DEPTH,
    LOG_SCALE,
    POSE,
    Prior,
    State,
    Target,
    jacobian,
    project,
)
from facegpt.fitting.linear_points import AnchoredPoints
from facegpt.personal.shape_space import ShapeSpace

Floats = NDArray[np.float64]

#: Degrees of freedom of the Student-t of a point.
TAIL = 8.0
#: N keyframes say as much as N to these powers, since they err alike: of the identity, by points, by colours.
SAME_IDENTITY, SAME_POINTS, SAME_COLOURS = 0.2, 0.5, 0.8
UNITS = len(ARKIT_NAMES)
#: Share of what a unit moves a point by that the person's own unit may differ by: calm faces tell of the neutral one.
UNIT_DOUBT = 0.3
#: Precision of what is held where it is.
HELD = 1e9
#: Distance at which people film themselves, log-normal: arm's length to across a table.
DEPTH_MM, DEPTH_LOG_SD = 750.0, 0.6


@dataclass(frozen=True)
class View:
    """What one keyframe says, and where its fit stands.

    Attributes:
        clip: number of its clip. target: its points. prior: of the expression (52,). state: θ is the expression alone.
        identity_pull, identity_precision: (I,), (I, I) what the networks say of the identity beyond the population: its
            log likelihood is pull · z - z · precision z / 2.
    """

    clip: int
    target: Target
    prior: Prior
    state: State
    identity_pull: Floats
    identity_precision: Floats


@dataclass(frozen=True)
class Surface:
    """Points of one person as the views see them: how they move with the shape, and with the person's own units.

    Attributes:
        by_shape: (L, 3, S) float32. units: (L, 3, 52) float32. rest: (L, 3). anchor: (3,) what poses turn about.
    """

    by_shape: NDArray[np.float32]
    units: NDArray[np.float32]
    rest: Floats
    anchor: Floats

    def whole(self) -> AnchoredPoints:
        """With the shape's step before the expression."""
        basis = np.concatenate([self.by_shape, self.units], 2)
        return AnchoredPoints(self.rest, basis, self.by_shape.shape[2], self.anchor)


def dense_surface(space: ShapeSpace, shape: Floats) -> Surface:
    """The points of the embedding "dense" without the irises, on a shape."""
    model = space.model
    embedding = space.dense
    units = model.units_of(shape[: space.identity])
    own = np.einsum("elcx,lc->lxe", units[:, embedding.corners], embedding.weights)
    return Surface(
        space.at(embedding),
        np.ascontiguousarray(own, np.float32),
        np.asarray(embedding(space.neutral(shape)), np.float64),
        densely_embedded(model).surface.centre,
    )


def doubt_px(surface: Surface, view: View) -> Floats:
    """SD of each point (L,) of a view, px: the target's, and what is not known of how this person's units move it."""
    px_per_mm = float(np.exp(view.state.log_scale))
    moved_mm = np.linalg.norm(surface.units @ view.state.theta.astype(np.float32), axis=1)
    return np.hypot(view.target.sigma_px(px_per_mm), UNIT_DOUBT * px_per_mm * moved_mm)


@dataclass(frozen=True)
class Equations:
    """Normal equations of one view, and who is free to move.

    Attributes:
        hessian, gradient: of (pose 7, shape S, expression 52). At LOG_DEPTH stands the clip's log focal length: with it
            and the scale known the depth follows, so that all views of a clip share it.
        free: False for weights at their bounds.
    """

    hessian: Floats
    gradient: Floats
    free: NDArray[np.bool_]

    @property
    def shared(self) -> NDArray[np.intp]:
        """Indices of the unknowns that all views share: the shape, and the focal length."""
        return np.r_[POSE : len(self.gradient) - UNITS, LOG_DEPTH]

    @property
    def own(self) -> NDArray[np.intp]:
        """Indices of the unknowns that only this view has: the pose without the depth, and the expression."""
        return np.r_[:LOG_DEPTH, len(self.gradient) - UNITS : len(self.gradient)]


def points_equations(surface: Surface, view: View) -> tuple[Floats, Floats]:
    """Linearise the points of a view about its state: Hessian and gradient of (pose, shape, expression)."""
    points, state, target = surface.whole(), view.state, view.target
    count = surface.by_shape.shape[2]
    sigma = doubt_px(surface, view)
    at = replace(state, theta=np.concatenate([np.zeros(count), state.theta]))
    error = project(points, at, target.principal_px) - target.points_px
    weights = 1 / (1 + (error**2).sum(1) / sigma**2 / TAIL)
    root = np.sqrt(target.evidence * weights) / sigma
    rows = jacobian(points, at, weight=root)[1].reshape(2 * len(root), -1)
    hessian = (rows.T @ rows).astype(np.float64)
    gradient = ((error * root[:, None]).ravel().astype(rows.dtype) @ rows).astype(np.float64)
    return hessian, gradient


def with_view_prior(hessian: Floats, gradient: Floats, view: View) -> Equations:
    """Let the focal length stand for the depth, and add what is believed of scale and expression; in place."""
    state, prior, target = view.state, view.prior, view.target
    hessian[:, LOG_SCALE] -= hessian[:, LOG_DEPTH]  # log depth = log focal - log scale
    hessian[LOG_SCALE] -= hessian[LOG_DEPTH]
    gradient[LOG_SCALE] -= gradient[LOG_DEPTH]
    if target.scale_px_per_mm is not None:
        error = state.log_scale - np.log(target.scale_px_per_mm)
        hessian[LOG_SCALE, LOG_SCALE] += 1 / target.scale_log_sd**2
        gradient[LOG_SCALE] += error / target.scale_log_sd**2
    units = np.arange(len(gradient) - UNITS, len(gradient))
    hessian[units, units] += 1 / prior.sd**2
    gradient[units] += (state.theta - prior.mean) / prior.sd**2 + prior.pull
    hessian[np.diag_indices(len(gradient))] *= 1 + 1e-7
    free = np.ones(len(gradient), bool)
    free[units] = (state.theta > prior.lower + 1e-9) & (state.theta < prior.upper - 1e-9)
    return Equations(hessian, gradient, free)


def eliminated(equations: Equations) -> tuple[Floats, Floats]:
    """What a view says of the shape and its clip's focal length alone: (S + 1, S + 1) and (S + 1,)."""
    inner, outer = equations.shared, equations.own[equations.free[equations.own]]
    across = equations.hessian[np.ix_(outer, inner)]
    both = np.concatenate([across, equations.gradient[outer, None]], 1)
    back = np.linalg.solve(equations.hessian[np.ix_(outer, outer)], both)
    information = equations.hessian[np.ix_(inner, inner)] - across.T @ back[:, :-1]
    return 0.5 * (information + information.T), equations.gradient[inner] - across.T @ back[:, -1]


@dataclass(frozen=True)
class Person:
    """Where the adjustment stands: the shape (S,), the log focal length of each clip (C,), and the views."""

    shape: Floats
    log_focals: Floats
    views: tuple[View, ...]


def started(space: ShapeSpace, views: Sequence[View], identity: Floats, log_focals: Floats) -> Person:
    """The first guess: a person of the default head; every view at the focal length of its clip."""
    shape = np.concatenate([identity, np.zeros(space.size - space.identity)])
    return Person(shape, log_focals, tuple(_at_focal(view, log_focals) for view in views))


def _at_focal(view: View, log_focals: Floats) -> View:
    depth = float(log_focals[view.clip]) - view.state.log_scale
    return replace(view, state=replace(view.state, log_depth=depth))


def share_of(views: Sequence[View], power: float) -> float:
    """How much of what each of the views says counts, so that N of them say as much as N to a power."""
    return float(len(views) ** (power - 1))


def adjusted(
    space: ShapeSpace,
    person: Person,
    equations: Sequence[Equations],
    share: float,
    hold_focals: bool = False,
    hold_shape: bool = False,
) -> tuple[Person, Floats]:
    """One step of everything: the person after it, and the step of the shape (S,).

    share: how much of each view's equations counts. hold_focals: leave the focal lengths as they are. hold_shape: the
    shape too.
    """
    size, clips = space.size, len(person.log_focals)
    total, gradient = np.zeros((size + clips, size + clips)), np.zeros(size + clips)
    for view, one in zip(person.views, equations, strict=True):
        rows = np.r_[:size, size + view.clip]
        information, slope = eliminated(one)
        total[np.ix_(rows, rows)] += share * information
        gradient[rows] += share * slope
    _add_prior(space, person, total, gradient)
    if hold_focals:
        total[range(size, size + clips), range(size, size + clips)] += HELD
    if hold_shape:
        total[range(size), range(size)] += HELD
    step = np.asarray(-np.linalg.solve(total, gradient), np.float64)
    step[size:] = np.clip(step[size:], -0.2, 0.2)
    focals = person.log_focals + step[size:]
    views = [
        _at_focal(_stepped(view, one, step[np.r_[:size, size + view.clip]]), focals)
        for view, one in zip(person.views, equations, strict=True)
    ]
    return Person(person.shape + step[:size], focals, tuple(views)), step[:size]


def _add_prior(space: ShapeSpace, person: Person, total: Floats, gradient: Floats) -> None:
    """The prior, once: N(0, 1) of the shape, what the network says of the identity, distances; in place."""
    views, size = person.views, space.size
    people, rows = slice(space.identity), np.arange(size)
    known = share_of(views, SAME_IDENTITY) * np.sum([view.identity_precision for view in views], axis=0)
    pull = share_of(views, SAME_IDENTITY) * np.sum([view.identity_pull for view in views], axis=0)
    total[rows, rows] += 1.0
    total[people, people] += known
    gradient[:size] += person.shape
    gradient[people] += known @ person.shape[people] - pull
    for clip in range(len(person.log_focals)):
        own = [view for view in views if view.clip == clip]
        if not own:
            total[size + clip, size + clip] += 1.0
            continue
        depth = np.mean([person.log_focals[clip] - view.state.log_scale for view in own])
        total[size + clip, size + clip] += 1 / DEPTH_LOG_SD**2
        gradient[size + clip] += (depth - np.log(DEPTH_MM)) / DEPTH_LOG_SD**2


def _stepped(view: View, equations: Equations, shared_step: Floats) -> View:
    """Move a view's pose and expression after what is shared has moved, within bounds."""
    inner, outer = equations.shared, equations.own
    gradient = equations.gradient[outer] + equations.hessian[np.ix_(outer, inner)] @ shared_step
    state, prior = view.state, view.prior
    limit = np.array([0.3, 0.3, 0.3, np.inf, np.inf, 0.3])
    lower = np.concatenate([-limit, np.minimum(prior.lower - state.theta, 0)])
    upper = np.concatenate([limit, np.maximum(prior.upper - state.theta, 0)])
    step = bounded_step(equations.hessian[np.ix_(outer, outer)], gradient, lower, upper)
    moved = state.moved(np.insert(step, LOG_DEPTH, 0.0))
    return replace(view, state=replace(moved, theta=np.clip(moved.theta, prior.lower, prior.upper)))


def bundle(space: ShapeSpace, person: Person, rounds: int = 6, hold_shape: bool = False) -> Person:
    """Adjust shape, focal lengths and views to the points; with `hold_shape` the views alone."""
    share = share_of(person.views, SAME_POINTS)
    for _ in range(rounds):
        surface = dense_surface(space, person.shape)
        found = [with_view_prior(*points_equations(surface, view), view) for view in person.views]
        person, step = adjusted(space, person, found, share, hold_shape, hold_shape)
        if np.abs(step).max() < 1e-2:
            break
    return person


def points_cost(space: ShapeSpace, person: Person) -> float:
    """How far all views' points lie off the person's, a number that is 1 for errors of about one SD."""
    surface, total = dense_surface(space, person.shape), []
    points = replace(surface, by_shape=surface.by_shape[:, :, :0]).whole()
    for view in person.views:
        target = view.target
        error = project(points, view.state, target.principal_px) - target.points_px
        sigma = doubt_px(surface, view)
        each = TAIL * np.log1p((error**2).sum(1) / sigma**2 / TAIL)
        total.append(np.average(each, weights=np.broadcast_to(target.evidence, each.shape)))
    return float(np.mean(total))
