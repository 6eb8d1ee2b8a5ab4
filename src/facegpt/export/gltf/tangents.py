"""Tangents of a mesh with a normal map, so that every viewer has the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    corners = np.asarray(index).reshape(-1, 3)
    first, second = (places[corners[:, k]] - places[corners[:, 0]] for k in (1, 2))
    (u1, v1), (u2, v2) = ((uv[corners[:, k]] - uv[corners[:, 0]]).T for k in (1, 2))
    turn = np.sign(u1 * v2 - u2 * v1)[:, None]
    of_u = turn * (v2[:, None] * first - v1[:, None] * second)
    of_v = turn * (u1[:, None] * second - u2[:, None] * first)
    along, rising = np.zeros((2, len(places), 3))
    for k in range(3):
        np.add.at(along, corners[:, k], of_u)
        np.add.at(rising, corners[:, k], of_v)
    along -= (along * normals).sum(1, keepdims=True) * normals
    any_way = np.cross(normals, np.where(np.abs(normals[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]))
    along = np.where(np.linalg.norm(along, axis=1, keepdims=True) > _TINY, along, any_way)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.where((np.cross(normals, along) * rising).sum(1) < 0, -1.0, 1.0)
    return np.concatenate([along, side[:, None]], 1).astype(np.float32)
