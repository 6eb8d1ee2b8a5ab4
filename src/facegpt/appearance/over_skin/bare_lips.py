"""Lips without lipstick: a photo's lips keep their form and shade, and their colour goes back to what lips have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.over_skin.things_on_lips import SURE_LIPS
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.conventions import linear_of_bytes
from facegpt.morphable.base import MorphableModel
from facegpt.render.srgb_bytes import lit_by
from facegpt.render.texel_grids import shrunk
from facegpt.types import Array

#: Texels a side of the grid on which colours are compared.
GRID = 256
#: How far the hue of bare lips goes from the head model's, and how much darker they are, log units: by photos of men.
HUE, DARKER = 0.1, 0.35


def without_lipstick(texture: NDArray[np.uint8], model: MorphableModel, albedo: Array) -> NDArray[np.uint8]:
    """A photo's texture (S, S, 4) uint8 sRGB whose lips have the colour of bare ones beside its own skin.

    albedo: (A,) of the head, whose lips are bare.
    """
    if len(texture) < GRID or len(texture) % GRID:
        return texture
    prior, step = prior_of(model, GRID), len(texture) // GRID
    skin = (prior.growth < 0.01) & (prior.mask > 0.9) & (prior.brows + prior.lips < 0.01) & ~prior.eyes
    lips = prior.lips > SURE_LIPS
    shown = shrunk(linear_of_bytes(texture[..., :3]), step) / np.float32(step * step)
    own, usual = (_contrast(each, lips, skin) for each in (shown, model_texture(model, albedo, GRID)))
    level, hue = (own - usual).mean(), (own - usual) - (own - usual).mean()
    size = max(float(np.linalg.norm(hue)), 1e-6)
    bare = usual + max(level, -DARKER) + hue * HUE * np.tanh(size / HUE) / size
    change = np.clip(1.5 * prior.lips, 0, 1)[..., None] * (bare - own)
    return lit_by(texture, np.exp(change).astype(np.float32), (0, 0), step)


def _contrast(linear: Array, lips: NDArray[np.bool_], skin: NDArray[np.bool_]) -> Array:
    """The log of the median colour (3,) of lips over that of skin, of a texture (H, W, 3)."""
    over, under = (np.median(np.asarray(linear)[where], axis=0) for where in (lips, skin))
    return np.asarray(np.log(np.maximum(over, 1e-3)) - np.log(np.maximum(under, 1e-3)))
