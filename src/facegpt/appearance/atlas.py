"""Which point of the surface each texel shows: the atlas rasterised once per head model and texture size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.base import MorphableModel
from facegpt.render.texel_grids import between_corners
from facegpt.render.uv import rasterize_atlas
from facegpt.types import Array

#: Texels around an island that repeat its rim, so that filtered sampling never meets the empty ground, at size 1024.
GUTTER = 6


@dataclass(frozen=True)
class Atlas:
    """The texel grid of one texture size; row 0 is v = 1.

    Attributes:
        texel: (H, W) int32, triangle shown by each texel, -1 on empty ground; gutters repeat the nearest rim.
        corner: (H, W, 3) float32, its barycentric weights.
        triangles, mirrored_triangles: (F, 3) int32 vertices of each triangle, and of its mirror image corner by corner.
        part: (H, W) int16, index into the model's part_names, -1 on empty ground.
    """

    texel: NDArray[np.int32]
    corner: NDArray[np.float32]
    triangles: NDArray[np.int32]
    mirrored_triangles: NDArray[np.int32]
    part: NDArray[np.int16]

    def interpolate(self, values: Array, only: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
        """Spread values (V, C) given at the vertices over the texels, or `only` (H, W) some: (H, W, C), else 0."""
        texel = self.texel if only is None else np.where(only, self.texel, np.int32(-1))
        return between_corners(np.asarray(values, np.float32), self.triangles, texel, self.corner).astype(np.float32)


_known: dict[tuple[str, int], Atlas] = {}


def atlas_of(model: MorphableModel, size: int) -> Atlas:
    """Rasterise the model's atlas at a size, once."""
    key = _digest(model), size  # type: ignore[arg-type]
    if key not in _known:
        margin = max(round(GUTTER * size / 1024), 1)
        drawn = rasterize_atlas(model.uv, model.uv_triangles, size, size, margin)
        texel, corner = np.ascontiguousarray(drawn.triangle), np.ascontiguousarray(drawn.barycentric, np.float32)
        part = np.where(texel >= 0, np.asarray(model.part).astype(np.int16)[texel], np.int16(-1))
        triangles = np.ascontiguousarray(model.triangles, np.int32)
        mirrored = np.ascontiguousarray(np.asarray(model.mirror, np.int32)[triangles])
        _known[key] = Atlas(texel, corner, triangles, mirrored, part)
    return _known[key]


@lru_cache(maxsize=4)
def _digest(model: MorphableModel) -> str:
    """What tells a model's atlas from others'."""
    uv = np.ascontiguousarray(model.uv, np.float64)
    uv_triangles = np.ascontiguousarray(model.uv_triangles, np.int32)
    whole = uv.tobytes() + uv_triangles.tobytes() + np.ascontiguousarray(model.triangles).tobytes()
    return hashlib.sha256(whole).hexdigest()
