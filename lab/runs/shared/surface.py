"""Geometry on triangle meshes: closest points, normals, visibility, stiffness of edges."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lab.runs.shared.sources import Array

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Closest:
    """Closest points on a surface: point (N, 3), triangle (N,) row, weights (N, 3) barycentric, distance (N,)."""

    point: Array
    triangle: Ints
    weights: Array
    distance: Array


def vertex_normals(vertices: Array, triangles: Ints) -> Array:
    """Area-weighted unit normals (V, 3); zero where a vertex has no triangle."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(total, triangles[:, k], facing)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


class Surface:
    """A triangle mesh that answers closest-point queries (candidates by triangle centre)."""

    def __init__(self, vertices: Array, triangles: Ints) -> None:
        self.vertices, self.triangles = vertices, triangles
        self._tree = cKDTree(vertices[triangles].mean(1))
        a, b, c = (vertices[triangles[:, k]] for k in range(3))
        facing = np.cross(b - a, c - a)
        self.normals = facing / np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)

    def closest(self, points: Array, normals: Array | None = None, least_cosine: float = 0.3, k: int = 30) -> Closest:
        """Find the closest points; with `normals`, triangles that face elsewhere count as 1000 mm further away."""
        _, candidates = self._tree.query(points, k)
        best = np.full(len(points), np.inf)
        triangle = np.zeros(len(points), int)
        weights, point = np.zeros((len(points), 3)), np.zeros((len(points), 3))
        for column in candidates.T:
            a, b, c = (self.vertices[self.triangles[column, j]] for j in range(3))
            bary = closest_barycentric(points, a, b, c)
            found = bary[:, :1] * a + bary[:, 1:2] * b + bary[:, 2:] * c
            square = ((points - found) ** 2).sum(1)
            if normals is not None:
                square = square + 1e6 * ((normals * self.normals[column]).sum(1) < least_cosine)
            better = square < best
            best[better], triangle[better] = square[better], column[better]
            weights[better], point[better] = bary[better], found[better]
        return Closest(point, triangle, weights, np.sqrt(best))


def closest_barycentric(p: Array, a: Array, b: Array, c: Array) -> Array:
    """Barycentric weights (N, 3) of the point of triangle abc that is closest to p."""
    ab, ac, ap = b - a, c - a, p - a
    d00, d01, d11 = (ab * ab).sum(1), (ab * ac).sum(1), (ac * ac).sum(1)
    d20, d21 = (ap * ab).sum(1), (ap * ac).sum(1)
    area = d00 * d11 - d01**2 + 1e-20
    v, w = (d11 * d20 - d01 * d21) / area, (d00 * d21 - d01 * d20) / area
    inside = np.stack([1 - v - w, v, w], 1)
    out = (inside < 0).any(1)
    if not out.any():
        return inside
    best = np.full(out.sum(), np.inf)
    clamped = np.zeros((out.sum(), 3))
    ends = (a[out], b[out], c[out])
    for i in range(3):
        start, edge = ends[i], ends[(i + 1) % 3] - ends[i]
        t = np.clip(((p[out] - start) * edge).sum(1) / ((edge * edge).sum(1) + 1e-20), 0, 1)
        square = ((start + t[:, None] * edge - p[out]) ** 2).sum(1)
        better = square < best
        best[better] = square[better]
        row = np.zeros((len(t), 3))
        row[:, i], row[:, (i + 1) % 3] = 1 - t, t
        clamped[better] = row[better]
    inside[out] = clamped
    return inside


@numba.njit(cache=True)
def _front_triangles(xyz, triangles, size):
    """Number of the frontmost triangle of each pixel (size, size), -1 where nothing is; nearer is larger z."""
    depth = np.full((size, size), -1e30)
    owner = np.full((size, size), -1, np.int64)
    for f in range(triangles.shape[0]):
        x0, y0, z0 = xyz[triangles[f, 0]]
        x1, y1, z1 = xyz[triangles[f, 1]]
        x2, y2, z2 = xyz[triangles[f, 2]]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0:
            continue
        for y in range(max(0, int(min(y0, y1, y2))), min(size - 1, int(max(y0, y1, y2)) + 1) + 1):
            for x in range(max(0, int(min(x0, x1, x2))), min(size - 1, int(max(x0, x1, x2)) + 1) + 1):
                w0 = ((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / area
                w1 = ((x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)) / area
                if w0 >= 0 and w1 >= 0 and w0 + w1 <= 1:
                    z = w0 * z0 + w1 * z1 + (1 - w0 - w1) * z2
                    if z > depth[y, x]:
                        depth[y, x] = z
                        owner[y, x] = f
    return owner


def views_seen_from(vertices: Array, triangles: Ints, size: int = 700) -> Ints:
    """Count from how many of 26 directions around (no light from behind excepted) each vertex is seen."""
    directions = [(yaw, pitch) for yaw in (-90, -60, -30, 0, 30, 60, 90) for pitch in (-35, 0, 30)]
    directions += [(180, 0), (135, 0), (-135, 0), (0, 70), (0, -65)]
    centre = 0.5 * (vertices.min(0) + vertices.max(0))
    scale = size / (1.05 * np.linalg.norm(np.ptp(vertices, axis=0)))
    seen = np.zeros(len(vertices), int)
    for yaw, pitch in np.radians(directions):
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        nod = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        xyz = (vertices - centre) @ (nod @ turn).T * scale
        xyz[:, :2] += size / 2
        owner = _front_triangles(xyz, triangles, size)
        front = np.unique(triangles[np.unique(owner[owner >= 0])])
        seen[front] += 1
    return seen


def edges_of(quads: Ints) -> Ints:
    """Unique edges (E, 2) of quads or triangles."""
    k = quads.shape[1]
    pairs = np.concatenate([quads[:, [j, (j + 1) % k]] for j in range(k)])
    return np.unique(np.sort(pairs, 1), axis=0)


def gradient(edges: Ints, count: int, stiffness: Array | None = None) -> sp.csr_matrix:
    """Edge differences (E, V), each row times its stiffness."""
    rows = np.arange(len(edges))
    scale = np.ones(len(edges)) if stiffness is None else stiffness
    data = np.r_[scale, -scale]
    return sp.csr_matrix((data, (np.r_[rows, rows], np.r_[edges[:, 0], edges[:, 1]])), (len(edges), count))
