"""The light of a picture of somebody whose skin is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.hiding import Hiding, unhidden_texels
from facegpt.appearance.light import estimate_light
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import prior_of
from facegpt.appearance.skin_tones import SkinTones
from facegpt.appearance.texture import HAIRY_SD
from facegpt.appearance.unwrap import unwrap
from facegpt.conventions import srgb_to_linear
from facegpt.morphable.base import MorphableModel
from facegpt.render.lighting import sh_basis
from facegpt.runtime.threads import one_thread
from facegpt.types import DensePoints, FaceParams

#: Side of the atlas that the light is read from.
ATLAS_PX = 128


@one_thread()
def light_on_skin(
    image: NDArray[np.uint8],
    model: MorphableModel,
    params: FaceParams,
    texture: NDArray[np.uint8],
    dense: DensePoints | None = None,
) -> NDArray[np.float32]:
    """Find the light (9, 3), camera frame, under which a head with a known skin looks as in a photo.

    Args:
        image: (H, W, 3) uint8 sRGB, the photo of params.camera.
        model: the head in it.
        params: where it is.
        texture: (S, S, 3 or 4) uint8 sRGB albedo.
        dense: what hides the face, if it is known.
    """
    atlas, prior = atlas_of(model, ATLAS_PX), prior_of(model, ATLAS_PX)
    posed = pose_head(model, params)
    seen = unwrap(image, posed, atlas.triangles, atlas.texel, atlas.corner)
    if dense is not None:
        seen = unhidden_texels(seen, posed.vertices, atlas.triangles, atlas, Hiding(params.camera, dense))
    small = Image.fromarray(texture[..., :3]).resize((ATLAS_PX, ATLAS_PX), Image.Resampling.BOX)
    skin = np.log(np.maximum(srgb_to_linear(np.asarray(small) / 255.0), 2e-3))
    weight = seen.weight * prior.mask / (1 + (prior.residual_sd[..., 0] / HAIRY_SD) ** 4)
    take = weight > 0.1
    none = SkinTones(np.zeros((0, int(take.sum()), 3)))
    return estimate_light(seen.colour[take], sh_basis(seen.normal[take]), skin[take], none, weight[take]).lighting
