"""Hair laid on the skin: nothing of it under the skin, and no skin through it."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lab.runs.shared.surface import Surface, vertex_normals

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Hair keeps this far above the skin, mm; hair deeper than DEEP_MM under it is meant to be there (tucked in) and stays.
CLEARANCE_MM, DEEP_MM = 1.2, 14.0
ROUNDS = 6
#: Hair over the ears is this far out from them, mm.
OVER_EARS_MM = 3.0
#: How much of its shading normal a card of hair gives itself.
CARDS_SHARE = 0.3


def lifted(vertices: Array, triangles: Ints, skin: Surface) -> Array:
    """Lift a hair mesh (P, 3) out of the skin by a smooth field."""
    sides = np.array([[1, 1, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]], float)
    sides /= sides.sum(1, keepdims=True)
    average = neighbours(triangles, len(vertices))
    for _ in range(ROUNDS):
        lift, weight = np.zeros_like(vertices), np.zeros(len(vertices))
        own = _outward(vertices, skin)
        needed = np.linalg.norm(own, axis=1)
        lift += own
        weight += needed > 0
        for side in sides:
            points = np.einsum("c,fcx->fx", side, vertices[triangles])
            push = _outward(points, skin)
            for corner in np.flatnonzero(side):
                np.add.at(lift, triangles[:, corner], push)
                np.add.at(weight, triangles[:, corner], np.linalg.norm(push, axis=1) > 0)
        lift /= np.maximum(weight, 1)[:, None]
        lift = np.where(
            needed[:, None] > 0, np.where(weight[:, None] > 0, lift, own), 0.6 * lift + 0.4 * average @ lift
        )
        vertices = vertices + lift
    return vertices


def over_ears(vertices: Array, triangles: Ints, ears: Array) -> Array:
    """Widen a hair mesh (P, 3) smoothly to the sides, so that ears (E, 3) are inside."""
    average = neighbours(triangles, len(vertices))
    widened = np.zeros(len(vertices))
    for side in (-1, 1):
        own = ears[ears[:, 0] * side > 0]
        distance, near = cKDTree(own[:, 1:]).query(vertices[:, 1:], 8)
        wall = (np.abs(own[near, 0]) * (distance < 9)).max(1) + OVER_EARS_MM
        x = vertices[:, 0] * side
        inside = (x > wall - 30) & (x < wall) & (distance[:, 0] < 9)
        widened += np.where(inside, wall - x, 0.0) * side
    needed = widened.copy()
    for _ in range(12):
        smooth = average @ widened
        widened = np.where(np.abs(smooth) > np.abs(needed), smooth, np.where(needed != 0, needed, smooth))
    return vertices + widened[:, None] * [1.0, 0.0, 0.0]


def _outward(points: Array, skin: Surface) -> Array:
    """How far and where points (N, 3) must move to be CLEARANCE_MM above the skin: (N, 3), 0 where they are."""
    match = skin.closest(points)
    normal = skin.normals[match.triangle]
    height = ((points - match.point) * normal).sum(1)
    beneath = (height < CLEARANCE_MM) & (height > -DEEP_MM) & (match.distance < DEEP_MM)
    return np.where(beneath, CLEARANCE_MM - height, 0.0)[:, None] * normal


def neighbours(triangles: Ints, count: int) -> sp.csr_matrix:
    """(V, V) averages over each vertex' neighbours."""
    a = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    a = np.concatenate([a, a[:, ::-1]])
    matrix = sp.csr_matrix((np.ones(len(a)), (a[:, 0], a[:, 1])), (count, count))
    matrix.data[:] = 1
    return sp.diags(1 / np.maximum(np.asarray(matrix.sum(1)).ravel(), 1)) @ matrix


def soft_normals(vertices: Array, triangles: Ints, centre: Array) -> Array:
    """Normals to shade cards of hair with (P, 3): those of a ball, and a share of those of the cards turned outwards.

    With more of the cards' own, each fold beside a parting catches the light like bent metal.
    """
    away = vertices - centre
    away[:, 1] = np.where(away[:, 1] < 0, 0.25 * away[:, 1], away[:, 1])  # below, hair hangs: a capsule, not a ball
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    own = vertex_normals(vertices, triangles)
    own *= np.where((own * away).sum(1, keepdims=True) < 0, -1, 1)
    both = CARDS_SHARE * own + (1 - CARDS_SHARE) * away
    return both / np.linalg.norm(both, axis=1, keepdims=True)
