"""Closest points on a triangle mesh, and which triangles can be seen from outside: tools of the embedding scripts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]


def barycentric_of_closest(points: Floats, corners: Floats) -> Floats:
    """Give the weights (N, 3) of the point of each triangle (N, 3, 3) that is closest to each point (N, 3)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac, ap = b - a, c - a, points - a
    d00, d01, d11 = (ab * ab).sum(1), (ab * ac).sum(1), (ac * ac).sum(1)
    d20, d21 = (ap * ab).sum(1), (ap * ac).sum(1)
    area = d00 * d11 - d01**2 + 1e-20
    v, w = (d11 * d20 - d01 * d21) / area, (d00 * d21 - d01 * d20) / area
    inside = np.stack([1 - v - w, v, w], 1)
    best, least = inside, np.where((inside >= 0).all(1), 0.0, np.inf)
    for first in range(3):
        second = (first + 1) % 3
        edge = corners[:, second] - corners[:, first]
        share = np.clip(((points - corners[:, first]) * edge).sum(1) / ((edge**2).sum(1) + 1e-20), 0, 1)
        weights = np.zeros((len(points), 3))
        weights[:, first], weights[:, second] = 1 - share, share
        distance = np.linalg.norm(corners[:, first] + share[:, None] * edge - points, axis=1)
        nearer = distance < least
        best = np.where(nearer[:, None], weights, best)
        least = np.where(nearer, distance, least)
    return best


def vertex_normals(vertices: Floats, triangles: NDArray) -> Floats:
    """Give area-weighted unit normals (V, 3)."""
    corners = vertices[triangles]
    facet = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], facet)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


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
        share = barycentric_of_closest(points, corners[pick])
        distance = np.linalg.norm((corners[pick] * share[..., None]).sum(1) - points, axis=1)
        cost = distance if normals is None else distance + 30.0 * ((facet[pick] * normals).sum(1) < 0.34)
        nearer = cost < least
        best[nearer], weights[nearer], least[nearer] = pick[nearer], share[nearer], cost[nearer]
    return triangles[best], weights, least
