"""What a photo shows that is not in the skin but reflected at its surface, and how to take it off.

Skin adds two lights (the dichromatic model of Shafer 1985): its own colour, and the lamp's. After delighting the
lamp is white, so a glossy texel is too bright and too pale: a · albedo + s. Pale alone may be pale skin, so that what
skins differ by in hue is left alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.light import LightFit, shading, shading_by, without_sheen
from facegpt.appearance.unwrap import Unwrapped
from facegpt.render import channels
from facegpt.render.lighting import sh_basis
from facegpt.render.texel_grids import blur
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: So many SDs of hue are skin; log units of brightness above the model from which gloss is looked for, and fully.
TOLERANCE, BRIGHT = 0.7, (0.0, 0.2)
#: Colourfulness of a skin below which white light cannot be told from it, as in photos without colour.
LEAST_HUE = 0.05
#: Most of a texel's light that may be gloss.
MOST = 0.6
#: SD of the neighbourhood that has one sheen, texels of the analysis grid; and how much of the way each texel goes.
SHEEN_BLUR, SHEEN_EVENED = 4.0, 0.5


def gloss_of(residual: Array, expected: Array, residual_sd: Array, weight: Array) -> NDArray[np.float32]:
    """What to add to the log of a delit photo to take its gloss off: (H, W, 3), 0 or less.

    Args:
        residual: (H, W, 3) log of the delit photo minus `expected`.
        expected: (H, W, 3) log albedo of the fitted skin.
        residual_sd: (H, W, 2) SD of brightness and of colour, log units.
        weight: (H, W) how well each texel is seen; 0 gives 0.
    """
    relative, pale = np.exp(np.clip(residual, -4, 4)), np.exp(-expected)  # a + s · pale
    slant = pale - channels.mean(pale, keepdims=True)
    spread = channels.length(slant)
    amount = channels.total(relative * slant) / np.maximum(spread, 1e-6) ** 2
    doubt = residual_sd[..., 1] * channels.mean(relative) / np.maximum(spread, 1e-6)
    bright = np.clip((channels.mean(residual) - BRIGHT[0]) / (BRIGHT[1] - BRIGHT[0]), 0, 1)
    amount = np.maximum(amount - TOLERANCE * doubt, 0) * bright * (weight > 0) * (spread > LEAST_HUE)
    amount = gaussian_blur(amount, max(len(amount) / 256, 0.5))
    left = np.maximum(relative - amount[..., None] * pale, (1 - MOST) * relative)
    return np.where(weight[..., None] > 0, np.log(left / relative), 0).astype(np.float32)


def sheen_of(view: Unwrapped, light: LightFit) -> NDArray[np.float32]:
    """What takes the sheen off each texel, log units (H, W, 3); 0 where it is not seen."""
    out, seen = np.zeros((*view.weight.shape, 3), np.float32), view.weight > 0
    out[seen] = without_sheen(view.colour[seen], shading_by(columns_of(view, seen), light.lighting))
    return out


def smooth_sheen(sheen: NDArray[np.float32], view: Unwrapped) -> NDArray[np.float32]:
    """A change (H, W, 3) half the neighbourhood's: hollows send back less sheen, and folds would turn black."""
    return np.asarray(sheen + SHEEN_EVENED * (blur(sheen, view.weight, SHEEN_BLUR) - sheen), np.float32)


def columns_of(view: Unwrapped, where: NDArray) -> Array:
    """How the light reaches texels: (N, 9)."""
    return sh_basis(view.normal[where]) if view.columns is None else view.columns[where]


def shadow_of(view: Unwrapped, light: LightFit) -> NDArray[np.float32]:
    """How much darker, log units (H, W, 3), the head's own shape makes each texel; 0 where it is not seen."""
    shadow = np.zeros((*view.weight.shape, 3), np.float32)
    if view.columns is not None:
        seen = view.weight > 0
        sheltered = shading_by(view.columns[seen], light.lighting)
        shadow[seen] = np.log(shading(view.normal[seen], light.lighting) / sheltered)
    return shadow
