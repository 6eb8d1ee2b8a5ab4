"""Tangents of a mesh with a normal map, so that every viewer has the same: those of MikkTSpace (Mikkelsen 2008).

At a vertex, each triangle's direction of u is laid into the plane of the normal and made unit; the mean of them is
weighted by the triangle's angle there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.render import channels
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
    places, normals = np.asarray(places, np.float64), np.asarray(normals, np.float64)
    corners = np.asarray(index).reshape(-1, 3)
    first, second = (places[corners[:, k]] - places[corners[:, 0]] for k in (1, 2))
    (u1, v1), (u2, v2) = ((uv[corners[:, k]] - uv[corners[:, 0]]).T.astype(np.float64) for k in (1, 2))
    turn = np.sign(u1 * v2 - u2 * v1)
    of_u = turn[:, None] * (v2[:, None] * first - v1[:, None] * second)
    along: Array = np.zeros((len(places), 3))
    side = np.zeros(len(places))
    for k in range(3):
        vertex, angle = corners[:, k], _angles(places, corners, k)
        part = angle[:, None] * _flat(of_u, normals[vertex])
        along += np.stack([np.bincount(vertex, one, len(places)) for one in part.T], 1)
        side += np.bincount(vertex, angle * turn, len(places))
    any_way = np.cross(normals, np.where(np.abs(normals[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]))
    flat = _flat(np.where(np.linalg.norm(along, axis=1, keepdims=True) > _TINY, along, any_way), normals)
    return np.concatenate([flat, np.where(side < 0, -1.0, 1.0)[:, None]], 1).astype(np.float32)


def _angles(places: Array, corners: NDArray[Any], k: int) -> Array:
    """(F,) the angle of each triangle at its corner `k`, radians."""
    here = places[corners[:, k]]
    one, other = (places[corners[:, (k + step) % 3]] - here for step in (1, 2))
    return np.arctan2(channels.length(np.cross(one, other)), channels.total(one * other))


def _flat(directions: Array, normals: Array) -> Array:
    """Directions (N, 3) without their part along the unit normals (N, 3), of length 1; 0 stays 0."""
    flat = directions - channels.total(directions * normals, keepdims=True) * normals
    length = channels.length(flat, keepdims=True)
    return np.divide(flat, length, out=np.zeros_like(flat), where=length > _TINY)
