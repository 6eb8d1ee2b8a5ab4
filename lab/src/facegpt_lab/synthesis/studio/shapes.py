"""Simple meshes that the studio's props are made of: tubes, balls, boxes, lofts. Triangles run counter-clockwise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

Shape = tuple[Array, NDArray[np.int64]]


@lru_cache(maxsize=64)
def grid_triangles(rows: int, columns: int, around: bool) -> NDArray[np.int64]:
    """The triangles of a grid of rows × columns points, its columns closed to a ring if `around`."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if around else columns - 1), indexing="ij")
    a = (i * columns + j).ravel()
    b = (i * columns + (j + 1) % columns).ravel()
    return np.concatenate([np.stack([a, a + columns, b], 1), np.stack([b, a + columns, b + columns], 1)])


def tube(path: Array, radius: float, closed: bool, sides: int = 5) -> Shape:
    """A tube about a path (N, 3)."""
    path = np.asarray(path, np.float32)
    along = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    guide = np.where(np.abs(along[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[0.0, 1.0, 0.0]])
    first = np.cross(along, guide)
    first /= np.linalg.norm(first, axis=1, keepdims=True) + 1e-9
    second = np.cross(along, first)
    turn = np.arange(sides) * 2 * np.pi / sides
    ring = first[:, None] * np.cos(turn)[:, None] + second[:, None] * np.sin(turn)[:, None]
    points = path[:, None] + radius * ring
    if closed:
        points = np.concatenate([points, points[:1]])
    return points.reshape(-1, 3).astype(np.float32), grid_triangles(len(points), sides, True)


@lru_cache(maxsize=4)
def ball(rows: int = 9, columns: int = 14) -> Shape:
    """The unit ball."""
    tilt, turn = np.linspace(0.02, np.pi - 0.02, rows)[:, None], np.arange(columns)[None] * 2 * np.pi / columns
    points = np.stack([np.sin(tilt) * np.cos(turn), np.cos(tilt) + 0 * turn, -np.sin(tilt) * np.sin(turn)], -1)
    return points.reshape(-1, 3).astype(np.float32), grid_triangles(rows, columns, True)


def capsule(start: Array, end: Array, radius: float) -> Shape:
    """A stretched ball from start to end (3,)."""
    points, triangles = ball(7, 10)
    axis = np.asarray(end, float) - np.asarray(start, float)
    length = float(np.linalg.norm(axis))
    axis = axis / max(length, 1e-6)
    side = np.cross(axis, [0.0, 0.0, 1.0] if abs(axis[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    frame = np.stack([side, axis, np.cross(side, axis)])
    placed = (points * radius) @ frame
    return (placed + np.where(points[:, 1:2] > 0, np.asarray(end), np.asarray(start))).astype(np.float32), triangles


def box(size: Array) -> Shape:
    """A box of full extents (3,) with its own corners for each face."""
    corners, triangles = [], []
    for axis in range(3):
        for sign in (-1, 1):
            u, v = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
            n = sign * np.eye(3)[axis]
            corners += [n - u - v, n + u - v, n + u + v, n - u + v]
            k = len(corners) - 4
            triangles += [[k, k + 1, k + 2], [k, k + 2, k + 3]] if sign > 0 else [[k, k + 2, k + 1], [k, k + 3, k + 2]]
    return (0.5 * np.array(corners) * size).astype(np.float32), np.array(triangles)


def disc(outline: Array) -> Shape:
    """The fan that fills an outline (N, 3) about its middle."""
    n = len(outline)
    k = np.arange(n)
    points = np.concatenate([outline, outline.mean(0, keepdims=True)])
    return points.astype(np.float32), np.stack([k, (k + 1) % n, np.full(n, n)], 1)
