"""Cards that move with the skin at their roots: each stiffly, as the skin round its root turns. Frame: head, mm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.morphable.base import MorphableModel
from facegpt.types import Array

#: Vertices of the skin round a root that tell how it turns, and how near the half of their weight lies, mm.
NEAR, REACH_MM = 24, 10.0
#: Cards that move by less than this stay where they are in files, mm: each target of each card takes room.
STILL_MM = 0.7


@dataclass(frozen=True, eq=False)
class Rooted:
    """Roots of N cards with P vertices on a head of V vertices.

    Attributes:
        card: (P,) which card each vertex belongs to. corners, weights: (N, 3) where each card roots.
        near: (N, K) vertices of the skin round each root. share: (N, K) their weights, rows sum to 1.
    """

    card: NDArray[np.integer]
    corners: NDArray[np.integer]
    weights: Array
    near: NDArray[np.integer]
    share: Array

    def spread(self, values: Array) -> NDArray[np.float32]:
        """Values (V, C) of the head at the root of each vertex's card: (P, C)."""
        return np.einsum("nk,nkc->nc", self.weights, values[self.corners])[self.card].astype(np.float32)

    def moves_for_file(self, points: Array, rest: Array, moved: Array) -> NDArray[np.float32]:
        """The same as `moves`, 0 for cards that hardly move."""
        moves = self.moves(points, rest, moved)
        most = np.zeros(len(self.corners))
        np.maximum.at(most, self.card, np.linalg.norm(moves, axis=1))
        return np.where((most > STILL_MM)[self.card, None], moves, np.float32(0))

    def motion(self, rest: Array, moved: Array) -> tuple[Array, Array, Array]:
        """How each card moves as the head does from `rest` to `moved` (V, 3).

        Returns the roots (N, 3), their shifts (N, 3) and rotations (N, 3, 3).
        """
        root = np.einsum("nk,nkc->nc", self.weights, rest[self.corners])
        shift = np.einsum("nk,nkc->nc", self.weights, (moved - rest)[self.corners])
        turn = np.tile(np.eye(3), (len(root), 1, 1))
        rows = np.flatnonzero((moved != rest)[self.near].any((1, 2)))
        if len(rows):
            turn[rows] = _rotations(rest[self.near[rows]], moved[self.near[rows]], self.share[rows])
        return root, shift, turn

    def moves(self, points: Array, rest: Array, moved: Array) -> NDArray[np.float32]:
        """What is added to points (P, 3) of the cards as the head moves from `rest` to `moved` (V, 3)."""
        root, shift, turn = self.motion(rest, moved)
        away = points - root[self.card]
        turned = np.einsum("pij,pj->pi", turn[self.card], away) - away
        return np.asarray(shift[self.card] + turned, np.float32)

    def turned(self, directions: Array, rest: Array, moved: Array) -> NDArray[np.float32]:
        """Directions (P, 3) of the cards once the head has moved from `rest` to `moved` (V, 3)."""
        turn = self.motion(rest, moved)[2]
        return np.einsum("pij,pj->pi", turn[self.card], directions).astype(np.float32)


def rooted_at(model: MorphableModel, corners: NDArray[np.integer], weights: Array, card: NDArray[np.integer]) -> Rooted:
    """Roots of cards on the skin of a model; neighbours are those of its mean head."""
    mean = np.asarray(model.mean_vertices, np.float64)
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    root = np.einsum("nk,nkc->nc", weights, mean[corners])
    away, near = cKDTree(mean[skin]).query(root, k=NEAR)
    share = np.exp2(-((away / REACH_MM) ** 2))
    return Rooted(card, corners, weights, skin[near], share / share.sum(1, keepdims=True))


def _rotations(rest: Array, moved: Array, share: Array) -> Array:
    """Rotations (N, 3, 3) that carry points (N, K, 3) nearest to where they went, by weights (N, K) (Kabsch 1976)."""
    weights = share[..., None]
    before = rest - (weights * rest).sum(1, keepdims=True)
    after = moved - (weights * moved).sum(1, keepdims=True)
    u, _, vt = np.linalg.svd(np.einsum("nkj,nki->nij", weights * before, after))
    sign = np.ones((len(u), 3))
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    return np.asarray((u * sign[:, None]) @ vt)
