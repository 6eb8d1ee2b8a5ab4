"""Which places of a picture, or of any plane, lie in an outline. Units are the caller's; x and y are the last axis."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from facegpt.types import Array


def in_polygon(places: Array, corners: Array) -> NDArray[np.bool_]:
    """Which of places (N, 2) lie in a closed polygon of corners (P, 2), by the even-odd rule."""
    (x, y), low, high = np.ascontiguousarray(places.T), corners.min(0), corners.max(0)
    inside = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    (x0, y0), (x1, y1) = corners.T[..., None], np.roll(corners, -1, 0).T[..., None]
    x, y = x[inside], y[inside]
    rise = np.where(y1 == y0, 1.0, y1 - y0)  # level edges are crossed nowhere
    crossed = ((y0 > y) != (y1 > y)) & (x < x0 + (x1 - x0) * (y - y0) / rise)
    inside[inside] = np.logical_xor.reduce(crossed)
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
    return np.asarray(_distance_outside(*(_plain(each) for each in (places, corners, side, length))))


def distance_to_points(places: Array, points: Array) -> NDArray[np.float64]:
    """How far places (N, 2) lie from the nearest of points (P, 2)."""
    return np.asarray(_distance_to_points(_plain(places), _plain(points)))


def _plain(values: Array) -> NDArray[np.float64]:
    return np.ascontiguousarray(values, np.float64)


@njit(cache=True)
def _distance_outside(
    places: NDArray[np.float64], corners: NDArray[np.float64], side: NDArray[np.float64], length: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same, of sides (P, 2) that begin at the corners and their squared lengths (P,)."""
    out = np.empty(len(places))
    for n in range(len(places)):
        x, y, nearest, inside = places[n, 0], places[n, 1], np.inf, False
        for k in range(len(corners)):
            across, down = x - corners[k, 0], y - corners[k, 1]
            along = min(max((across * side[k, 0] + down * side[k, 1]) / length[k], 0.0), 1.0)
            off_x, off_y = across - along * side[k, 0], down - along * side[k, 1]
            nearest = min(nearest, off_x * off_x + off_y * off_y)
            after = corners[k + 1 if k + 1 < len(corners) else 0, 1]
            if (corners[k, 1] > y) != (after > y) and x < corners[k, 0] + side[k, 0] * down / side[k, 1]:
                inside = not inside  # even-odd rule
        out[n] = -np.sqrt(nearest) if inside else np.sqrt(nearest)
    return out


@njit(cache=True)
def _distance_to_points(places: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.empty(len(places))
    for n in range(len(places)):
        nearest = np.inf
        for k in range(len(points)):
            across, down = places[n, 0] - points[k, 0], places[n, 1] - points[k, 1]
            nearest = min(nearest, across * across + down * down)
        out[n] = np.sqrt(nearest)
    return out
