"""Texture coordinates for heads whose files have none: the skin unrolled about a vertical axis, the rest in tiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.head_file import HeadFile
from facegpt.types import Array

#: The part of the square that the skin takes, and the margin around each part.
_SKIN, _MARGIN = 0.8, 0.015
#: Triangles that look inwards by less than this sine count as outer: the crown, and below the chin.
_LEVEL = 0.2


def cylinder_uv(head: HeadFile) -> tuple[Array, NDArray[np.int32]]:
    """Texture coordinates (U, 2) in 0..1 and (F, 3) corners of a head; the seam runs down the back.

    The skin that looks outwards takes the left of the square. The rest is stacked on the right: eyeballs spread out
    from their poles; other parts, and skin that looks inwards (nostrils, the mouth's inside), as seen from the front.
    """
    vertices = np.asarray(head.vertices, np.float64)
    skin = head.part == head.part_names.index("skin")
    outer = skin & _looks_outwards(vertices, head.triangles, skin)
    uv, corners = [], np.zeros((len(head.triangles), 3), np.int32)
    flat, corners[outer] = _unrolled(vertices, head.triangles[outer])
    uv.append(_fitted(flat, (_MARGIN, _MARGIN, _SKIN - _MARGIN, 1 - _MARGIN)))
    tiles = [(head.part_names[index], (head.part == index) & ~outer) for index in np.unique(head.part)]
    tiles = [(name, rows) for name, rows in tiles if rows.any()]
    for place, (name, rows) in enumerate(tiles):
        used, inverse = np.unique(head.triangles[rows], return_inverse=True)
        corners[rows] = inverse.reshape(-1, 3) + sum(map(len, uv))
        low, high = place / len(tiles) + _MARGIN, (place + 1) / len(tiles) - _MARGIN
        flat = _spread(vertices[used]) if name.endswith("_eye") else vertices[used][:, :2]
        uv.append(_fitted(flat, (_SKIN + _MARGIN, low, 1 - _MARGIN, high)))
    return np.concatenate(uv).astype(np.float32), corners


def _looks_outwards(vertices: Array, triangles: NDArray[np.int32], skin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each triangle (F,) looks away from the skin's vertical axis; level ones count as outer."""
    corners = vertices[triangles]
    points = vertices[np.unique(triangles[skin])]
    away = corners.mean(1) - (points.min(0) + points.max(0)) / 2
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across = (normal[:, [0, 2]] * away[:, [0, 2]]).sum(1)
    size = np.linalg.norm(normal, axis=1) * np.linalg.norm(away[:, [0, 2]], axis=1)
    return across > -_LEVEL * size


def _unrolled(vertices: Array, triangles: NDArray[np.int32]) -> tuple[Array, NDArray[np.int32]]:
    """Angle and height (U, 2) of vertices, and corners (F, 3); triangles across the seam have vertices of their own."""
    used, inverse = np.unique(triangles, return_inverse=True)
    corners = inverse.reshape(-1, 3)
    points = vertices[used]
    axis = (points.min(0) + points.max(0)) / 2
    angle = np.arctan2(points[:, 0] - axis[0], points[:, 2] - axis[2])
    flat = np.stack([angle, points[:, 1]], 1)
    across = np.ptp(angle[corners], axis=1) > np.pi
    behind = corners[across]
    twins, place = np.unique(behind[angle[behind] < 0], return_inverse=True)
    corners = corners.copy()
    block = corners[across]
    block[angle[behind] < 0] = len(flat) + place
    corners[across] = block
    return np.concatenate([flat, flat[twins] + [2 * np.pi, 0.0]]), corners.astype(np.int32)


def _spread(points: Array) -> Array:
    """Points (N, 3) of a ball as (N, 2): the angle from its front, in the direction in which they lie."""
    offset = points - (points.min(0) + points.max(0)) / 2
    polar = np.arctan2(np.linalg.norm(offset[:, :2], axis=1), offset[:, 2])
    around = np.arctan2(offset[:, 1], offset[:, 0])
    return np.stack([polar * np.cos(around), polar * np.sin(around)], 1)


def _fitted(points: Array, box: tuple[float, float, float, float]) -> Array:
    """Points (N, 2) stretched to fill a box (u0, v0, u1, v1)."""
    low, span = points.min(0), np.maximum(np.ptp(points, axis=0), 1e-9)
    return (points - low) / span * [box[2] - box[0], box[3] - box[1]] + box[:2]
