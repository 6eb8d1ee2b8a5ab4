"""Bend one triangle mesh towards given points: an affine map for each vertex, neighbours alike (Amberg et al. 2007).

Optimal-step non-rigid ICP: least squares for all maps at once, from stiff to soft, with new nearest targets each step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from facegpt.types import Array

#: Steps at one stiffness before going on even if the maps still change.
MOST_STEPS = 50


@dataclass(frozen=True)
class Stage:
    """One stiffness of the schedule.

    Attributes:
        stiffness: weight of the difference between neighbours' maps. balance: (4,) factors of it for x, y, z, shift.
        marks: weight of the marks; `fading` takes e^-0.9 of it after each step done so far.
        nearest: whether vertices are drawn to the nearest targets. change: the maps' change at which the stage ends.
        steps: most steps.
    """

    stiffness: float
    change: float
    balance: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    marks: float = 0.0
    fading: bool = False
    nearest: bool = True
    steps: int = MOST_STEPS


def bend(
    vertices: Array,
    triangles: NDArray[np.integer],
    targets: Array,
    stages: tuple[Stage, ...],
    mark_vertices: NDArray[np.integer] | None = None,
    mark_targets: Array | None = None,
) -> NDArray[np.float64]:
    """Bend a mesh (N, 3) with triangles (F, 3) towards targets (M, 3): the moved vertices (N, 3), same unit.

    A vertex whose nearest target is farther than twice the mean distance (and than 1 unit) is not drawn by it.
    mark_vertices: (K,) rows of `vertices` that belong to mark_targets (K, 3).
    """
    count, now = len(vertices), np.asarray(vertices, np.float64)
    rows = np.zeros(0, int) if mark_vertices is None else np.asarray(mark_vertices)
    wanted = np.zeros((0, 3)) if mark_targets is None else np.asarray(mark_targets, np.float64)
    edges, tree = _incidence(triangles, count), cKDTree(targets)
    maps, done = np.ones((4 * count, 3)), 0
    for stage in stages:
        stiff = sparse.kron(edges, stage.stiffness * np.diag(stage.balance)).tocsr()
        smooth = (stiff.T @ stiff).tocsc()
        for _ in range(stage.steps):
            design = _design(now)
            left, right = smooth, np.zeros((4 * count, 3))
            if stage.nearest:
                distance, near = tree.query(now)
                close = (distance < max(2 * distance.mean(), 1.0)).astype(float)
                left, right = _added(left, right, design, close, np.asarray(targets)[near])
            if len(rows):
                fade = np.exp(-0.9 * done) if stage.fading else 1.0
                pulled, aims = np.zeros(count), now.copy()
                pulled[rows], aims[rows] = stage.marks * fade, wanted
                left, right = _added(left, right, design, pulled, aims)
            last, maps = maps, splu(left.tocsc()).solve(right)
            now, done = design @ maps, done + 1
            if np.linalg.norm(maps - last) <= stage.change:
                break
    return now


def _added(left, right: Array, design, weight: Array, aims: Array):  # type: ignore[no-untyped-def]
    """Add rows weight · (design · maps - aims) to the normal equations."""
    weighted = sparse.diags(weight**2) @ design
    return left + design.T @ weighted, right + weighted.T @ aims


def _incidence(triangles: NDArray[np.integer], count: int) -> sparse.csr_matrix:
    """The matrix (edges, N) with 1 and -1 at the ends of each edge."""
    ends = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    ends = np.unique(np.sort(ends, axis=1), axis=0)
    row = np.repeat(np.arange(len(ends)), 2)
    return sparse.csr_matrix((np.tile([1.0, -1.0], len(ends)), (row, ends.ravel())), (len(ends), count))


def _design(vertices: Array) -> sparse.csr_matrix:
    """The matrix (N, 4 N) that takes stacked maps (4 N, 3) to moved vertices."""
    count = len(vertices)
    values = np.concatenate([vertices, np.ones((count, 1))], 1).ravel()
    return sparse.csr_matrix((values, np.arange(4 * count), np.arange(0, 4 * count + 1, 4)), (count, 4 * count))
