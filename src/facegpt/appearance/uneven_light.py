"""What is left of a photo's light where nine harmonics end: burns in hollows, and shadows on one half of the face.

Brows, nose and lids shade the sockets of the eyes. How much no nine harmonics tell exactly, and the albedo of a dark
place is its colour over a small number: pale and orange spots beside brows and on lids, which every even light shows.
So hollows are not let be much brighter than the face's open skin. And the shadows that nose, brows and hair cast have
edges, which no nine harmonics have; where the other half of the face is free of them, it tells what lies below.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.gloss import shades_of
from facegpt.appearance.light import shading
from facegpt.appearance.unwrap import Unwrapped
from facegpt.render import channels
from facegpt.render.texel_grids import blur
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Shading, as a share of the best lit skin's, at which a texel stops and starts to count: noise is amplified in shadow.
SHADOW = (0.12, 0.35)
#: Over how many texels light is alike in a hollow, and how much more a place counts there by each log unit that it is
#: brighter: hairs are darker than the skin that tells of the light. How much brighter, log units, and how many times as
#: colourful skin about the eyes may be as the face's open skin.
ALIKE, SKIN_COUNTS, BRIGHTER, COLOURFUL = 4.0, 1.5, 0.2, 1.15
#: Over how many texels the brightness of single spots is taken off.
SPOT = 0.7
#: Log units by which skin about the eyes must be darker than open skin for its hue to count as make-up in full.
MADE_UP_DARK = 0.25
#: Fewest texels of open skin that tell its brightness, and the quantile of it that is meant.
FEWEST, OPEN = 40, 0.6
#: A shadow on one half of a face: it is so many texels wide at least, and darker than the other half by so much, log
#: units; that half is not followed beyond so much above the model, where it may be gloss.
SHADOW_WIDE, SHADOW_DEEP, SHADOW_TOP = 2.0, 0.10, 0.08
#: How much paler a beard in the shade is than in the light, log units, where it is not believed; over how wide a share
#: of the texture's side its tone is averaged.
PALER_BEARD, BEARD_TONE = 0.3, 3 / 256
#: Least weight of a texel on both halves that tells of shadows.
SHADOW_SEEN = 0.15

#: How much of the brightness of a low band beside the model's is taken for light on bare skin, at least; and its SD
#: over a face that is the skin's own at most, log units.
EVENED, LOW_SD = 0.3, 0.08
#: SD of a low band's hue over a face that is the skin's own at most, log units; and brightness beside the model's, log
#: units, at which skin where beards grow is one, and not bare.
HUE_SD, BEARD_DARK = 0.035, 0.3


def best_lit(own: Unwrapped, mask: Array, lighting: Array) -> float:
    """The shading of the best lit skin of a face (mask, (H, W) in 0..1) in a light (9, 3)."""
    lit = own.weight * mask > 0.3
    return float(np.quantile(shading(own.normal[lit], lighting).mean(1), 0.9)) if lit.any() else 1.0


def dim_light(view: Unwrapped, lighting: Array, best: float) -> NDArray[np.float32]:
    """What to add to residuals (H, W, 1), 0 or less, log units, where the fitted light is weaker than light ever is.

    Beside brows, eyes and nose skin lights skin: an albedo over a shading of nearly nothing would glow.

    lighting: (9, 3). best: the shading of the best lit skin.
    """
    seen, dim = view.weight > 0, np.zeros((*view.weight.shape, 1), np.float32)
    shade = channels.mean(shades_of(view, lighting)[seen], keepdims=True)
    dim[seen] = np.minimum(np.log(shade / (SHADOW[1] * best)), 0)
    return dim


def evened(brightness: Array, bare: Array) -> float:
    """How much of a low band's brightness (H, W), log units, is taken for light: EVENED, and more in hard light.

    What a face's bare skin (H, W), 0..1, spreads beyond skin is light that nine harmonics could not follow.
    """
    total = max(float(bare.sum()), 1e-5)
    mean = float((brightness * bare).sum()) / total
    spread = float(np.sqrt(((brightness - mean) ** 2 * bare).sum() / total))
    return max(EVENED, 1 - LOW_SD / max(spread, 1e-5))


def even_hue(field: Array, bare: Array, weight: Array, growth: Array | float | None = None) -> NDArray[np.float32]:
    """What to add to a low band (H, W, 3), log units, so that its hue spreads no more over the face than skin's does.

    Lamps of two colours, and the sky beside a lamp, give each side of a face a hue of its own, which no single tint of
    the light explains. What is more than a skin varies goes towards the face's mean hue; the model's pattern of red
    and pale places is not in this band.

    Args: bare: (H, W) in 0..1, bare skin. weight: (H, W) how well it is seen. growth: (H, W) in 0..1, where beards
        grow: what is as bright as skin there is skin.
    """
    brightness = channels.mean(field, keepdims=True)
    hue, sure = field - brightness, bare * weight
    total = max(float(sure.sum()), 1e-5)
    excess = hue - np.asarray([(plane * sure).sum() / total for plane in np.moveaxis(hue, -1, 0)], np.float32)
    spread = float(np.sqrt((channels.total(excess**2) * sure).sum() / total))
    shaven = (0.0 if growth is None else growth) * np.clip(1 + brightness[..., 0] / BEARD_DARK, 0, 1)
    share = max(0.0, 1 - HUE_SD / max(spread, 1e-5)) * np.maximum(bare, shaven)
    return (-share[..., None] * excess).astype(np.float32)


def open_brightness(total: Array, bare: Array) -> float | None:
    """How bright a face's open skin is, log units; None where too little of it is seen.

    total: (H, W, 3) log albedo. bare: (H, W) in 0..1, skin without eyes, brows, lips and beards.
    """
    sure = bare > 0.5
    if sure.sum() < FEWEST:
        return None
    return float(np.quantile(channels.mean(total[sure]), OPEN))


def hollow_glow(
    total: Array, level: float | None, usual: Array, hollow: Array, bridge: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """What to add to log albedo (H, W, 3) so that hollows (H, W) in 0..1 do not glow.

    Light is smooth: where the skin of a hollow is brighter and more orange than the face's open skin, so much light was
    left in all that lies there, in the hairs of a brow as well. They lose it too, and stay darker than the skin.

    level: log brightness of the open skin, None if unknown. usual: (H, W, 3) its hue, log units without brightness.
    bridge: (H, W), the bridge of the nose, which shines: it tells nothing of the light beside it.
    """
    if level is None:
        return np.zeros_like(total, np.float32)
    brightness = channels.mean(total)
    counts = hollow * (1 - bridge) * np.exp(SKIN_COUNTS * np.minimum(brightness - level, 1))
    around = blur(total, counts.astype(np.float32), ALIKE)
    bright = channels.mean(around, keepdims=True)
    size = np.maximum(channels.total(usual**2, keepdims=True), 1e-4)
    colourful = channels.total((around - bright) * usual, keepdims=True) / size
    excess = np.maximum(bright - level - BRIGHTER, 0) + np.maximum(colourful - COLOURFUL, 0) * usual
    left = total - excess
    bright = channels.mean(left, keepdims=True)
    colourful = channels.total((left - bright) * usual, keepdims=True) / size
    of_skin = np.exp(np.minimum(bright - level, 0) / MADE_UP_DARK)  # brown hairs are more colourful than skin
    excess += gaussian_blur(np.maximum(bright - level - BRIGHTER, 0), SPOT)
    excess += of_skin * np.maximum(colourful - COLOURFUL, 0) * usual
    return (-hollow[..., None] * excess).astype(np.float32)


def make_up(total: Array, level: float | None) -> NDArray[np.float32]:
    """How far a hue about the eyes may be make-up (H, W), 0..1: that is darker than the skin around it."""
    if level is None:
        return np.zeros(total.shape[:2], np.float32)
    return np.clip((level - channels.mean(total)) / MADE_UP_DARK, 0, 1).astype(np.float32)


def one_sided_shadows(
    own: Array, mirrored: Array, own_weight: Array, mirrored_weight: Array, bare: Array
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What fills the shadows that lie on one half of a face only, log units (H, W, 1): in the photo, in its mirror.

    Skin is alike on both halves: what is broad and dark on one is a shadow. Lines and moles are narrower and stay.

    Args: residuals (H, W, 3) of the photo and of its mirror image, their weights (H, W), and where bare skin is (H, W).
    """
    both = ((own_weight > SHADOW_SEEN) & (mirrored_weight > SHADOW_SEEN)).astype(np.float32)
    told = bare * np.clip(2 * gaussian_blur(both, SHADOW_WIDE) - 1, 0, 1)
    one, other = (blur(channels.mean(view, keepdims=True), both, SHADOW_WIDE)[..., 0] for view in (own, mirrored))
    fills = [
        told * np.maximum(np.minimum(bright, SHADOW_TOP) - dark - SHADOW_DEEP, 0)
        for dark, bright in ((one, other), (other, one))
    ]
    return fills[0][..., None].astype(np.float32), fills[1][..., None].astype(np.float32)


def lit_beards(
    residuals: Sequence[Array], beards: Sequence[Array], seen: Sequence[Array], lit: Sequence[Array]
) -> list[Array]:
    """How sure a beard is in a photo and in its mirror image (H, W), where one of them shows it in deep shade.

    Lifted blacks, glare and a fitted light that is too dark make black hair pale in the shade. Where the same place of
    the other half lies in the light and is darker, that half tells the beard of both.

    Args: residuals (H, W, 3) in log units, how sure a beard is by the networks, weights, and how lit each texel is, all
    in 0..1, of the photo and of its mirror image.
    """
    if not all(beard.any() for beard in beards):
        return list(beards)
    sigma = BEARD_TONE * len(lit[0])
    tones = [
        blur(channels.mean(residual, keepdims=True), beard * weight, sigma)[..., 0]
        for residual, beard, weight in zip(residuals, beards, seen, strict=True)
    ]
    found: list[Array] = []
    for one, other in ((0, 1), (1, 0)):
        paler = np.clip((tones[one] - tones[other]) / PALER_BEARD, 0, 1)
        found.append(beards[one] * (1 - paler * (1 - lit[one]) * lit[other] * beards[other] * seen[other]))
    return found
