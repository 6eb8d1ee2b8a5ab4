"""Where a head without a shirt ends: its neck fades out towards its open edge, and is no stump.

Only pictures of a head alone or over its photo do this; the mesh and its files keep the neck whole.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.morphable.neck import neck_of
from facegpt.render.scalar import JIT, ZERO
from facegpt.types import Mesh

#: How far above its edge the neck is gone, and how far above it whole, mm along the head's up.
GONE_MM, WHOLE_MM = 0.0, 44.0
#: Opacity below which what lies behind the neck is seen.
SEEN_THROUGH = 0.5


def opacity_of_neck(mesh: Mesh) -> NDArray[np.float32] | None:
    """How opaque each vertex (V,) of a head is, 0..1: 1 but near the neck's edge. None for a mesh without such an edge.

    mesh: head frame, mm.
    """
    neck = neck_of(mesh.vertices, mesh.triangles, mesh.part, mesh.part_names)
    if neck is None:
        return None
    above = neck.above_edge(mesh.vertices)
    share = np.clip((above - GONE_MM) / (WHOLE_MM - GONE_MM), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


@njit(**JIT)
def share_at(shares, barycentric, f, y, x):  # type: ignore[no-untyped-def]
    """What lies between the shares (F, 3) at the corners of triangle f at a pixel that shows it."""
    share = ZERO
    for k in range(3):
        share += shares[f, k] * barycentric[y, x, k]
    return share


@njit(**JIT)
def _share(triangle, barycentric, opacity, y, x):  # type: ignore[no-untyped-def]
    """How opaque the neck is at a pixel; beside the head as at the pixel of it that is nearest to the neck's end."""
    least = np.float32(2.0)
    around = 0 if triangle[y, x] >= 0 else 1
    for v in range(max(y - around, 0), min(y + around + 1, triangle.shape[0])):
        for u in range(max(x - around, 0), min(x + around + 1, triangle.shape[1])):
            f = triangle[v, u]
            if f < 0:
                continue
            least = min(least, share_at(opacity, barycentric, f, v, u))
    return least


@njit(**JIT)
def fade(triangle, barycentric, opacity, color, coverage, depth):  # type: ignore[no-untyped-def]
    """Scale color (H, W, 3) and coverage (H, W) by the opacity (F, 3) at the corners of what is drawn, in place.

    triangle: (H, W) which triangle is drawn, -1 for none; smooth edges reach a pixel beyond them. depth: (H, W) mm, 0
    where the neck lets things be seen behind it.
    """
    whole = np.empty(len(opacity), np.bool_)
    for f in range(len(opacity)):
        whole[f] = min(opacity[f, 0], opacity[f, 1], opacity[f, 2]) >= 1
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            if coverage[y, x] == 0 or (triangle[y, x] >= 0 and whole[triangle[y, x]]):
                continue
            share = _share(triangle, barycentric, opacity, y, x)
            if share < 1:
                coverage[y, x] *= share
                for k in range(3):
                    color[y, x, k] *= share
                if share < SEEN_THROUGH:
                    depth[y, x] = ZERO
