"""Triangles as a surface: the place on it that is closest to a point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.morphable.closest_point import closest_weights
from facegpt.types import Array

#: Triangles looked at for each point.
_CANDIDATES = 12


@dataclass(frozen=True)
class Surface:
    """Triangles that points can be projected to: vertices (V, 3) mm, triangles (F, 3)."""

    vertices: Array
    triangles: NDArray[np.integer]

    def closest(self, points: Array) -> Array:
        """Closest surface point (N, 3) of each point (N, 3).

        Exact among the triangles with the nearest centroids, which is exact for meshes of even density.
        """
        chosen, weights = self.places(points)
        return np.einsum("ncx,nc->nx", self._corners[chosen], weights)

    def places(self, points: Array) -> tuple[NDArray[np.int64], Array]:
        """Closest places of points (N, 3), exact as in `closest`: triangles (N,) and barycentric weights (N, 3)."""
        count = min(_CANDIDATES, len(self._whole))
        near = self._whole[self._tree.query(points, count)[1].reshape(len(points), count)]
        return _places(np.ascontiguousarray(points, np.float64), self._corners, near.astype(np.int64))

    @cached_property
    def normals(self) -> NDArray[np.float64]:
        """(F, 3) unit normals of the triangles; 0 where a triangle has no area."""
        normal = np.cross(self._corners[:, 1] - self._corners[:, 0], self._corners[:, 2] - self._corners[:, 0])
        return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)

    @cached_property
    def _corners(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(np.asarray(self.vertices, np.float64)[self.triangles])

    @cached_property
    def _whole(self) -> NDArray[np.intp]:
        """The triangles that have an area: the others have no closest place of their own."""
        sides = self._corners[:, 1:] - self._corners[:, :1]
        area = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1)
        return np.flatnonzero(area > 1e-12 * max(float(area.max()), 1e-300))

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self._corners[self._whole].mean(1))


@njit(cache=True)
def _places(points: Array, corners: Array, near: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array]:
    chosen, weights = np.empty(len(points), np.int64), np.empty((len(points), 3))
    for i in range(len(points)):
        least = np.inf
        for k in range(near.shape[1]):
            f = near[i, k]
            a, b, c = corners[f, 0], corners[f, 1], corners[f, 2]
            u, v, w = closest_weights(points[i, 0], points[i, 1], points[i, 2], a, b, c)
            distance = 0.0
            for d in range(3):
                off = u * a[d] + v * b[d] + w * c[d] - points[i, d]
                distance += off * off
            if distance < least:
                least = distance
                chosen[i] = f
                weights[i, 0], weights[i, 1], weights[i, 2] = u, v, w
    return chosen, weights
