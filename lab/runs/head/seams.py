"""Seams between lips and between lids: where they meet, and the smooth motion that closes them."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from scipy.spatial import cKDTree

from lab.runs.head.template import Template, edge_loop, quad_edges
from lab.runs.shared.sources import Array, BaseMesh
from lab.runs.shared.surface import Ints, edges_of, gradient

#: Edge loops of MakeHuman's base mesh around the mouth's opening: front of the lips, and where they touch.
LIP_LOOPS = (474, 523)
#: Edge loop of the left eye's lid margin, outer edge.
LID_LOOP = (6785, 6784)
#: How hard a seam is pulled together, relative to the smoothness of the motion that closes it.
PULL = 300.0


def base_loop(base: BaseMesh, place: dict[int, int], start: int, second: int | None = None) -> Ints:
    """An edge loop of the base mesh's body as vertices of the head, in order."""
    quads = base.quads[base.group == "body"]
    shared = quad_edges(quads)
    if second is None:
        beside = [v for e in shared if start in e for v in e if v != start]
        second = max(beside, key=lambda v: base.vertices[v, 0])
    return np.array([place[v] for v in edge_loop(quads, shared, start, second)])


def split_loop(loop: Ints, points: Array) -> tuple[Ints, Ints]:
    """Split a loop at its leftmost and rightmost vertex: (upper, lower), both from the smaller to the larger x."""
    x = points[loop, 0]
    first = np.roll(loop, -int(np.argmin(x)))
    turn = int(np.argmax(points[first, 0]))
    one, other = first[: turn + 1], np.r_[first[turn:], first[0]][::-1]
    return (one, other) if points[one, 1].mean() > points[other, 1].mean() else (other, one)


def gap_rows(upper: Ints, lower: Ints, points: Array) -> sp.csr_matrix:
    """Differences upper - lower at equal shares of their arc length: one row per inner vertex of either half."""

    def share(chain: Ints) -> Array:
        s = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points[chain], axis=0), axis=1))]
        return s / s[-1]

    rows, count = [], len(points)
    for chain, other, sign in ((upper, lower, 1.0), (lower, upper, -1.0)):
        position = np.interp(share(chain)[1:-1], share(other), np.arange(len(other)))
        low = np.clip(position.astype(int), 0, len(other) - 2)
        for vertex, k, t in zip(chain[1:-1], low, position - low, strict=True):
            row = sp.lil_matrix((1, count))
            row[0, vertex] += sign
            row[0, other[k]] -= sign * (1 - t)
            row[0, other[k + 1]] -= sign * t
            rows.append(row)
    return sp.vstack(rows).tocsr()


class Seam:
    """Pairs of places that should meet, and the smooth motion of their surroundings that makes them."""

    def __init__(self, template: Template, points: Array, loops: list[Ints], reach_mm: float) -> None:
        halves = [split_loop(loop, points) for loop in loops]
        self.gap = sp.vstack([gap_rows(upper, lower, points) for upper, lower in halves]).tocsr()
        members = np.unique(np.concatenate(loops))
        skin = np.unique(template.skin_quads)
        distance, _ = cKDTree(points[members]).query(points[skin])
        self.moving = skin[distance < reach_mm]
        edges = edges_of(template.skin_quads)
        length = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
        step = gradient(edges, len(points), 1 / np.sqrt(np.maximum(length, 0.2)))
        plain = step.T @ step
        bend = plain @ sp.diags(1 / np.maximum(plain.diagonal(), 1e-6)) @ plain
        own = (0.3 * plain + bend)[self.moving][:, self.moving]
        gap = self.gap[:, self.moving]
        system = own + PULL * (gap.T @ gap) + 1e-6 * sp.identity(len(self.moving))
        self._solve = spl.splu(system.tocsc()).solve
        self._pull = PULL * gap.T

    def opening(self, points: Array) -> Array:
        """Upper minus lower (P, 3) at every pair."""
        return self.gap @ points

    def closing(self, opening: Array) -> Array:
        """The motion (V, 3) that takes away the given opening (P, 3), zero beyond the seam's reach."""
        motion = np.zeros((self.gap.shape[1], 3))
        motion[self.moving] = self._solve(-(self._pull @ opening))
        return motion
