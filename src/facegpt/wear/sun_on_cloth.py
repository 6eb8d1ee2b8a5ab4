"""Cloth that the sun falls on: what a camera shows of it is the sun's colour, not its dye."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from facegpt.types import Array

#: Belief from which a place shows cloth.
SURE = 0.5
#: Least channel of sRGB from which a camera shows the sun on cloth rather than its dye, and from which it shows nothing
#: else; the share of the cloth from which on it is white.
GLARE, WHITE_CLOTH = (0.72, 0.88), 0.25
#: Neighbourhood in which cloth's brightness is compared, texels down and around; how much brighter cloth in the sun may
#: be than its light says, as a factor on logs.
SUN_TEXELS, SUN_SAYS = (14.0, 9.0), 3.0


def without_sun(own: Array, weight: Array, light: Array) -> Array:
    """Cloth's colours (H, W, 3) no brighter in the sun than elsewhere; weight (H, W): how well each texel is seen.

    Light that was fitted to a face is smooth: cloth in the sun's beam is brighter still. What a neighbourhood has over
    the usual is sun as far as its light (H, W, 3) is over the usual as well; a bright print in common light stays.
    """
    told = weight > SURE
    if not told.any():
        return own
    bright, level = np.log(own.mean(-1)), np.log(light.mean(-1))
    mode, mass = ("nearest", "wrap"), np.clip(weight, 0, 1)
    near = gaussian_filter(bright * mass, SUN_TEXELS, mode=mode) / np.maximum(
        gaussian_filter(mass, SUN_TEXELS, mode=mode), 1e-3
    )
    most = SUN_SAYS * np.clip(level - np.median(level[told]), 0, None)
    return np.asarray(own * np.exp(-np.clip(near - np.median(near[told]), 0, most))[..., None])


def without_glare(crop: Array, cloth: Array) -> Array:
    """How much of each pixel's dye is told (S, S), 0 where the sun bleaches it; 1 everywhere on white cloth.

    crop: (k S, k S, 3) sRGB 0..1. cloth: (S, S) belief in cloth.
    """
    side, fine = len(cloth), len(crop) // len(cloth)
    least = np.minimum.reduce(crop, axis=-1).reshape(side, fine, side, fine).mean((1, 3))
    told = np.clip((GLARE[1] - least) / (GLARE[1] - GLARE[0]), 0, 1)
    shown = cloth > SURE
    return told if shown.any() and (told[shown] < SURE).mean() < WHITE_CLOTH else np.ones_like(cloth)
