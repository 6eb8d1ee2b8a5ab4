"""What a photo shows that is not in the skin but reflected at its surface, and how to take it off.

Skin adds two lights (the dichromatic model of Shafer 1985): its own colour, and the lamp's. After delighting the
lamp is white, so a glossy texel is too bright and too pale: a · albedo + s. Pale alone may be pale skin, so that what
skins differ by in hue is left alone.

What a surface sends back also flickers with every bump. Beside dark skin, which sends back little else, it is as strong
as all marks of the skin together; beside light skin it is not seen. So the detail's variance is parted into the skin's
and the surface's, band by band (Wiener 1949): where a neighbourhood varies no more than its surface would, little of it
is kept; brows, furrows and moles vary more, and stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.light import SHEEN, LightFit, shading, shading_by, without_sheen
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
#: SD of the neighbourhood that has one sheen, texels of the analysis grid.
SHEEN_BLUR = 4.0

#: SD of what the surface sends back, as shares of the usual sheen and of the gloss that was found.
FLICKER, GLOSS_FLICKER = 0.55, 0.8
#: What is dark in a band is flicker to such a share of it only: surfaces shine far above their mean, not far below.
#: And each wider band averages it out, to such a share of the one before.
DARK, WIDER = 0.5, 0.7
#: SD of a photo's noise, linear RGB: rounding and compression in the dark.
NOISE = 0.004
#: SD of skin's own marks, log units, at least; radius of the neighbourhood whose variance is parted, and of that over
#: which gloss is averaged, texels of the analysis grid.
MARKS_SD, NEAR, GLOSS_NEAR = 0.04, 2.5, 3.0


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


def sheens_of(view: Unwrapped, light: LightFit) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What takes the sheen off each texel, log units (H, W, 3), 0 where it is not seen; and its neighbourhood's mean.

    The mean is what is taken off: hollows send back less sheen, and folds would turn black.
    """
    out, seen = np.zeros((*view.weight.shape, 3), np.float32), view.weight > 0
    out[seen] = without_sheen(view.colour[seen], shading_by(columns_of(view, seen), light.lighting))
    return out, np.asarray(blur(out, view.weight, SHEEN_BLUR), np.float32)


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


def surface_sd(colour: Array, expected: Array, gloss: Array, weight: Array) -> NDArray[np.float32]:
    """SD of what is not the skin's own in the log of a delit photo: (H, W).

    Args:
        colour: (H, W, 3) linear RGB of the photo.
        expected: (H, W, 3) log albedo of the fitted skin.
        gloss: (H, W, 3) what takes its gloss off, log units, 0 or less.
        weight: (H, W) how well each texel is seen.
    """
    sheen = SHEEN / (channels.mean(np.exp(expected)) + SHEEN)
    glossy = blur(-channels.mean(gloss, keepdims=True), weight, GLOSS_NEAR)[..., 0]
    noise = NOISE / (channels.mean(colour) + NOISE)
    return np.sqrt((FLICKER * sheen) ** 2 + (GLOSS_FLICKER * glossy) ** 2 + noise**2).astype(np.float32)


def own_share(band: Array, weight: Array, surface: Array) -> NDArray[np.float32]:
    """Share (H, W), 0..1, of a band of detail (H, W, 3) that is the skin's own; surface: (H, W) of `surface_sd`."""
    brightness = channels.mean(band, keepdims=True)
    variance = blur(brightness**2, weight, NEAR)[..., 0]
    flicker = surface * np.where(brightness[..., 0] < 0, np.float32(DARK), np.float32(1))
    own = np.maximum(variance - flicker**2, MARKS_SD**2)
    return np.minimum(own / np.maximum(variance, 1e-8), 1).astype(np.float32)


def without_flicker(
    detail: Array, weight: Array, surface: Array, widths: Sequence[float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Detail (H, W, 3) without what the surface does, and the share (H, W), 0..1, kept of its finest band.

    surface: (H, W) of `surface_sd`. widths: of the bands, texels; what is wider than the last one is one more.
    """
    if not surface.any():
        return np.asarray(detail, np.float32), np.ones(weight.shape, np.float32)
    kept, finer, finest = np.zeros_like(detail), detail, None
    for width in (*widths, None):
        coarser = np.zeros_like(detail) if width is None else blur(detail, weight, width)
        share = own_share(finer - coarser, weight, surface)
        finest = share if finest is None else finest
        kept += share[..., None] * (finer - coarser)
        finer, surface = coarser, WIDER * surface
    return kept.astype(np.float32), np.asarray(finest, np.float32)
