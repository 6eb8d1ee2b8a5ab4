"""The atlas as a canvas: where each texel lies on the mean head (mm, head frame), and noise that knows no seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.appearance.atlas import Atlas, atlas_of
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array
from lab.runs.shared.surface import vertex_normals

#: A triangle wider than this in MakeHuman's layout spans two of its islands (its largest real ones reach 0.04).
CUT = 0.06
#: MediaPipe's points along the upper and the lower rim of the left brow, from the nose outwards.
BROW_ROWS = np.array([[336, 296, 334, 293, 300], [285, 295, 282, 283, 276]])


@dataclass(frozen=True)
class Canvas:
    """Texels of one size.

    Attributes:
        atlas: triangle and weights of each texel.
        position: (H, W, 3) mm on the mean head. normal: (H, W, 3) unit.
        grid: (H, W, 2) the head's own coordinates of lashes and teeth (see lab/runs/head/template.py), else NaN.
        source_uv: (H, W, 2) MakeHuman's own texture coordinates, NaN on what the head made anew.
        on_cut: (H, W) bool, texels whose triangle spans a cut of MakeHuman's layout, or that it does not know.
        marks: (68, 3) ibug68 landmarks of the mean head, mm.
        brow: (5, 3) middle line of the left brow from its inner to its outer end, mm, between the two rows of
            MediaPipe's points, which lie on the brows of real photos.
    """

    atlas: Atlas
    position: NDArray[np.float32]
    normal: NDArray[np.float32]
    grid: NDArray[np.float32]
    source_uv: NDArray[np.float32]
    on_cut: NDArray[np.bool_]
    marks: Array
    brow: Array
    part_names: tuple[str, ...]

    def of(self, *names: str) -> NDArray[np.bool_]:
        """The texels (H, W) of these parts."""
        return np.isin(self.atlas.part, [self.part_names.index(name) for name in names])


def canvas_of(model: MakeHumanHead, size: int) -> Canvas:
    """Lay the mean head out at a size."""
    atlas = atlas_of(model, size)
    vertices = np.asarray(model.mean_vertices, np.float64)
    marks = model.embedding("ibug68")(vertices)
    inside = atlas.texel >= 0
    source = np.full((size, size, 2), np.nan, np.float32)
    corners = model.arrays["source_uv"][model.uv_triangles[atlas.texel[inside]]]
    source[inside] = np.einsum("nkc,nk->nc", corners, atlas.corner[inside])
    across = np.ones((size, size), bool)
    across[inside] = ~(np.ptp(corners, axis=1).max(1) < CUT)
    return Canvas(
        atlas,
        atlas.interpolate(vertices),
        atlas.interpolate(vertex_normals(vertices, model.triangles)),
        atlas.interpolate(np.nan_to_num(model.arrays["grid"], nan=-1.0)),
        source,
        across,
        marks,
        model.embedding("mediapipe478")(vertices)[BROW_ROWS].mean(0),
        model.part_names,
    )


def mirrored(values: Array) -> Array:
    """Reflect (H, W, ...) left and right: the skin island of this head is symmetric about u = 1/2."""
    return values[:, ::-1]


def smooth_step(low: float, high: float, values: Array) -> Array:
    """Rise smoothly from 0 at low to 1 at high (low > high falls)."""
    t = np.clip((np.asarray(values) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise(position: Array, scale_mm: float, seed: int) -> NDArray[np.float32]:
    """Smooth value noise (...,) with unit variance over points (..., 3), features about scale_mm wide."""
    flat = np.ascontiguousarray(position.reshape(-1, 3) / scale_mm, np.float64)
    out = np.empty(len(flat), np.float32)
    _value_noise(flat, seed, out)
    return (out * 3.2).reshape(position.shape[:-1])


def distance_to_line(points: Array, line: Array) -> tuple[Array, Array]:
    """Distance (...,) of points (..., D) to a polyline (N, D), and the place 0..1 along it of the nearest point."""
    best = np.full(points.shape[:-1], np.inf)
    place = np.zeros(points.shape[:-1])
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    for k in range(len(line) - 1):
        edge = line[k + 1] - line[k]
        t = np.clip((points - line[k]) @ edge / (edge @ edge), 0, 1)
        gap = np.linalg.norm(points - line[k] - t[..., None] * edge, axis=-1)
        place = np.where(gap < best, (length[k] + t * (length[k + 1] - length[k])) / length[-1], place)
        best = np.minimum(best, gap)
    return best, place


@njit(cache=True)
def _hash(x, y, z, seed):  # type: ignore[no-untyped-def]
    """A number in -0.5..0.5 for each lattice point."""
    h = (x * 374761393 + y * 668265263 + z * 2147483647 + seed * 144665) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822519) & 0xFFFFFFFF
    return (h ^ (h >> 15)) / 4294967295.0 - 0.5


@njit(cache=True)
def _value_noise(points, seed, out):  # type: ignore[no-untyped-def]
    for i in range(len(points)):
        x, y, z = points[i]
        x0, y0, z0 = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
        a, b, c = x - x0, y - y0, z - z0
        a, b, c = a * a * (3 - 2 * a), b * b * (3 - 2 * b), c * c * (3 - 2 * c)
        total = 0.0
        for j in range(8):
            dx, dy, dz = j & 1, (j >> 1) & 1, j >> 2
            share = (a if dx else 1 - a) * (b if dy else 1 - b) * (c if dz else 1 - c)
            total += share * _hash(x0 + dx, y0 + dy, z0 + dz, seed)
        out[i] = total
