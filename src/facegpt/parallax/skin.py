"""A photo's skin on the face's part of the atlas, with light and contrast taken off: what is matched between photos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.appearance.atlas import Atlas, atlas_of
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.unwrap import unwrap
from facegpt.metrics import within_radius
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array, FaceParams

Floats = NDArray[np.float64]

#: Texels a side of the whole atlas: about 0.6 mm each on the face.
ATLAS_SIZE = 512
#: Skin up to this far from the tip of the nose is matched, mm.
REACH_MM = 105.0
#: SDs in texels of what is light (taken off) and of what contrast is measured over.
LIGHT_TEXELS, CONTRAST_TEXELS = 8.0, 12.0
#: Contrast (log units) of skin that shows nothing: noise is not made as strong as moles.
LEAST_CONTRAST = 0.02
#: Weight from which a texel counts as seen.
SEEN = 0.25


@dataclass(frozen=True)
class FaceTexels:
    """The face's part of the atlas.

    Attributes:
        texel, corner: (h, w), (h, w, 3) as `Atlas`. skin: (h, w) bool, skin of the face. triangles: (F, 3).
    """

    texel: NDArray[np.int32]
    corner: NDArray[np.float32]
    skin: NDArray[np.bool_]
    triangles: NDArray[np.int32]

    def interpolate(self, values: Array) -> NDArray[np.float32]:
        """Values (V, C) of vertices at the texels: (h, w, C)."""
        corners = np.asarray(values, np.float32)[self.triangles[np.maximum(self.texel, 0)]]
        return np.einsum("hwkc,hwk->hwc", corners, self.corner)


@lru_cache(maxsize=2)
def face_texels(model: MakeHumanHead) -> FaceTexels:
    """The face's part of a head model's atlas; the same object each time for the same model."""
    atlas: Atlas = atlas_of(model, ATLAS_SIZE)
    skin = atlas.part == model.part_names.index("skin")
    tip = model.embedding("ibug68")(model.mean_vertices)[30]
    places = atlas.interpolate(model.mean_vertices)
    skin &= within_radius(places.reshape(-1, 3), tip, REACH_MM).reshape(skin.shape)
    rows, columns = np.flatnonzero(skin.any(1)), np.flatnonzero(skin.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return FaceTexels(
        np.ascontiguousarray(atlas.texel[box]), np.ascontiguousarray(atlas.corner[box]), skin[box], atlas.triangles
    )


@dataclass(frozen=True)
class SkinView:
    """One photo on the face's texels.

    Attributes:
        pattern: (h, w) log brightness, light and contrast off, 0 where not seen. weight: (h, w) 0..1 how well seen.
        pixel: (h, w, 2) where each texel lies in the photo, nan on empty ground.
    """

    pattern: NDArray[np.float32]
    weight: NDArray[np.float32]
    pixel: NDArray[np.float32]


def skin_view(model: MakeHumanHead, params: FaceParams, image: NDArray[np.uint8]) -> SkinView:
    """Unwrap a photo (H, W, 3) with the head that was fitted to it."""
    face, posed = face_texels(model), pose_head(model, params)
    seen = unwrap(image, posed, face.triangles, face.texel, face.corner)
    weight = np.where(face.skin, seen.weight, 0).astype(np.float32)
    places = face.interpolate(posed.vertices)
    places[face.texel < 0] = np.nan
    pixel = params.camera.project(places).astype(np.float32)
    return SkinView(pattern_of(seen.colour, weight), weight, pixel)


def pattern_of(colour: Array, weight: Array) -> NDArray[np.float32]:
    """Log brightness less its surroundings, over its contrast there: (h, w), 0 where the weight is below SEEN."""
    known = (weight > SEEN).astype(np.float32)
    log = np.log(np.maximum(colour.mean(2), 1e-4)) * known
    share = np.maximum(gaussian_filter(known, LIGHT_TEXELS), 1e-3)
    detail = (log - gaussian_filter(log, LIGHT_TEXELS) / share) * known
    share = np.maximum(gaussian_filter(known, CONTRAST_TEXELS), 1e-3)
    contrast = np.sqrt(gaussian_filter(detail**2, CONTRAST_TEXELS) / share) + LEAST_CONTRAST
    return np.asarray(np.clip(detail / contrast, -3, 3), np.float32)
