"""Lips without lipstick: a photo's lips keep their form and shade, and their colour goes back to what lips have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.over_skin.things_on_lips import SURE_LIPS
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.conventions import linear_of_bytes, linear_to_srgb
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
    lips, skin = _lips_and_skin(model)
    shown = _shown(texture)
    own, usual = (_contrast(each, lips, skin) for each in (shown, model_texture(model, albedo, GRID)))
    level, hue = (own - usual).mean(), (own - usual) - (own - usual).mean()
    size = max(float(np.linalg.norm(hue)), 1e-6)
    bare = usual + max(level, -DARKER) + hue * HUE * np.tanh(size / HUE) / size
    change = np.clip(1.5 * prior.lips, 0, 1)[..., None] * (bare - own)
    return lit_by(texture, np.exp(change).astype(np.float32), (0, 0), step)


def lips_beside_bare(
    texture: NDArray[np.uint8] | None, model: MorphableModel, albedo: Array, bare: Array
) -> tuple[float, NDArray[np.uint8]]:
    """How much redder lips are than bare ones, log of red over green, each beside its skin; and their sRGB colour (3,).

    Args:
        texture: (S, S, 4) uint8 sRGB of a photo, or None for the drawn one.
        model: of the head.
        albedo: (A,) of the head.
        bare: (A,), the same with bare lips.
    """
    lips, skin = _lips_and_skin(model)
    of_photo = texture is not None and len(texture) >= GRID and not len(texture) % GRID
    shown = _shown(texture) if of_photo and texture is not None else model_texture(model, albedo, GRID)
    own, usual = (_contrast(each, lips, skin) for each in (shown, model_texture(model, bare, GRID)))
    red = (own - usual)[0] - (own - usual)[1]
    colour = np.median(np.asarray(shown)[lips], axis=0)
    return float(red), np.rint(255 * linear_to_srgb(colour)).astype(np.uint8)


def _lips_and_skin(model: MorphableModel) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which texels (GRID, GRID) are surely lips, and which skin of a face where nothing grows."""
    prior = prior_of(model, GRID)
    return prior.lips > SURE_LIPS, prior.bare


def _shown(texture: NDArray[np.uint8]) -> Array:
    """The linear colours (GRID, GRID, 3) of a texture (S, S, 4) uint8 sRGB."""
    step = len(texture) // GRID
    return np.asarray(shrunk(linear_of_bytes(texture[..., :3]), step) / np.float32(step * step))


def _contrast(linear: Array, lips: NDArray[np.bool_], skin: NDArray[np.bool_]) -> Array:
    """The log of the median colour (3,) of lips over that of skin, of a texture (H, W, 3)."""
    over, under = (np.median(np.asarray(linear)[where], axis=0) for where in (lips, skin))
    return np.asarray(np.log(np.maximum(over, 1e-3)) - np.log(np.maximum(under, 1e-3)))
