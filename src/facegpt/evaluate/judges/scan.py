"""Scan-to-mesh error: how far a true surface is from a reconstructed one, after rigid or similarity alignment.

The measure of NoW (Sanyal et al. 2019) and of its metric variant (Zielonka et al. 2022): start from a few landmarks,
refine by iterative closest points, then take the distance of every true vertex to the closest point of the surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.metrics import similarity_transform
from facegpt.morphable.closest_point import closest_weights
from facegpt.types import Array

#: Triangles looked at for each point, and about how many scan points drive the alignment (the error takes all).
_CANDIDATES, _ALIGNING = 12, 1500


@dataclass(frozen=True)
class Surface:
    """Triangles that points can be projected to: vertices (V, 3) mm, triangles (F, 3)."""

    vertices: Array
    triangles: NDArray[np.integer]

    def closest(self, points: Array) -> Array:
        """Give the closest surface point (N, 3) of each point (N, 3).

        Exact among the triangles with the nearest centroids, which is exact for meshes of even density.
        """
        count = min(_CANDIDATES, len(self.triangles))
        near = self._tree.query(points, count)[1].reshape(len(points), count)
        return _closest(np.ascontiguousarray(points, np.float64), self._corners, near.astype(np.int64))

    @cached_property
    def _corners(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(np.asarray(self.vertices, np.float64)[self.triangles])

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self._corners.mean(1))


def scan_to_mesh_mm(
    scan: Array, mesh: Surface, scan_marks: Array, mesh_marks: Array, *, scale: bool, steps: int = 25
) -> NDArray[np.float64]:
    """Give the distance (N,) mm of scan points (N, 3) to a mesh, after the mesh has been aligned to the scan.

    The marks (M, 3) are corresponding points of both and start the alignment. With `scale` False the mesh keeps its
    size: the metric error. Distances are in the scan's millimetres.
    """
    factor, rotation, shift = similarity_transform(scan_marks, mesh_marks, scale=scale)
    scan = np.asarray(scan, np.float64)
    some = scan[:: max(1, len(scan) // _ALIGNING)]
    for _ in range(steps):
        moved = factor * some @ rotation.T + shift
        nearest = mesh.closest(moved)
        distance = np.linalg.norm(nearest - moved, axis=1)
        kept = distance <= 3 * np.median(distance) + 1e-9  # a wrong pair must not pull the alignment
        last = moved
        factor, rotation, shift = similarity_transform(some[kept], nearest[kept], scale=scale)
        if np.abs(factor * some @ rotation.T + shift - last).max() < 0.01:
            break
    moved = factor * scan @ rotation.T + shift
    return np.linalg.norm(mesh.closest(moved) - moved, axis=1) / factor


@njit(cache=True)
def _closest(points: Array, corners: Array, near: NDArray[np.int64]) -> Array:
    found = np.empty_like(points)
    for i in range(len(points)):
        least = np.inf
        for k in range(near.shape[1]):
            f = near[i, k]
            a, b, c = corners[f, 0], corners[f, 1], corners[f, 2]
            u, v, w = closest_weights(points[i, 0], points[i, 1], points[i, 2], a, b, c)
            candidate = u * a + v * b + w * c
            distance = ((candidate - points[i]) ** 2).sum()
            if distance < least:
                least = distance
                found[i] = candidate
    return found
