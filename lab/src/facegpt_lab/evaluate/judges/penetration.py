"""How deep points are inside a body of which only a patch of the surface is known, and what hides a sphere.

A point behind a patch has entered it by its distance from the surface. Patches are open, so only hits inside a patch
count: next to its border there is no telling inside from outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.morphable.closest_point import closest_weights
from facegpt.types import Array

Ints = NDArray[np.int64]

#: Triangles tried for each point, nearest centres first.
_CANDIDATES = 10


@dataclass(frozen=True)
class Patch:
    """An open piece of the surface: `triangles` (n, 3) into the head's vertices; normals point out of the tissue."""

    triangles: Ints

    @cached_property
    def across(self) -> Ints:
        """(n, 3) the triangle on the other side of the edge opposite to each corner, -1 on the patch's border."""
        corner = self.triangles
        ends = np.stack([np.sort(corner[:, [(k + 1) % 3, (k + 2) % 3]], 1) for k in range(3)], 1).reshape(-1, 2)
        _, edge = np.unique(ends, axis=0, return_inverse=True)
        order = np.argsort(edge.ravel(), kind="stable")
        found = np.full(len(ends), -1)
        twins = np.flatnonzero(np.diff(edge.ravel()[order]) == 0)
        found[order[twins]], found[order[twins + 1]] = order[twins + 1] // 3, order[twins] // 3
        return found.reshape(-1, 3)

    @cached_property
    def border_corner(self) -> NDArray[np.bool_]:
        """(n, 3) whether each corner is a vertex of the patch's border."""
        mask = np.zeros(int(self.triangles.max()) + 1, bool)
        for k in range(3):
            mask[self.triangles[self.across[:, k] < 0][:, [(k + 1) % 3, (k + 2) % 3]]] = True
        return mask[self.triangles]


def penetration_mm(points: Array, vertices: Array, patch: Patch, deepest_mm: float) -> NDArray[np.float64]:
    """How deep points (N, 3) are behind a patch of vertices (V, 3): (N,) mm, 0 for those in front.

    Also 0 where the closest point is on the patch's border, or further away than `deepest_mm`. The side is told by
    pseudo-normals, which is exact at edges and corners too (Bærentzen and Aanæs 2005).
    """
    corners = np.ascontiguousarray(vertices[patch.triangles], np.float64)
    middles = corners.mean(1)
    reach = deepest_mm + np.linalg.norm(corners - middles[:, None], axis=2).max()
    count = min(_CANDIDATES, len(corners))
    points = np.ascontiguousarray(points, np.float64)
    depth = np.zeros(len(points))
    far, near = cKDTree(middles).query(points, count, distance_upper_bound=reach)
    near, some = near.reshape(len(points), count), np.flatnonzero(far.reshape(len(points), count)[:, 0] < np.inf)
    if len(some):
        normals = _corner_normals(corners, patch.triangles, len(vertices))
        depth[some] = _depths(
            points[some], corners, normals, near[some], patch.across, patch.border_corner, float(deepest_mm)
        )
    return depth


def _corner_normals(corners: Array, triangles: Ints, count: int) -> Array:
    """Normals (n, 4, 3): of each corner's vertex, weighted by angle, and last of the triangle itself."""
    side = np.roll(corners, -1, 1) - corners
    side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-12)
    back = -np.roll(side, 1, 1)
    angle = np.arccos(np.clip((side * back).sum(2), -1, 1))
    facing = np.cross(side[:, 0], back[:, 0])
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
    total = np.zeros((count, 3))
    for k in range(3):
        np.add.at(total, triangles[:, k], angle[:, k, None] * facing)
    return np.ascontiguousarray(np.concatenate([total[triangles], facing[:, None]], 1))


@njit(cache=True)
def _depths(points, corners, normals, near, across, border_corner, deepest):
    """Depth of each point behind the closest point among its candidate triangles."""
    depth = np.zeros(len(points))
    for i in range(len(points)):
        x, y, z = points[i]
        best, inside, sign = deepest * deepest, False, 0.0
        for k in near[i]:
            if k == len(corners):
                break
            a, b, c = corners[k]
            w = closest_weights(x, y, z, a, b, c)
            dx = x - w[0] * a[0] - w[1] * b[0] - w[2] * c[0]
            dy = y - w[0] * a[1] - w[1] * b[1] - w[2] * c[1]
            dz = z - w[0] * a[2] - w[1] * b[2] - w[2] * c[2]
            square = dx * dx + dy * dy + dz * dz
            if square < best:
                best, inside = square, True
                normal, other = normals[k, 3], normals[k, 3]
                for j in range(3):
                    if w[j] < 1e-9:
                        if across[k, j] < 0:
                            inside = False
                        else:
                            other = normals[across[k, j], 3]
                for j in range(3):
                    if w[j] > 1 - 1e-9:
                        normal, other = normals[k, j], normals[k, j]
                        inside = not border_corner[k, j]
                sign = (normal[0] + other[0]) * dx + (normal[1] + other[1]) * dy + (normal[2] + other[2]) * dz
        if inside and sign < 0:
            depth[i] = np.sqrt(best)
    return depth


@njit(cache=True)
def uncovered(corners, centre, radius, step):
    """Count rays along -z, `step` apart, that meet the front of a sphere before any triangle (within 60 degrees)."""
    half = int(0.87 * radius / step)
    hidden = np.zeros((2 * half + 1, 2 * half + 1), np.bool_)
    for k in range(len(corners)):
        ax, ay, az = (corners[k, 0] - centre) / step
        bx, by, bz = (corners[k, 1] - centre) / step
        cx, cy, cz = (corners[k, 2] - centre) / step
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if area == 0:
            continue
        for row in range(max(-half, math.ceil(min(ay, by, cy))), min(half, math.floor(max(ay, by, cy))) + 1):
            for column in range(max(-half, math.ceil(min(ax, bx, cx))), min(half, math.floor(max(ax, bx, cx))) + 1):
                v = ((column - ax) * (cy - ay) - (cx - ax) * (row - ay)) / area
                w = ((bx - ax) * (row - ay) - (column - ax) * (by - ay)) / area
                ball = max((radius / step) ** 2 - row * row - column * column, 0.0)
                z = az + v * (bz - az) + w * (cz - az)
                if v >= 0 and w >= 0 and v + w <= 1 and z > np.sqrt(ball):
                    hidden[row + half, column + half] = True
    count = 0
    for row in range(-half, half + 1):
        for column in range(-half, half + 1):
            if not hidden[row + half, column + half] and (row * row + column * column) * step**2 < (0.87 * radius) ** 2:
                count += 1
    return count
