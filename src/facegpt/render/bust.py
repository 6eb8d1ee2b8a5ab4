"""Where a head ends: its neck fades out towards its open edge, as a portrait's bust does, and is no stump.

Only pictures of a head alone or over its photo do this; the mesh and its files keep the neck whole.
"""

from __future__ import annotations

import weakref

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import JIT, ZERO
from facegpt.types import Mesh

#: How far above its edge the neck is gone, and how far above it whole, mm along the head's up.
GONE_MM, WHOLE_MM = 0.0, 44.0
#: Share of the skin's lower end, by height, in which its lowest open edge lies.
LOWEST = 0.2
#: Opacity below which what lies behind the neck is seen.
SEEN_THROUGH = 0.5

_edges: dict[tuple[int, tuple[str, ...]], NDArray[np.intp]] = {}


def opacity_of_neck(mesh: Mesh) -> NDArray[np.float32] | None:
    """How opaque each vertex (V,) of a head is, 0..1: 1 but near the neck's edge. None for a mesh without such an edge.

    mesh: head frame, mm.
    """
    edge = _neck_edge(mesh)
    if len(edge) < 3:
        return None
    x, y, z = np.asarray(mesh.vertices, np.float64)[edge].T
    plane = np.linalg.lstsq(np.stack([x, z, np.ones(len(edge))], 1), y, rcond=None)[0]
    above = mesh.vertices[:, 1] - (mesh.vertices[:, [0, 2]] @ plane[:2] + plane[2])
    share = np.clip((above - GONE_MM) / (WHOLE_MM - GONE_MM), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _neck_edge(mesh: Mesh) -> NDArray[np.intp]:
    """Vertices of the lowest open edge of the skin, found once for each array of triangles."""
    key = id(mesh.triangles), mesh.part_names
    if key not in _edges:
        _edges[key] = _find_edge(mesh)
        weakref.finalize(mesh.triangles, _edges.pop, key, None)
    return _edges[key]


def _find_edge(mesh: Mesh) -> NDArray[np.intp]:
    if "skin" not in mesh.part_names or len(mesh.part) != len(mesh.triangles):
        return np.zeros(0, np.intp)
    skin = np.asarray(mesh.triangles)[np.asarray(mesh.part) == mesh.part_names.index("skin")]
    if len(skin) == 0:
        return np.zeros(0, np.intp)
    pairs = np.sort(np.concatenate([skin[:, [0, 1]], skin[:, [1, 2]], skin[:, [2, 0]]]), axis=1)
    links, counts = np.unique(pairs, axis=0, return_counts=True)
    open_ends = np.unique(links[counts == 1])
    height = np.asarray(mesh.vertices)[:, 1]
    low, high = height[skin].min(), height[skin].max()
    return open_ends[height[open_ends] < low + LOWEST * (high - low)]


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
