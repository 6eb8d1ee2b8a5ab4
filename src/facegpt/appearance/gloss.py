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
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.appearance.light import LEAST_OWN, LightFit, darkest, shading_by
from facegpt.appearance.unwrap import Unwrapped
from facegpt.render import channels
from facegpt.render.lighting import SHEEN, sh_basis
from facegpt.render.scalar import INLINE, KERNEL, ONE, ZERO, irradiance
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
    residual, expected = (np.ascontiguousarray(each, np.float32) for each in (residual, expected))
    amount, out = np.zeros(weight.shape, np.float32), np.zeros(residual.shape, np.float32)
    _find_gloss(residual, expected, residual_sd, weight, amount)
    amount = gaussian_blur(amount, max(len(amount) / 256, 0.5))
    _take_gloss(residual, expected, weight, amount, out)
    return out


@njit(**KERNEL)
def _find_gloss(residual, expected, residual_sd, weight, amount):  # type: ignore[no-untyped-def]
    """Write by how much white light a texel is brighter than its skin (H, W), where it is seen and bright."""
    third, low = np.float32(1 / 3), np.float32(BRIGHT[0])
    per_bright, tolerance = np.float32(1 / (BRIGHT[1] - BRIGHT[0])), np.float32(TOLERANCE)
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            mean = (residual[y, x, 0] + residual[y, x, 1] + residual[y, x, 2]) * third
            if not (weight[y, x] > 0 and mean > low):
                continue
            pale_0, pale_1, pale_2 = np.exp(-expected[y, x, 0]), np.exp(-expected[y, x, 1]), np.exp(-expected[y, x, 2])
            middle = (pale_0 + pale_1 + pale_2) * third
            slant_0, slant_1, slant_2 = pale_0 - middle, pale_1 - middle, pale_2 - middle
            spread = np.sqrt(slant_0 * slant_0 + slant_1 * slant_1 + slant_2 * slant_2)
            if spread <= LEAST_HUE:
                continue
            first, second, last = _relative(residual, y, x)
            along = (first * slant_0 + second * slant_1 + last * slant_2) / (spread * spread)
            doubt = residual_sd[y, x, 1] * (first + second + last) * third / spread
            amount[y, x] = max(along - tolerance * doubt, ZERO) * min((mean - low) * per_bright, ONE)


@njit(**KERNEL)
def _take_gloss(residual, expected, weight, amount, out):  # type: ignore[no-untyped-def]
    """Write the log of what is left of each texel (H, W, 3) without an amount (H, W) of white light."""
    least = np.float32(1 - MOST)
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            if not (weight[y, x] > 0 and amount[y, x] > 0):
                continue
            relative = _relative(residual, y, x)
            for c in range(3):
                left = relative[c] - amount[y, x] * np.exp(-expected[y, x, c])
                out[y, x, c] = np.log(max(left / relative[c], least))


@njit(**INLINE)
def _relative(residual, y, x):  # type: ignore[no-untyped-def]
    """How bright a texel's channels are beside its skin: a + s · pale."""
    low, high = np.float32(-4), np.float32(4)
    return (
        np.exp(min(max(residual[y, x, 0], low), high)),
        np.exp(min(max(residual[y, x, 1], low), high)),
        np.exp(min(max(residual[y, x, 2], low), high)),
    )


def sheens_of(view: Unwrapped, light: LightFit) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What takes the sheen off each texel, log units (H, W, 3), 0 where it is not seen; and its neighbourhood's mean.

    The mean is what is taken off: hollows send back less sheen, and folds would turn black.
    """
    out = np.zeros((*view.weight.shape, 3), np.float32)
    _take_sheen(view.colour, shades_of(view, light.lighting), view.weight, out)
    return out, np.asarray(blur(out, view.weight, SHEEN_BLUR), np.float32)


@njit(**KERNEL)
def _take_sheen(colour, shade, weight, out):  # type: ignore[no-untyped-def]
    """`without_sheen` of the texels (H, W, 3) with weight (H, W)."""
    dark, sheen, least = np.float32(1e-3), np.float32(SHEEN), np.float32(LEAST_OWN)
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            if weight[y, x] > 0:
                for c in range(3):
                    lit = max(colour[y, x, c], dark) / shade[y, x, c]
                    out[y, x, c] = np.log(max(lit - sheen, least * lit) / lit)


def in_light(lighting: Array, *views: Unwrapped) -> list[Unwrapped]:
    """Views in the light (9, 3) that was fitted to them, whose irradiance is found once for all that asks for it."""
    return [replace(view, shade=shades_of(view, lighting)) for view in views]


def shades_of(view: Unwrapped, lighting: Array) -> NDArray[np.float32]:
    """The irradiance (H, W, 3) of a light (9, 3) on what is seen, as `shading_by`; 0 elsewhere.

    That of a view `in_light` is of its own light.
    """
    if view.shade is not None:
        return view.shade
    out = np.zeros((*view.weight.shape, 3), np.float32)
    if view.columns is None:
        seen = view.weight > 0
        out[seen] = shading_by(columns_of(view, seen), lighting)
        return out
    _shade(view.columns, view.weight, np.asarray(lighting, np.float32), darkest(lighting).astype(np.float32), out)
    return out


@njit(**KERNEL)
def _shade(columns, weight, lighting, least, out):  # type: ignore[no-untyped-def]
    """Write columns (H, W, 9) times a light (9, 3), `least` (3,) at least, where there is weight (H, W)."""
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            if weight[y, x] > 0:
                for c in range(3):
                    total = np.float32(0)
                    for k in range(9):
                        total += columns[y, x, k] * lighting[k, c]
                    out[y, x, c] = max(total, least[c])


def columns_of(view: Unwrapped, where: NDArray) -> Array:
    """How the light reaches texels: (N, 9)."""
    return sh_basis(view.normal[where]) if view.columns is None else view.columns[where]


def shadow_of(view: Unwrapped, light: LightFit) -> NDArray[np.float32]:
    """How much darker, log units (H, W, 3), the head's own shape makes each texel; 0 where it is not seen."""
    shadow = np.zeros((*view.weight.shape, 3), np.float32)
    if view.columns is not None:
        lighting, least = np.asarray(light.lighting, np.float32), darkest(light.lighting).astype(np.float32)
        _compare_shades(view.normal, shades_of(view, lighting), view.weight, lighting, least, shadow)
    return shadow


@njit(**KERNEL)
def _compare_shades(normal, sheltered, weight, lighting, least, out):  # type: ignore[no-untyped-def]
    """Write the log of what an open surface gets over what is `sheltered` (H, W, 3), where there is weight (H, W)."""
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            if weight[y, x] > 0:
                for c in range(3):
                    free = irradiance(lighting, c, normal[y, x, 0], normal[y, x, 1], normal[y, x, 2])
                    out[y, x, c] = np.log(max(free, least[c]) / sheltered[y, x, c])


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
