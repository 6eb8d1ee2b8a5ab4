"""The window of the default head's atlas in which detail lives, and the geometry of the skin at its texels.

All maps of this room cover the window: HEIGHT × WIDTH texels of the atlas at SIDE, row 0 on top. The atlas is its own
mirror image in u, and so is the window: `maps[:, ::-1]` is the other half of the face.

Convention: a displacement d in mm moves a point along the unit normal n. To first order in d and in the surface's own
curvature (Blinn 1978, "Simulation of wrinkled surfaces") the normal becomes n - grad d, where grad d is the gradient on
the surface, mm per mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.render.texel_grids import between_corners
from facegpt.types import Array, ShapeError

#: Side of the atlas that the window is cut from, its first row and column, and its size: the face with some margin.
SIDE, TOP, LEFT, HEIGHT, WIDTH = 512, 40, 64, 336, 384
Maps = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SkinWindow:
    """Which point of the skin each texel of the window shows.

    Attributes:
        triangle: (HEIGHT, WIDTH) int32, a triangle of the head, -1 where there is no skin.
        corner: (HEIGHT, WIDTH, 3) float32 its barycentric weights.
        triangles: (F, 3) int32 of the whole head. uv, uv_triangles: its texture coordinates.
        skin: (F,) bool, triangles of the outer skin.
    """

    triangle: NDArray[np.int32]
    corner: Maps
    triangles: NDArray[np.int32]
    uv: Array
    uv_triangles: NDArray[np.int32]
    skin: NDArray[np.bool_]

    def interpolate(self, values: Array) -> Maps:
        """Spread values (V, C) of the head's vertices over the texels: (HEIGHT, WIDTH, C), 0 where there is no skin."""
        values = np.asarray(values, np.float32)
        return np.asarray(between_corners(values, self.triangles, self.triangle, self.corner), np.float32)


@dataclass(frozen=True, eq=False)
class SkinGeometry:
    """The skin of one head in one frame, texel by texel; all zero where there is no skin.

    Attributes:
        normal: (HEIGHT, WIDTH, 3) unit.
        across: (HEIGHT, WIDTH, 3) gradient of the column on the surface, texels per mm.
        down: (HEIGHT, WIDTH, 3) gradient of the row.
    """

    normal: Maps
    across: Maps
    down: Maps

    def gradient(self, displacement: Maps) -> Maps:
        """The surface gradient (HEIGHT, WIDTH, 3) of a displacement (HEIGHT, WIDTH) mm, mm per mm.

        Raises:
            ShapeError: if the map is not of the window's size.
        """
        if displacement.shape != (HEIGHT, WIDTH):
            raise ShapeError(f"a displacement of the window is ({HEIGHT}, {WIDTH}), not {displacement.shape}")
        along_row, along_column = (np.gradient(displacement, axis=k) for k in (0, 1))
        return np.asarray(along_column[..., None] * self.across + along_row[..., None] * self.down, np.float32)

    def displaced_normal(self, displacement: Maps) -> Maps:
        """The unit normals (HEIGHT, WIDTH, 3) of the skin with a displacement (HEIGHT, WIDTH) in mm."""
        return unit(self.normal - self.gradient(displacement))


def unit(vectors: Array) -> Maps:
    """Scale vectors (..., 3) to length 1; 0 stays 0."""
    given = np.ascontiguousarray(vectors)
    out = np.empty(given.shape, np.float32)
    _to_unit(given.reshape(-1, 3), out.reshape(-1, 3))
    return out


@njit(cache=True, nogil=True)
def _to_unit(vectors, out):  # type: ignore[no-untyped-def]
    for n in range(len(vectors)):
        x, y, z = vectors[n, 0], vectors[n, 1], vectors[n, 2]
        length = max(np.sqrt(x * x + y * y + z * z), 1e-12)
        out[n, 0], out[n, 1], out[n, 2] = x / length, y / length, z / length


@lru_cache(maxsize=2)
def skin_window(model: MakeHumanHead) -> SkinWindow:
    """The window of a head, found once."""
    atlas = atlas_of(model, SIDE)
    part = model.part_names.index("skin")
    rows, columns = slice(TOP, TOP + HEIGHT), slice(LEFT, LEFT + WIDTH)
    triangle = np.where(atlas.part == part, atlas.texel, -1)[rows, columns]
    return SkinWindow(
        np.ascontiguousarray(triangle, np.int32),
        np.ascontiguousarray(atlas.corner[rows, columns]),
        atlas.triangles,
        np.asarray(model.uv, np.float32),
        np.asarray(model.uv_triangles, np.int32),
        np.asarray(model.part) == part,
    )


def skin_geometry(window: SkinWindow, vertices: Array, normals: Array | None = None) -> SkinGeometry:
    """Evaluate the skin of a head with these vertices (V, 3) mm, in their frame; normals (V, 3) if known."""
    if normals is None:
        normals = vertex_normals(vertices, window.triangles)
    gradients = texel_gradients(window, vertices)
    drawn = window.interpolate(np.concatenate([normals, gradients], 1))
    normal = unit(drawn[..., :3])
    across, down = (tangent(axis, normal) for axis in (drawn[..., 3:6], drawn[..., 6:]))
    return SkinGeometry(normal, across, down)


def tangent(vectors: Maps, normal: Maps) -> Maps:
    """What of vectors (H, W, 3) runs along a surface with unit normals (H, W, 3)."""
    out = np.empty(normal.shape, np.float32)
    _take_off(vectors, normal, out)
    return out


@njit(cache=True, nogil=True)
def _take_off(vectors, normal, out):  # type: ignore[no-untyped-def]
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            along = np.float32(0)
            for c in range(3):
                along += vectors[y, x, c] * normal[y, x, c]
            for c in range(3):
                out[y, x, c] = vectors[y, x, c] - along * normal[y, x, c]


def kept_geometry(window: SkinWindow, vertices: Array) -> SkinGeometry:
    """`skin_geometry`, kept of the last heads: pictures and files of one head share it, wherever its eyes look."""
    about = _about_skin(window, len(vertices))[:, None]
    return _geometry(window, np.where(about, np.asarray(vertices, np.float32), np.float32(0)).tobytes())


@lru_cache(maxsize=2)
def _geometry(window: SkinWindow, vertices: bytes) -> SkinGeometry:
    return skin_geometry(window, np.frombuffer(vertices, np.float32).reshape(-1, 3))


@lru_cache(maxsize=2)
def _about_skin(window: SkinWindow, count: int) -> NDArray[np.bool_]:
    """Which of `count` vertices are the skin's or those of a triangle that meets it: normals depend on no others."""
    own, about = (np.zeros(count, bool) for _ in range(2))
    own[window.triangles[window.skin]] = True
    about[window.triangles[own[window.triangles].any(1)]] = True
    return about


def texel_gradients(window: SkinWindow, vertices: Array) -> Array:
    """Gradients of column and row on the surface at each vertex of the skin (V, 6), texels per mm.

    They are constant on a triangle; a vertex gets the mean of its triangles, weighted by area.
    """
    corners = np.asarray(vertices, np.float64)[window.triangles[window.skin]]
    placed = window.uv[window.uv_triangles[window.skin]].astype(np.float64) * SIDE
    placed[..., 1] = SIDE - placed[..., 1]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(first, second)
    double = np.maximum((normal**2).sum(1, keepdims=True), 1e-12)
    change = placed[:, 1:] - placed[:, :1]  # (F, 2 edges, 2): texels along each edge
    dual_first, dual_second = np.cross(second, normal) / double, np.cross(normal, first) / double
    gradients = [change[:, :1, k] * dual_first + change[:, 1:, k] * dual_second for k in range(2)]
    weighted = np.concatenate(gradients, 1) * np.sqrt(double)
    count = len(vertices)
    corner_of = window.triangles[window.skin].ravel()
    weight = np.maximum(np.bincount(corner_of, np.repeat(np.sqrt(double)[:, 0], 3), count), 1e-9)
    sums = [np.bincount(corner_of, np.repeat(weighted[:, k], 3), count) / weight for k in range(6)]
    return np.stack(sums, 1).astype(np.float32)
