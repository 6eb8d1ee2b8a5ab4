"""Which places of a picture, or of any plane, lie in an outline. Units are the caller's; x and y are the last axis."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from facegpt.render.scalar import INLINE, KERNEL
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
    inside = np.empty(places.shape[:-1], np.bool_)
    edges, box = ConvexHull(points).equations, np.concatenate([points.min(0), points.max(0)])
    _in_hull(_plain(places).reshape(-1, 2), _plain(edges), _plain(box), inside.reshape(-1))
    return inside


def distance_outside(places: Array, corners: Array) -> NDArray[np.float64]:
    """How far places (N, 2) lie outside a closed polygon of corners (P, 2); negative inside."""
    side = np.roll(corners, -1, 0) - corners
    per_length, out = 1 / np.maximum((side**2).sum(1), 1e-12), np.empty(len(places))
    box = corners.min(0), corners.max(0)
    _distance_outside(*(_plain(each) for each in (places, corners.T, side.T, per_length, *box)), out)
    return out


def distance_to_points(places: Array, points: Array) -> NDArray[np.float64]:
    """How far places (N, 2) lie from the nearest of points (P, 2)."""
    return np.asarray(_distance_to_points(_plain(places), _plain(points)))


def _plain(values: Array) -> NDArray[np.float64]:
    return np.ascontiguousarray(values, np.float64)


@njit(**KERNEL)
def _in_hull(places, edges, box, inside):  # type: ignore[no-untyped-def]
    """Write which places (N, 2) lie inside edges (E, 3), outward normals and offsets, of a hull with a box (4,)."""
    for n in range(len(places)):
        x, y = places[n, 0], places[n, 1]
        within = box[0] < x < box[2] and box[1] < y < box[3]
        k = 0
        while within and k < len(edges):
            within = x * edges[k, 0] + y * edges[k, 1] + edges[k, 2] < 0
            k += 1
        inside[n] = within


@njit(**KERNEL, fastmath=True)
def _distance_outside(places, corners, side, per_length, low, high, out):  # type: ignore[no-untyped-def]
    """The same, of sides (2, P) that begin at corners (2, P), one over their squared lengths (P,), and their box.

    Loops over plain rows use the processor's wide registers.
    """
    corner_x, corner_y, side_x, side_y = corners[0], corners[1], side[0], side[1]
    for n in range(len(places)):
        x, y, nearest = places[n, 0], places[n, 1], 1e300
        for k in range(len(corner_x)):
            across, down = x - corner_x[k], y - corner_y[k]
            along = min(max((across * side_x[k] + down * side_y[k]) * per_length[k], 0.0), 1.0)
            off_x, off_y = across - along * side_x[k], down - along * side_y[k]
            nearest = min(nearest, off_x * off_x + off_y * off_y)
        within = low[0] <= x <= high[0] and low[1] <= y <= high[1] and _is_inside(x, y, corners, side)
        out[n] = -np.sqrt(nearest) if within else np.sqrt(nearest)


@njit(**INLINE)
def _is_inside(x, y, corners, side):  # type: ignore[no-untyped-def]
    """Whether a place lies inside a polygon, by the even-odd rule."""
    inside, count = False, corners.shape[1]
    for k in range(count):
        after = corners[1, k + 1 if k + 1 < count else 0]
        if (corners[1, k] > y) != (after > y) and x < corners[0, k] + side[0, k] * (y - corners[1, k]) / side[1, k]:
            inside = not inside
    return inside


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
