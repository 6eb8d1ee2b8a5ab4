"""The relief as a tangent-space normal map, in the convention of MikkTSpace that glTF 2.0 names.

Tangents are those of the texture coordinates, averaged over the triangles at a vertex and made orthogonal to its
normal; the frame of a pixel is the interpolated normal N and tangent T, not normalised again, and N × T, whose sign the
atlas' orientation gives. Red is along T (u grows), green along the bitangent (v grows upwards, so the map is "+Y" or
OpenGL's), blue along N; 0.5 is 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.skin_window import (
    HEIGHT,
    LEFT,
    SIDE,
    TOP,
    WIDTH,
    Maps,
    SkinWindow,
    skin_geometry,
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
    normals = vertex_normals(vertices, window.triangles)
    tangents = vertex_tangents(window, vertices, normals)
    drawn = window.interpolate(np.concatenate([normals, tangents], 1))
    normal, tangent = drawn[..., :3], drawn[..., 3:]
    bitangent = np.cross(normal, tangent)
    wanted = skin_geometry(window, vertices, normals).displaced_normal(displacement)
    # Cramer's rule for x T + y B + z N = wanted.
    volume = (np.cross(tangent, bitangent) * normal).sum(-1)
    inside = (window.triangle >= 0) & (np.abs(volume) > 1e-6)
    sides = [
        (np.cross(a, b) * wanted).sum(-1) for a, b in ((bitangent, normal), (normal, tangent), (tangent, bitangent))
    ]
    local = np.stack(sides, -1) / np.where(inside, volume, 1)[..., None]
    return np.where(inside[..., None], unit(local), np.array([0, 0, 1], np.float32)).astype(np.float32)


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
