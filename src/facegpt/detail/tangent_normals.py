"""The relief as a tangent-space normal map, in the convention of MikkTSpace that glTF 2.0 names.

Tangents are those of the texture coordinates, averaged over the triangles at a vertex and made orthogonal to its
normal; the frame of a pixel is the interpolated normal N and tangent T, not normalised again, and N × T, whose sign the
atlas' orientation gives. Red is along T (u grows), green along the bitangent (v grows upwards, so the map is "+Y" or
OpenGL's), blue along N; 0.5 is 0.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.detail.skin_window import (
    HEIGHT,
    LEFT,
    SIDE,
    TOP,
    WIDTH,
    Maps,
    SkinWindow,
    kept_geometry,
    skin_window,
    unit,
)
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array

#: A normal that points straight out.
FLAT = (128, 128, 255)


def normal_map(model: MakeHumanHead, vertices: Array, displacement: Maps) -> NDArray[np.uint8]:
    """The normal map (SIDE, SIDE, 3) uint8 of a head (V, 3) with a displacement (HEIGHT, WIDTH) mm; flat outside."""
    picture = np.empty((SIDE, SIDE, 3), np.uint8)
    picture[:] = FLAT
    local = tangent_normals(skin_window(model), vertices, displacement)
    picture[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = np.clip(np.round(local * 127.5 + 127.5), 0, 255)
    return picture


def tangent_normals(window: SkinWindow, vertices: Array, displacement: Maps) -> Maps:
    """Displaced normals (HEIGHT, WIDTH, 3) in the frame of each texel; (0, 0, 1) where there is no skin."""
    if not displacement.any():
        flat = np.zeros((*displacement.shape, 3), np.float32)
        flat[..., 2] = 1
        return flat
    normals = vertex_normals(vertices, window.triangles)
    tangents = vertex_tangents(window, vertices, normals)
    drawn = window.interpolate(np.concatenate([normals, tangents], 1))
    wanted = kept_geometry(window, vertices).displaced_normal(displacement)
    out = np.empty_like(wanted)
    _in_frames(drawn.reshape(-1, 6), wanted.reshape(-1, 3), (window.triangle >= 0).ravel(), out.reshape(-1, 3))
    return out


@njit(cache=True, nogil=True)
def _crossed(a, b):  # type: ignore[no-untyped-def]
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@njit(cache=True, nogil=True)
def _in_frames(frames, wanted, inside, out):  # type: ignore[no-untyped-def]
    """Write directions `wanted` (N, 3) in frames of normal and tangent (N, 6) as unit vectors into out (N, 3)."""
    for n in range(len(out)):
        normal = frames[n, 0], frames[n, 1], frames[n, 2]
        tangent = frames[n, 3], frames[n, 4], frames[n, 5]
        bitangent = _crossed(normal, tangent)
        # Cramer's rule for x T + y B + z N = wanted.
        across = _crossed(bitangent, normal), bitangent, _crossed(tangent, bitangent)
        volume = across[2][0] * normal[0] + across[2][1] * normal[1] + across[2][2] * normal[2]
        x, y, z = 0.0, 0.0, 1.0
        if inside[n] and abs(volume) > 1e-6:
            a, b, c = wanted[n, 0], wanted[n, 1], wanted[n, 2]
            x = (across[0][0] * a + across[0][1] * b + across[0][2] * c) / volume
            y = (across[1][0] * a + across[1][1] * b + across[1][2] * c) / volume
            z = (across[2][0] * a + across[2][1] * b + across[2][2] * c) / volume
        length = max(np.sqrt(x * x + y * y + z * z), 1e-12)
        out[n, 0], out[n, 1], out[n, 2] = x / length, y / length, z / length


def vertex_tangents(window: SkinWindow, vertices: Array, normals: Array) -> Array:
    """Unit tangents (V, 3) towards growing u, orthogonal to the normals; weighted by the angle of each corner."""
    corners = np.asarray(vertices, np.float64)[window.triangles[window.skin]]
    placed = window.uv[window.uv_triangles[window.skin]].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    du, dv = (placed[:, 1:, k] - placed[:, :1, k] for k in range(2))
    area = du[:, 0] * dv[:, 1] - du[:, 1] * dv[:, 0]
    along = (first * dv[:, 1:] - second * dv[:, :1]) * np.sign(area)[:, None]
    total = np.zeros((len(vertices), 3))
    for k in range(3):
        vertex = window.triangles[window.skin][:, k]
        a, b = (unit(corners[:, (k + j) % 3] - corners[:, k]) for j in (1, 2))
        angle = np.arccos(np.clip((a * b).sum(-1), -1, 1))
        normal = normals[vertex]
        flat = unit(along - (along * normal).sum(-1, keepdims=True) * normal)
        for axis in range(3):
            total[:, axis] += np.bincount(vertex, angle * flat[:, axis], len(vertices))
    total -= (total * normals).sum(-1, keepdims=True) * normals
    return unit(total).astype(np.float32)
