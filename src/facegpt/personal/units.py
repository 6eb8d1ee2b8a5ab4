"""How this person smiles: what their expressions differ by from the default head's units.

What points of all keyframes are off once pose and weights have done what they can, is explained by a smooth change of
the units in play: each may change only where it moves the face, and only a unit that was seen at work changes at all.
Half of the keyframes judge what was learnt from the others; a change that does not carry over is not made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.gauss_newton import LOG_DEPTH, POSE, jacobian, project
from facegpt.personal.bundle import TAIL, UNITS, Person, Surface, View, dense_surface, share_of
from facegpt.personal.shape_space import RIGID, ShapeSpace, spread
from facegpt.types import Array

Floats = NDArray[np.float64]

#: Anchors of the change, the length over which it varies and its SD, mm at weight 1.
ANCHORS, LENGTH_MM, SD_MM = 24, 26.0, 0.8
#: A unit changes fully where it moves the face this far, mm.
MOVED_MM = 2.0
#: Sum of squared weights over the keyframes from which a unit counts as seen.
SEEN = 1.5
#: N keyframes say as much as N to this power.
SAME = 0.5


@dataclass(frozen=True)
class UnitEquations:
    """What some keyframes say of the coefficients (Q,) of the change: Hessian and gradient, without a prior."""

    hessian: Floats
    gradient: Floats

    def gain(self, change: Floats) -> float:
        """By how much a change lowers the cost of these keyframes."""
        return float(-(self.gradient @ change + 0.5 * change @ self.hessian @ change))


def own_units(space: ShapeSpace, person: Person) -> NDArray[np.float32]:
    """What to add to the units, (52, V, 3) mm at weight 1; zero for units that were not seen."""
    weights = np.stack([view.state.theta for view in person.views])
    seen = np.flatnonzero((weights**2).sum(0) > SEEN)
    nothing = np.zeros((UNITS, space.model.sizes.vertices, 3), np.float32)
    if len(seen) == 0 or len(person.views) < 4:
        return nothing
    units = np.asarray(space.model.units_of(person.shape[: space.identity]))[seen]
    modes = _modes(space, units)
    surface = dense_surface(space, person.shape)
    at_points = _at_points(space, modes)
    halves = [_equations(surface, person.views[half::2], seen, at_points) for half in (0, 1)]
    share = share_of(person.views, SAME)
    for learnt, judge in (halves, halves[::-1]):
        if judge.gain(_solved([learnt], share)) <= 0:
            return nothing
    change = _solved(halves, share).reshape(len(seen), -1, 3)
    nothing[seen] = np.einsum("uvk,ukx->uvx", modes, change)
    return nothing


def _solved(parts: list[UnitEquations], share: float) -> Floats:
    hessian = share * np.sum([part.hessian for part in parts], axis=0)
    gradient = share * np.sum([part.gradient for part in parts], axis=0)
    return np.asarray(-np.linalg.solve(hessian + np.eye(len(gradient)), gradient), np.float64)


def _modes(space: ShapeSpace, units: Array) -> NDArray[np.float32]:
    """(U, V, K) mm: smooth fields, each unit's where it moves the face; whitened, and 0 on parts that stay rigid."""
    model = space.model
    places = np.asarray(model.mean_vertices, np.float64)
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    lively = skin[np.linalg.norm(units[:, skin], axis=2).max(0) > MOVED_MM]
    anchors = places[spread(places, lively, ANCHORS)] if len(lively) else places[skin[:ANCHORS]]

    def kernel(one: Floats, other: Floats) -> Floats:
        squared = ((one[:, None] - other[None]) ** 2).sum(-1)
        return np.asarray(SD_MM**2 * np.exp(-0.5 * squared / LENGTH_MM**2), np.float64)

    root = np.linalg.cholesky(kernel(anchors, anchors) + 1e-4 * np.eye(len(anchors)))
    field = np.linalg.solve(root, kernel(anchors, places)).T
    amount = np.minimum(np.linalg.norm(units, axis=2) / MOVED_MM, 1.0)
    for name in RIGID:
        amount[:, np.unique(model.triangles[model.part == model.part_names.index(name)])] = 0.0
    return (amount[:, :, None] * field[None]).astype(np.float32)


def _at_points(space: ShapeSpace, modes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The modes at the dense points: (U, L, K)."""
    embedding = space.dense
    return np.einsum("ulck,lc->ulk", modes[:, embedding.corners], embedding.weights.astype(np.float32))


def _equations(
    surface: Surface, views: tuple[View, ...], seen: NDArray[np.intp], at_points: NDArray[np.float32]
) -> UnitEquations:
    """Sum up what views say of the change; their poses and weights are eliminated."""
    count, modes = len(seen), at_points.shape[2]
    hessian, gradient = np.zeros((3 * count * modes,) * 2), np.zeros(3 * count * modes)
    for view in views:
        rows, own, error = _rows(surface, view, seen, at_points)
        inner = own.T @ own
        units = np.arange(len(inner) - UNITS, len(inner))
        inner[units, units] += 1 / view.prior.sd**2
        inner[np.diag_indices(len(inner))] *= 1 + 1e-6
        across = own.T @ rows
        pull = own.T @ error
        pull[units] += (view.state.theta - view.prior.mean) / view.prior.sd**2
        back = np.linalg.solve(inner, np.column_stack([across, pull]))
        hessian += rows.T @ rows - across.T @ back[:, :-1]
        gradient += rows.T @ error - across.T @ back[:, -1]
    return UnitEquations(hessian, gradient)


def _rows(
    surface: Surface, view: View, seen: NDArray[np.intp], at_points: NDArray[np.float32]
) -> tuple[Floats, Floats, Floats]:
    """Weighted rows of one view: of the change (2 L, Q), of pose and weights (2 L, 6 + 52), and the errors (2 L,)."""
    state, target = view.state, view.target
    points = replace(surface, by_shape=surface.by_shape[:, :, :0]).whole()
    error = project(points, state, target.principal_px) - target.points_px
    sigma = target.sigma_px(float(np.exp(state.log_scale)))
    root = np.sqrt(target.evidence / (1 + (error**2).sum(1) / sigma**2 / TAIL)) / sigma
    own = jacobian(points, state, weight=root)[1].astype(np.float64)
    moved = replace(points, mean=points(state.theta), basis=np.tile(np.eye(3), (len(root), 1, 1)))
    by_point = jacobian(moved, replace(state, theta=np.zeros(3)), weight=root)[1][:, :, POSE:]
    worked = (state.theta[seen, None, None] * at_points).transpose(1, 0, 2).reshape(len(root), -1)
    rows = np.einsum("ldx,lq->ldqx", by_point, worked).reshape(2 * len(root), -1)
    free = np.delete(np.arange(own.shape[2]), LOG_DEPTH)
    return rows, own[:, :, free].reshape(2 * len(root), -1), (error * root[:, None]).ravel()
