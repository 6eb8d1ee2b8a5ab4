"""Tangents of a mesh with a normal map, so that every viewer has the same: those of MikkTSpace (Mikkelsen 2008).

At a vertex, each triangle's direction of u is laid into the plane of the normal and made unit; the mean of them is
weighted by the triangle's angle there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import INLINE, KERNEL
from facegpt.types import Array

_TINY = 1e-12


def tangents_of(places: Array, normals: Array, uv: Array, index: NDArray[Any]) -> NDArray[np.float32]:
    """GlTF's TANGENT (N, 4): the unit direction of u on the surface, and on which side of the normal v rises.

    Args:
        places: (N, 3) vertices.
        normals: (N, 3) unit.
        uv: (N, 2) texture coordinates, v up.
        index: (3 F,) the corners of the triangles.
    """
    out = np.empty((len(places), 4), np.float32)
    arrays = (np.ascontiguousarray(each, np.float64) for each in (places, normals, uv))
    _tangents(*arrays, np.ascontiguousarray(index, np.int64).reshape(-1, 3), np.zeros((len(places), 4)), out)
    return out


@njit(**KERNEL)
def _tangents(places, normals, uv, corners, total, out):  # type: ignore[no-untyped-def]
    """Sum the directions of u of all triangles and their sides in total (N, 4), and write the tangents to out."""
    for f in range(len(corners)):
        a, b, c = corners[f, 0], corners[f, 1], corners[f, 2]
        u1, v1, u2, v2 = uv[b, 0] - uv[a, 0], uv[b, 1] - uv[a, 1], uv[c, 0] - uv[a, 0], uv[c, 1] - uv[a, 1]
        turn = np.sign(u1 * v2 - u2 * v1)
        first, second = _between(places, a, b), _between(places, a, c)
        of_u = (
            turn * (v2 * first[0] - v1 * second[0]),
            turn * (v2 * first[1] - v1 * second[1]),
            turn * (v2 * first[2] - v1 * second[2]),
        )
        for k in range(3):
            here = corners[f, k]
            one, other = (
                _between(places, here, corners[f, (k + 1) % 3]),
                _between(places, here, corners[f, (k + 2) % 3]),
            )
            angle = math.atan2(_length(_cross(one, other)), one[0] * other[0] + one[1] * other[1] + one[2] * other[2])
            flat = _flat(of_u, normals, here)
            for x in range(3):
                total[here, x] += angle * flat[x]
            total[here, 3] += angle * turn
    for v in range(len(places)):
        along = total[v, 0], total[v, 1], total[v, 2]
        if _length(along) <= _TINY:  # any way in the plane of the normal
            any_way = (1.0, 0.0, 0.0) if abs(normals[v, 0]) < 0.9 else (0.0, 1.0, 0.0)
            along = _cross((normals[v, 0], normals[v, 1], normals[v, 2]), any_way)
        out[v, 0], out[v, 1], out[v, 2] = _flat(along, normals, v)
        out[v, 3] = -1.0 if total[v, 3] < 0 else 1.0


@njit(**INLINE)
def _between(places, start, end):  # type: ignore[no-untyped-def]
    return places[end, 0] - places[start, 0], places[end, 1] - places[start, 1], places[end, 2] - places[start, 2]


@njit(**INLINE)
def _cross(one, other):  # type: ignore[no-untyped-def]
    (a, b, c), (x, y, z) = one, other
    return b * z - c * y, c * x - a * z, a * y - b * x


@njit(**INLINE)
def _length(vector):  # type: ignore[no-untyped-def]
    return math.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])


@njit(**INLINE)
def _flat(vector, normals, v):  # type: ignore[no-untyped-def]
    """A vector without its part along a unit normal (V, 3), of length 1; 0 stays 0."""
    x, y, z = normals[v, 0], normals[v, 1], normals[v, 2]
    away = vector[0] * x + vector[1] * y + vector[2] * z
    flat = vector[0] - away * x, vector[1] - away * y, vector[2] - away * z
    length = _length(flat)
    per = 1.0 / length if length > _TINY else 0.0
    return per * flat[0], per * flat[1], per * flat[2]
