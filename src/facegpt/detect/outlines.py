"""Which places of a picture, or of any plane, lie in an outline. Units are the caller's; x and y are the last axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from facegpt.types import Array


def in_polygon(places: Array, corners: Array) -> NDArray[np.bool_]:
    """Which of places (N, 2) lie in a closed polygon of corners (P, 2), by the even-odd rule."""
    inside = ((places >= corners.min(0)) & (places <= corners.max(0))).all(1)
    (x0, y0), (x1, y1) = corners.T[..., None], np.roll(corners, -1, 0).T[..., None]
    x, y = places[inside].T
    rise = np.where(y1 == y0, 1.0, y1 - y0)  # level edges are crossed nowhere
    crossed = ((y0 > y) != (y1 > y)) & (x < x0 + (x1 - x0) * (y - y0) / rise)
    inside[inside] = crossed.sum(0) % 2 == 1
    return np.asarray(inside)


def in_hull(places: Array, points: Array) -> NDArray[np.bool_]:
    """Which of places (..., 2) lie inside the convex hull of points (N, 2)."""
    low, high = points.min(0), points.max(0)
    x, y = places[..., 0], places[..., 1]
    inside = (x > low[0]) & (x < high[0]) & (y > low[1]) & (y < high[1])
    edges = ConvexHull(points).equations
    inside[inside] = (places[inside] @ edges[:, :2].T + edges[:, 2] < 0).all(1)
    return np.asarray(inside)


def distance_outside(places: Array, corners: Array) -> NDArray[np.float64]:
    """How far places (N, 2) lie outside a closed polygon of corners (P, 2); negative inside."""
    side = np.roll(corners, -1, 0) - corners
    length = np.maximum((side**2).sum(1), 1e-12)
    away = places[:, None] - corners
    along = np.clip((away * side).sum(-1) / length, 0, 1)
    gap = np.linalg.norm(away - along[..., None] * side, axis=-1).min(1)
    return np.where(in_polygon(places, corners), -gap, gap)
