"""Closest points of the skin that face the same way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lab.runs.shared.surface import closest_barycentric

Floats = NDArray[np.float64]


def closest_on_surface(
    points: Floats, vertices: Floats, triangles: NDArray, normals: Floats | None = None, candidates: int = 40
) -> tuple[NDArray, Floats, Floats]:
    """Find the closest surface point of each point: corners (N, 3), weights (N, 3), distance (N,) mm.

    With `normals` (N, 3), triangles that face another way (by more than 70°) are avoided.
    """
    corners = vertices[triangles]
    facet = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facet /= np.linalg.norm(facet, axis=1, keepdims=True) + 1e-12
    _, near = cKDTree(corners.mean(1)).query(points, candidates)
    best, weights, least = np.zeros(len(points), int), np.zeros((len(points), 3)), np.full(len(points), np.inf)
    for k in range(candidates):
        pick = near[:, k]
        share = closest_barycentric(points, *corners[pick].transpose(1, 0, 2))
        distance = np.linalg.norm((corners[pick] * share[..., None]).sum(1) - points, axis=1)
        cost = distance if normals is None else distance + 30.0 * ((facet[pick] * normals).sum(1) < 0.34)
        nearer = cost < least
        best[nearer], weights[nearer], least[nearer] = pick[nearer], share[nearer], cost[nearer]
    return triangles[best], weights, least
