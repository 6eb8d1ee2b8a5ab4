"""A photo's skin below a shaved-off beard: the head model's skin in the tone and with the grain of what is around.

The tone goes on smoothly from the skin beside the beard, cheeks above and neck below, so that no edge shows. What is
darker there than skin can be is hair that grew out of where beards are known to grow, and goes as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.appearance.complete import pull_push
from facegpt.appearance.prior import TexturePrior, model_texture, prior_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.render.texel_grids import blur, upsample
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, Hair

#: Texels a side of the grid on which tones are compared.
GRID = 256
#: From this amount on, hair covers the skin wholly where it is densest.
COVERING = 0.15
#: Density of growth from which a shave takes all of the skin: beards are seen far out of where they are dense.
SHAVEN_FROM = 0.04
#: Texels of GRID by which a beard reaches out of its growth, over which its end fades, and as far as scraps lie.
OUT_TEXELS, FADE_TEXELS, SCRAPS_TEXELS = 3.0, 2.0, 14.0
#: How much darker than the skin that is expected hair is, log units: from here on, and in full.
DARK_FROM, DARK_WHOLLY = 0.22, 0.45
#: Rounds in which scraps are told from skin, and texels over which tones are averaged.
ROUNDS, TONE_TEXELS = 3, 1.5
#: How far that tone goes from what is usual of the face, log units: brighter or darker, and in hue.
LIGHT, HUE = 0.35, 0.06
#: Grain of skin that is put in, times that of the model's skin: least and most.
GRAIN = (0.6, 2.5)
_FLOOR = 2e-3


def shaved(linear: NDArray[np.float32], model: MorphableModel, albedo: Array, hair: Hair) -> NDArray[np.float32]:
    """Skin (S, S, 3) linear RGB without the beard and moustache of `hair` that grew there.

    Args:
        linear: the skin that a photo shows.
        model: of the head.
        albedo: (A,) of the head, whose skin is put in.
        hair: what grew.
    """
    side = len(linear)
    if side < GRID:
        return linear
    prior, grown = prior_of(model, GRID), _grown(hair)
    bare = np.maximum(np.asarray(model_texture(model, albedo, side), np.float32), _FLOOR)
    ratio = np.log(np.maximum(linear, _FLOOR) / bare)
    coarse = _resized(ratio, GRID)
    paints = prior.mask * ~prior.eyes * (1 - prior.lips)
    share, tone = _gone(coarse, grown, paints, prior)
    fine_share, fine_tone = (upsample(np.ascontiguousarray(each, np.float32), side // GRID) for each in (share, tone))
    skin = bare * np.exp(fine_tone) * _grain(linear, bare, fine_share[..., 0], _resized(paints[..., None], side))
    return np.asarray(linear * (1 - fine_share) + skin * fine_share, np.float32)


def _grown(hair: Hair) -> NDArray[np.float32]:
    """Where hair covers the skin (GRID, GRID), 0..1, with some skin around it."""
    layers = AlbedoModel.load().growth["hair_density"][:2].astype(np.float32) / 255
    amounts = np.clip(np.array([hair.beard, hair.moustache], np.float32) / COVERING, 0, 1)
    whole = (np.clip(layers / SHAVEN_FROM, 0, 1) * amounts[:, None, None]).max(0)
    out = gaussian_blur(_resized(whole[..., None], GRID), OUT_TEXELS, truncate=3)[..., 0]
    return np.clip(out / 0.3, 0, 1).astype(np.float32)


def _gone(
    ratio: Array, grown: Array, paints: Array, prior: TexturePrior
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What a shave takes of the skin (GRID, GRID, 1), and the log of its tone over the model's (GRID, GRID, 3)."""
    near = np.clip(gaussian_blur(grown[..., None], SCRAPS_TEXELS, truncate=3)[..., 0] / 0.1, 0, 1) * paints
    lips = np.clip(4 * gaussian_blur(prior.lips[..., None].astype(np.float32), 2.0, truncate=3)[..., 0], 0, 1)
    paints = paints * (1 - lips)
    shown = (paints > 0.5) & (prior.brows < 0.01) & (grown < 0.01)
    usual = np.median(ratio[shown], 0) if shown.any() else np.zeros(3)
    share, sure = grown, np.where(shown | ((grown < 0.01) & (paints > 0.05)), 1.0, 0.0).astype(np.float32)
    tone: Array = np.broadcast_to(usual, ratio.shape)
    for _ in range(ROUNDS):
        dark = np.clip((tone - ratio).mean(-1) - DARK_FROM, 0, None) / (DARK_WHOLLY - DARK_FROM)
        share = np.maximum(grown, near * np.clip(dark, 0, 1))
        weight = (sure * (1 - np.clip(2 * gaussian_blur(share[..., None], 1.0, truncate=3)[..., 0], 0, 1))).astype(
            np.float32
        )
        smooth = blur(np.asarray(ratio, np.float32), weight, TONE_TEXELS)
        tone = pull_push(smooth, np.minimum(weight, 1.0))
        tone = _near(gaussian_blur(np.asarray(tone, np.float32), FADE_TEXELS, truncate=3), usual)
    soft = gaussian_blur(share[..., None], FADE_TEXELS, truncate=3)
    whole = np.clip(1.4 * soft, 0, 1) * (1 - np.clip(1.5 * prior.lips, 0, 1))[..., None] * ~prior.eyes[..., None]
    return whole.astype(np.float32), np.asarray(tone, np.float32)


def _near(tone: Array, usual: Array) -> Array:
    """A tone (H, W, 3) bent back to what is usual of the face (3,): its light by LIGHT at most, its hue by HUE."""
    off = tone - usual
    light = off.mean(-1, keepdims=True)
    hue = off - light
    size = np.maximum(np.linalg.norm(hue, axis=-1, keepdims=True), 1e-6)
    return np.asarray(usual + LIGHT * np.tanh(light / LIGHT) + hue * (HUE * np.tanh(size / HUE) / size))


def _grain(linear: Array, bare: Array, share: Array, paints: Array) -> NDArray[np.float32]:
    """A factor (S, S, 1) that gives the model's skin as much grain as the skin around has."""
    wide = len(linear) / 512
    grains = []
    for each in (linear, bare):
        light = np.log(np.maximum(each.mean(-1), _FLOOR))[..., None].astype(np.float32)
        grains.append((light - gaussian_blur(light, wide, truncate=3))[..., 0])
    around = (paints[..., 0] > 0.7) & (share < 0.01)
    if around.sum() < GRID:
        return np.ones((*share.shape, 1), np.float32)
    spread = [float(np.median(np.abs(each[around]))) for each in grains]
    more = float(np.clip(spread[0] / max(spread[1], 1e-4), *GRAIN)) - 1
    return np.exp(more * grains[1])[..., None].astype(np.float32)


def _resized(values: Array, size: int) -> NDArray[np.float32]:
    """Planes (H, W, C) at another side: averages or bilinear."""
    if len(values) == size:
        return np.asarray(values, np.float32)
    way = Image.Resampling.BOX if len(values) > size else Image.Resampling.BILINEAR
    planes = [Image.fromarray(np.asarray(plane, np.float32)) for plane in np.moveaxis(values, -1, 0)]
    return np.stack([np.asarray(plane.resize((size, size), way)) for plane in planes], -1)
