"""Normals of triangle meshes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array


def vertex_normals(vertices: Array, triangles: NDArray[np.integer]) -> NDArray[np.float32]:
    """The unit normal of each vertex (V, 3): the mean of its triangles' normals weighted by their areas.

    A vertex without area (unused, or only in collapsed triangles) gets +z, since file formats want unit length.
    """
    a, b, c = (np.asarray(vertices, np.float64)[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros((len(vertices), 3))
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, corner], face[:, axis], len(vertices))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(length > 1e-9, total / np.maximum(length, 1e-9), [0.0, 0.0, 1.0]).astype(np.float32)
