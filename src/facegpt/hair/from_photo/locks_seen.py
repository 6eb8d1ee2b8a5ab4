"""The light and dark locks of a photo, taken onto the hair of a head that is drawn over it (hair/locks.py)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter

from facegpt.hair.from_photo.brightness import FEWEST, SURE_SKIN, compared_quantiles, middle
from facegpt.hair.from_photo.colour import (
    DARKEST,
    GREYNESS,
    LEAST_VEIL,
    LIGHTEST,
    MIDDLE,
    TINT_SD,
    VEIL,
    Doubt,
    as_it_grows,
    grey_share,
)
from facegpt.hair.from_photo.drawn_hair import DrawnHead, HairCompared
from facegpt.hair.from_photo.lock_light import Sides, without_light, zoomed
from facegpt.hair.gather import TIES
from facegpt.hair.locks import OCTAVES, SIDE, SMOOTHED, packed
from facegpt.hair.photo_view import projection_of
from facegpt.hair.presets import groom_of
from facegpt.render import channels
from facegpt.render.lighting import lighting_from_lamps
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, Camera, Hair, SeenLocks
from facegpt.wear.cloth import filled

#: Light in which hair is compared: so many times as bright as what it falls on.
EVEN_LIGHT = 1.25
EVEN = lighting_from_lamps((), (EVEN_LIGHT, EVEN_LIGHT, EVEN_LIGHT))
#: Belief in hair from which a pixel's colour has a say, and its whole say, if so many pixels around it show hair; the
#: least share of what is drawn there that has to be hair, beside the middle one.
TOLD, INSIDE_PX, LEAST_HAIR = (0.5, 0.9), 5, 0.6
#: SD of the blur in which photo and drawing are compared, pixels; the least share of what is seen that is no gloss.
BLUR_PX, LEAST_OF_ALBEDO = 0.8, 0.25
#: SD of the neighbourhood whose share of hair tells slivers, pixels, and that share: of slivers, and of hair.
SLIVER_PX, SLIVER = 8.0, (0.1, 0.3)
#: How many times as bright as in the photo hair can be because skin is; how much of the log of the mean brightness is
#: taken of dark hair, which mirrors more than it is bright, and of light hair; mean albedos of either.
EXPOSURE, MEAN_TAKEN, DARK_TO_LIGHT = (0.4, 2.3), (0.7, 1.0), (0.03, 0.12)
#: Cards lie over each other, which takes contrast off: how much stronger wide and fine differences are made, SD of the
#: blur that parts them, and of the one that cards amount to, pixels.
CONTRAST, WIDE_PX, MIXED_PX = (1.3, 1.8), 5.0, 2.5
#: Logs of red over blue at which hair may be grey, and is not; likelihoods of grey hair at an age from which hair
#: without a hue is taken for it, and is.
GREY_HUE, GREY_AGE = (0.35, 0.7), (0.1, 0.3)
#: SD of the neighbourhood of hair in which skin tells how brightly the hair is lit, pixels; how many times as brightly
#: as all skin, at least and at most; how much of it is taken, as a power, of dark hair and of light hair, whose mean
#: albedos are: foreheads are glossy, too.
BESIDE_PX, BESIDE, BESIDE_TAKEN, DARK_AND_LIGHT = 12.0, (0.2, 1.2), (0.5, 0.25), (0.06, 0.25)
#: Skin has no more belief in hair than this among so many pixels around it.
LITTLE_HAIR, APART_PX = 0.2, 7
#: Where sides of a head differ, the share of the brighter one's brightness that counts, of dark hair and of light hair;
#: and that of the hue of the one that has more pigment.
MEAN_SIDE, PIGMENT_SIDE = (0.4, 0.75), 0.75
#: SDs of the log of the brightness that is read: of any hair; of a colour that no pixel of a drawn head confirms, with
#: its tint; and what is added to both of short hair, in full up to the first length, mm.
PLAIN_SD, UNSEEN_SD, UNSEEN_TINT_SD = 0.2, 0.6, 0.2
SHORT_SD, SHORT_TINT_SD, SHORT_MM = 0.6, 0.2, (25.0, 60.0)
#: How far colours are off skin that may be skin: logs of brightness, and of hue.
LIKE_SKIN = (0.5, 0.5)
#: A photo is grey if its skin's channels differ by less than this share of their mean.
NO_COLOUR = 0.02
#: How much of the hue of the light on skin is taken for that on hair, as a power.
BALANCED = 0.9
#: Logs of red over blue of hair, and how much of differences in hue between its locks is taken; how much of the hue of
#: all light hair; how far its mean goes at most, log.
HUE, HUE_TAKEN, OWN_HUE, MOST_LOG = (0.2, 0.7), (0.15, 0.6), 0.8, 1.1
#: How much of the spread of seen locks, as cards show it, hidden ones have; at most.
SPREAD, MOST_SPREAD = 0.4, 0.1


def with_seen_locks(head: DrawnHead, hair: Hair, seen: HairCompared, greyness: float = GREYNESS) -> Hair:
    """Hair in its likely colour, with locks as light and dark as the photo shows them, but for the photo's light.

    What is drawn is compared with the photo beside the skin of either, which tells the hue of the photo's light too. It
    is drawn in light that is the same from everywhere: the light that is fitted to a face tells little of what falls on
    hair, and would make dark hair fair. Shade between locks which the drawing has as well is not taken twice.

    Args:
        head: as it was drawn.
        hair: its hair.
        seen: the drawing, in `EVEN` light, and the photo.
        greyness: 0..1, how likely grey hair is at the age that the face looks.
    """
    skin, lit = seen.skin > SURE_SKIN, channels.mean(seen.drawn)
    weight = _hair_in_both(seen, lit)
    albedo = np.array(hair.colour)
    if skin.sum() < FEWEST:
        return hair
    bare = np.median(seen.drawn[skin], axis=0) / EVEN_LIGHT
    if (weight > 0.5).sum() < FEWEST:
        doubt = Doubt(UNSEEN_SD, UNSEEN_TINT_SD, float(bare.mean()))
        return _coloured(hair, as_it_grows(albedo, greyness, doubt=doubt))
    sides = Sides.of(_projection(head, seen.camera, weight.shape), weight.shape)
    photo = _exposures(seen, skin, weight, albedo, sides) * seen.photo
    logs, wanted, given = _ratios(seen, photo, weight)
    halves = sides.halves(weight)
    means = np.stack([np.average(logs.reshape(-1, 3), axis=0, weights=(one * lit).ravel()) for one in halves])
    apart, mixed = _less_hued(logs - means.mean(0), albedo), _greying(albedo, greyness)
    shown = _contrasted(without_light(apart, weight, sides, mixed), weight * given)
    between, again = compared_quantiles(hair, greyness), given * _as_drawn(shown, weight)
    told = [half > 0.4 * half.max() for half in halves]
    levels = [[_level(one[at], between, mixed) for one in (wanted, again)] for at in told]
    brighter = np.array([seen_log - drawn_log for seen_log, drawn_log in levels])
    level = _of_halves(brighter, albedo, mixed)
    read = albedo * np.exp(np.clip(level + _hue(means, albedo), -MOST_LOG, MOST_LOG))
    doubt = doubt_of(hair, read, bare, brighter)
    hueless = bool(np.ptp(seen.photo[skin], axis=-1).mean() < NO_COLOUR * seen.photo[skin].mean())
    grown = as_it_grows(read, greyness, hueless, _veil(photo[weight > 0.5]), doubt=doubt)
    return replace(_coloured(hair, grown), locks=_record(head, shown, weight, seen.camera))


def _ratios(seen: HairCompared, photo: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Logs (h, w, 3) of how many times as bright a photo's hair is as what is drawn, and both without gloss (h, w).

    photo: (h, w, 3) as bright as its skin is drawn.
    """
    wanted, drawn, given = (np.maximum(_blurred(one, weight), 1e-4) for one in (photo, seen.drawn, seen.follows))
    hues = np.log(wanted / drawn)
    wanted, drawn, given = (channels.mean(one) for one in (wanted, drawn, given))
    wanted = np.maximum(wanted - (drawn - given), LEAST_OF_ALBEDO * wanted)
    logs = np.log(wanted / given)[..., None] + hues - channels.mean(hues, keepdims=True)
    return logs, wanted, given


def _less_hued(logs: Array, albedo: Array) -> NDArray[np.float64]:
    """Logs (h, w, 3) of locks with the hue that they can have: those of black and grey hair have none.

    albedo: (3,) of the hair.
    """
    tone = channels.mean(logs, keepdims=True)
    return np.asarray(tone + _hued(albedo) * (logs - tone))


def _hued(albedo: Array) -> float:
    """How much of the differences in hue between locks of hair of an albedo (3,) is its own."""
    return float(np.interp(np.log(albedo[0] / albedo[2]), HUE, HUE_TAKEN))


def _veil(hair: Array) -> float:
    """What glints over all of a photo's hair (N, 3), which lies over its darkest part, too."""
    bright = channels.mean(hair)
    darkest = hair[bright <= np.quantile(bright, MIDDLE[0])].mean(0).min()
    return float(np.clip(darkest / EVEN_LIGHT, LEAST_VEIL, VEIL))


def _greying(albedo: Array, greyness: float) -> float:
    """How likely hair of an albedo (3,) is dark and white hair mixed, 0..1: without a hue, and light or an old head's.

    greyness: 0..1, how likely grey hair is at the age that the face looks.
    """
    hueless = float(np.interp(np.log(albedo[0] / albedo[2]), GREY_HUE, (1.0, 0.0)))
    return hueless * max(grey_share(albedo), float(np.interp(greyness, GREY_AGE, (0.0, 1.0))))


def _level(bright: Array, between: tuple[float, float], mixed: float) -> float:
    """The log of brightness (N,) of hair between quantiles; of all of it where dark and white are mixed (0..1)."""
    return float((1 - mixed) * np.log(middle(bright, between)) + mixed * np.log(np.maximum(bright, 1e-4)).mean())


def _of_halves(logs: NDArray[np.float64], albedo: Array, mixed: float) -> float:
    """One log of brightness of those of either side: dark hair mirrors light, light hair loses it in shade.

    mixed: 0..1, how far locks keep what sides differ by, so that their mean counts.
    """
    light, taken = (float(np.interp(albedo.mean(), DARK_TO_LIGHT, of)) for of in (MEAN_SIDE, MEAN_TAKEN))
    light += mixed * (0.5 - light)
    return taken * float((1 - light) * logs.min() + light * logs.max())


def _hue(means: Array, albedo: Array) -> NDArray[np.float64]:
    """The hue (3,), logs of mean 0, of those of either side (1 or 2, 3): what is mirrored takes pigment's hue away.

    Dark hair (albedo, (3,)) mirrors sky more than it is bright; light hair, grey too, has the hue that is seen.
    """
    taken = float(np.interp(albedo.mean(), DARK_TO_LIGHT, (_hued(albedo), OWN_HUE)))
    hues = means - means.mean(1, keepdims=True)
    order = np.argsort(hues[:, 2] - hues[:, 0])
    return np.asarray(taken * (hues[order[0]] * PIGMENT_SIDE + hues[order[-1]] * (1 - PIGMENT_SIDE)))


def doubt_of(hair: Hair, read: Array, skin: Array, sides: Array) -> Doubt:
    """How far a colour (3,) of hair that was read beside skin (3,) can be off.

    Short hair lets skin through, as hair does that is combed to a tie, so that what is like skin may be skin; and sides
    (1 or 2,) that differ are lit.
    """
    groom = groom_of(hair)
    short = float(np.interp(max(groom.top_mm, groom.sides_mm), SHORT_MM, (1.0, 0.0)))
    flat = 1.0 if groom.gather in TIES else short
    off = np.log(read / skin)
    tone = off.mean()
    like = np.exp(-0.5 * ((tone / LIKE_SKIN[0]) ** 2 + ((off - tone) ** 2).sum() / LIKE_SKIN[1] ** 2))
    through = flat * float(like)
    spread = float(np.ptp(sides)) / 2
    brightness = np.sqrt(PLAIN_SD**2 + (SHORT_SD * short) ** 2 + spread**2 + through**2)
    return Doubt(
        float(brightness), float(np.sqrt(TINT_SD**2 + (SHORT_TINT_SD * short) ** 2 + through**2)), float(np.mean(skin))
    )


def _coloured(hair: Hair, albedo: Array) -> Hair:
    """The hair in an albedo (3,), as far as hair's go."""
    red, green, blue = np.clip(albedo, DARKEST, LIGHTEST)
    return replace(hair, colour=(float(red), float(green), float(blue)))


def _exposure(seen: HairCompared, skin: NDArray[np.bool_], weight: Array, taken: float) -> Array:
    """How many times as bright (3,) the photo's hair (weight, (h, w)) is than it looks, because its skin (h, w) is.

    `taken` of the brightness, as a power, is that of the skin beside the hair: light from above falls on both, and less
    on cheeks.
    """
    exposure = np.median(seen.drawn[skin], axis=0) / np.maximum(np.median(seen.photo[skin], axis=0), 1e-4)
    bright = float(exposure.mean())
    clean = skin & (maximum_filter(seen.hair, APART_PX) < LITTLE_HAIR)  # white hair at its edge would lighten skin
    clean = clean if clean.sum() > FEWEST else skin
    beside = gaussian_blur(weight, BESIDE_PX)[clean]
    near = [_weighted_median(channels.mean(one)[clean], beside) for one in (seen.drawn, seen.photo)]
    lit_alike = np.clip(near[0] / max(near[1], 1e-4) / bright, *BESIDE) ** taken
    return np.asarray((exposure / bright) ** BALANCED * np.clip(bright, *EXPOSURE) * lit_alike)


def _exposures(seen: HairCompared, skin: NDArray[np.bool_], weight: Array, albedo: Array, sides: Sides) -> Array:
    """`_exposure` of each pixel (h, w, 3): skin tells the light of its own side, where both show some."""
    taken = float(np.interp(albedo.mean(), DARK_AND_LIGHT, BESIDE_TAKEN))
    each = [skin & (sides.side * sign > 0) for sign in (-1, 1)]
    if min(one.sum() for one in each) < FEWEST:
        return _exposure(seen, skin, weight, taken)
    halves = [weight * np.clip(0.5 + sign * sides.side, 0.05, 1) for sign in (-1, 1)]
    right, left = (np.log(_exposure(seen, *pair, taken)) for pair in zip(each, halves, strict=True))
    share = (0.5 + 0.5 * sides.side)[..., None]
    return np.asarray(np.exp((1 - share) * right + share * left))


def _weighted_median(values: Array, weights: Array) -> float:
    """The median of values (N,) that count by their weights (N,)."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][min(int(np.searchsorted(total, total[-1] / 2)), len(order) - 1)])


def _contrasted(logs: Array, shown: Array) -> Array:
    """Logs (h, w, 3) of colour ratios with more contrast, and the mean that they have where hair is shown (h, w)."""
    limit = OCTAVES * np.log(2)
    weighed = np.concatenate([logs * shown[..., None], shown[..., None]], -1)
    wide = gaussian_blur(weighed.astype(np.float32), WIDE_PX).astype(np.float64)
    wide = wide[..., :3] / np.maximum(wide[..., 3:], 1e-4)
    plain = np.clip(logs, -limit, limit)
    more = np.clip(CONTRAST[0] * wide + CONTRAST[1] * (logs - wide), -limit, limit)
    return more - np.log((np.exp(channels.mean(more)) * shown).sum() / (np.exp(channels.mean(plain)) * shown).sum())


def _as_drawn(logs: Array, weight: Array) -> NDArray[np.float64]:
    """How many times as bright hair with locks of these logs (h, w, 3) is drawn (h, w): cards mix what lies near."""
    both = np.dstack([np.exp(channels.mean(logs)) * weight, weight]).astype(np.float32)
    near = gaussian_blur(both, MIXED_PX).astype(np.float64)
    return near[..., 0] / np.maximum(near[..., 1], 1e-3)


def _hair_in_both(seen: HairCompared, lit: Array) -> NDArray[np.float64]:
    """How much each pixel (h, w) tells of hair that both pictures show: slivers are skin, or what is behind."""
    is_hair = np.clip(channels.mean(seen.follows) / np.maximum(lit, 1e-6), 0, 1)
    weight = np.clip((minimum_filter(seen.hair, INSIDE_PX) - TOLD[0]) / (TOLD[1] - TOLD[0]), 0, 1)
    if not (weight > 0.5).any():
        return np.zeros_like(lit)
    weight = weight * (is_hair > LEAST_HAIR * np.median(is_hair[weight > 0.5]))
    around = gaussian_blur(weight, SLIVER_PX)
    return np.asarray(weight * np.clip((around - SLIVER[0]) / (SLIVER[1] - SLIVER[0]), 0, 1))


def _record(head: DrawnHead, logs: Array, weight: Array, camera: Camera) -> SeenLocks:
    """Logs (h, w, 3) of colour ratios, of which a share (h, w) is told, small and filled, with their projection."""
    height, width = weight.shape
    shrink = min(1.0, SIDE / max(height, width))
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    both = np.dstack([logs * weight[..., None], weight])
    small = zoomed(both, (size[0] / height, size[1] / width))
    told = np.clip(small[..., 3], 0, 1)
    picture = filled(small[..., :3] / np.maximum(told, 1e-3)[..., None], told, around=False)
    tone = channels.mean(picture)
    apart = tone - gaussian_filter(tone, SMOOTHED * len(tone), mode="nearest")
    spread = min(SPREAD * float(np.sqrt(np.average(apart**2, weights=told))), MOST_SPREAD)
    return SeenLocks(packed(picture), size, _projection(head, camera, size), round(spread, 4))


def _projection(head: DrawnHead, camera: Camera, size: tuple[int, ...]) -> tuple[float, ...]:
    """The 3 × 4 matrix from the head at rest, mm, to pixels of a picture of this size (h, w) that `camera` sees."""
    across, down = size[1] / camera.width, size[0] / camera.height
    cx, cy = camera.principal_px
    intrinsics = np.array([
        [camera.focal_px * across, 0, (cx + 0.5) * across - 0.5],
        [0, camera.focal_px * down, (cy + 0.5) * down - 0.5],
        [0, 0, 1],
    ])  # fmt: skip
    return projection_of(head.model, head.params, intrinsics)


def _blurred(picture: Array, weight: Array) -> NDArray[np.float64]:
    """A picture (h, w, 3), blurred over what has weight (h, w)."""
    mass = np.maximum(gaussian_blur(weight, BLUR_PX), 1e-3)
    return np.asarray(gaussian_blur(picture * weight[..., None], BLUR_PX) / mass[..., None])
