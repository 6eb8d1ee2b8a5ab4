"""Which triangles of a mesh the texture leaves see-through: lashes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import JIT
from facegpt.runtime.arrays import unwritable
from facegpt.types import Mesh


def see_through(mesh: Mesh) -> NDArray[np.bool_]:
    """Mark the triangles (F,) whose texture is see-through at one of ten points."""
    texture = np.asarray(mesh.texture)
    if texture.shape[-1] < 4 or texture[..., 3].min() == 255:
        return np.zeros(len(mesh.triangles), bool)
    clear = np.zeros(len(mesh.uv_triangles), bool)
    _mark_see_through(unwritable(texture), np.asarray(mesh.uv, np.float64), mesh.uv_triangles, clear)
    return clear


@njit(**JIT)
def _mark_see_through(texture, uv, uv_triangles, clear):  # type: ignore[no-untyped-def]
    """Set clear (F,) where alpha of texture (H, W, 4) is below 250 at a corner, a third of an edge or the middle."""
    height, width = texture.shape[:2]
    for f in range(len(uv_triangles)):
        a, b, c = uv_triangles[f, 0], uv_triangles[f, 1], uv_triangles[f, 2]
        for i in range(4):
            for j in range(4 - i):
                one, other, last = i / 3, j / 3, 1 - (i + j) / 3
                u = one * uv[a, 0] + other * uv[b, 0] + last * uv[c, 0]
                v = one * uv[a, 1] + other * uv[b, 1] + last * uv[c, 1]
                column, row = min(max(int(u * width), 0), width - 1), min(max(int((1 - v) * height), 0), height - 1)
                if texture[row, column, 3] < 250:
                    clear[f] = True
