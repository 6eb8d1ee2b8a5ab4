"""Normals of triangle meshes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.types import Array


def vertex_normals(vertices: Array, triangles: NDArray[np.integer]) -> NDArray[np.float32]:
    """The unit normal of each vertex (V, 3): the mean of its triangles' normals weighted by their areas.

    A vertex without area (unused, or only in collapsed triangles) gets +z, since file formats want unit length.
    """
    places = np.ascontiguousarray(vertices, np.float64)
    out = np.empty((len(places), 3), np.float32)
    _normals(places, np.ascontiguousarray(triangles, np.int64), np.zeros((len(places), 3)), out)
    return out


@njit(cache=True, nogil=True)
def _normals(places, triangles, total, out):  # type: ignore[no-untyped-def]
    """Sum the triangles' normals in total (V, 3), and write the unit ones to out (V, 3)."""
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ux, uy, uz = places[b, 0] - places[a, 0], places[b, 1] - places[a, 1], places[b, 2] - places[a, 2]
        wx, wy, wz = places[c, 0] - places[a, 0], places[c, 1] - places[a, 1], places[c, 2] - places[a, 2]
        x, y, z = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        for k in range(3):
            v = triangles[f, k]
            total[v, 0] += x
            total[v, 1] += y
            total[v, 2] += z
    for v in range(len(places)):
        x, y, z = total[v, 0], total[v, 1], total[v, 2]
        length = np.sqrt(x * x + y * y + z * z)
        if length > 1e-9:
            out[v, 0], out[v, 1], out[v, 2] = x / length, y / length, z / length
        else:
            out[v, 0], out[v, 1], out[v, 2] = 0.0, 0.0, 1.0
