"""Make whole what a photo shows in part: which texels to trust, what lies under them, and what to put elsewhere.

Everything here works on residuals: log albedo seen in the photo minus log albedo of the fitted model, (H, W, 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, minimum_filter

from facegpt.appearance.gloss import without_flicker
from facegpt.appearance.over_skin.single_marks import single_marks, without_marks
from facegpt.appearance.uneven_light import even_hue, evened
from facegpt.render import channels
from facegpt.render.texel_grids import blur, shrunk, upsample, wide_blur
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Width of the low band as a share of the texture's side: below it layers agree, above it each keeps its own detail.
BAND = 0.045
#: Widths at which detail is split into bands, texels of the analysis grid; and over how many each fades at least.
DETAIL_BANDS, LEAST_FADE = (1.5, 3.0, 6.0), 1.5
#: Texels around what photos may paint in which detail is looked at: more than half of what the widest blur reaches.
AROUND = 12
#: How far the weights around folded lids reach into them, texels of the analysis grid.
FOLD = 3.0
#: And over how many texels the detail beside them ends.
FOLD_DETAIL = 1.5
#: Width of detail from which it may be a blotch of light, texels; and how strong blotches of bare skin are, in its SDs.
BLOTCH, MOST_BLOTCH = 1.5, 1.5
#: Share of the face's mean hue beside the fitted model's that is kept: the model holds the hues of skin, the rest is
#: light, haze, or the camera.
HUE_KEPT = 0.75
#: Texels seen of where beards grow, below which nothing is told of a beard.
FEWEST_BEARDED = 20.0
#: Over what a beard thins out beyond what is seen of it, as a share of the texture's side (about 14 mm of the default
#: head); how much darker than skin it is, log units, where it counts in full, and from which it is no stubble: it goes
#: on so much farther by each unit more.
BEARD_BEYOND, BEARD_SURE, BEARD_FULL, BEARD_FARTHER = 12 / 256, 0.3, 0.7, 5.0
#: Share of the left-right difference in the low band that is kept (the rest is taken for light).
ASYMMETRY_KEPT = 0.25
#: How colourful bare skin is beside the fitted model's (1: as colourful), at least and at most; a beard at least; how
#: far both may lean to green and to red, log units. Beyond it is what skies and walls do to rims, shadows, dark hair.
COLOURFUL, BEARD_COLOURFUL, LEANING = (0.85, 1.3), 0.15, (0.04, 0.13)
#: Log units by which small bright spots may exceed the skin around them before they count as gloss.
GLINT = 0.15
#: Log units by which small dark spots and lines may fall below the skin around them before they are made lighter: twice
#: as much is the most that is left of any.
CREASE = 0.3
#: Spread of bare skin around the model, log units: where it is larger, hair grows, and bright spots are skin between.
GLINT_SD = 0.2
#: Most by which the low band may lie above the model, log units: more is gloss.
GLOSS = 0.25
#: Spread of skin up to which it is bare, and from which it is hair, log units.
BARE_SD = (0.25, 0.35)
#: Mahalanobis distance squared at which a texel is as likely skin as not, and how sharp the decision is.
OUTLIER_AT, OUTLIER_WIDTH = 7.0, 1.5
#: How many times further a texel may be where the face is surely seen and faces are of any colour.
VARIED_ALLOWANCE = 8.0
#: How much a texel's distance grows by the variance of brightness around it.
ROUGHNESS = 4.0
#: What the median of that distance is on a face in good light, and how much worse a face may be judged by its own; and
#: the same where it is sure by other means that skin is seen: dark skin that shines and lined skin are that far off.
TYPICAL_DISTANCE, MOST_TOLERANCE, SURE_TOLERANCE = 2.0, 3.0, 8.0


@dataclass(frozen=True)
class Layers:
    """How to compose a texture, per texel of the analysis grid.

    Attributes:
        own, mirrored: (H, W) weights in 0..1 of the photo and of its mirror image; the model gets the rest.
        own_offset, mirrored_offset: (H, W, 3) log units to add to the delit photo so that its low band is `under`.
        under: (H, W, 3) log units to add to the model: the low band that all layers share.
        grain: (H, W) in 0..1, how much of the photo's detail that is finer than this grid is shown.
    """

    own: NDArray[np.float32]
    mirrored: NDArray[np.float32]
    own_offset: NDArray[np.float32]
    mirrored_offset: NDArray[np.float32]
    under: NDArray[np.float32]
    grain: NDArray[np.float32]

    def tinted(self, change: Array) -> Layers:
        """Add to the model what its own coefficients change (H, W, 3), log units."""
        return replace(self, under=(self.under + change).astype(np.float32))

    def dulled(self, own: Array, mirrored: Array) -> Layers:
        """Take gloss (H, W, 3), in log units and 0 or less, off the photo and off its mirror image."""
        offsets = self.own_offset + own, self.mirrored_offset + mirrored
        return replace(self, own_offset=offsets[0].astype(np.float32), mirrored_offset=offsets[1].astype(np.float32))

    def changed(self, change: Array) -> Layers:
        """Add (H, W, 3) log units to all layers alike."""
        return self.tinted(change).dulled(change, change)


def pull_push(values: Array, weight: Array) -> Array:
    """Extend (H, W, C) smoothly from texels with weight to all others (Gortler et al. 1996, sec. 3.4).

    H and W must be the same power of two. Where weight is 1 or more the values stay.
    """
    if len(values) == 1:
        return values / np.maximum(weight, 1e-8)[..., None] if weight.max() > 0 else np.zeros_like(values)
    sums = shrunk(values * weight[..., None], 2)
    mass = shrunk(weight, 2)
    coarse = pull_push(sums / np.maximum(mass, 1e-8)[..., None], np.minimum(mass, 1.0))
    share = np.minimum(weight, 1.0)[..., None]
    return values * share + upsample(coarse, 2) * (1 - share)


def skin_likelihood(
    residual: Array,
    weight: Array,
    residual_sd: Array,
    sure: Array | None = None,
    varied: Array | None = None,
    rimless: Array | None = None,
) -> NDArray[np.float32]:
    """How likely each texel of a delit photo is this person's skin: (H, W) in 0..1, 0 where weight is 0.

    Hair, glasses, hands, collars and background differ from the fitted skin by more than skin does.

    Args:
        residual: (H, W, 3) log units.
        weight: (H, W) visibility.
        residual_sd: (H, W, 2) SD of brightness and of colour, log units.
        sure: (H, W) in 0..1, how sure it is by other means that nothing hides the face.
        varied: (H, W) in 0..1, where faces are of any colour: beards, lips, brows.
        rimless: (H, W) in 0..1, where nothing is about that could hide the face: what is unlikely there is a glint or a
            furrow, and not the rim of hair or glasses, beside which skin is left out as well. As `varied` if None.
    """
    brightness, seen = channels.mean(residual), weight > 0
    colour = residual - brightness[..., None]
    distance: Array = (brightness / residual_sd[..., 0]) ** 2 + channels.total(colour**2) / residual_sd[..., 1] ** 2
    local, visible = max(len(residual) / 200, 0.5), seen.astype(np.float32)
    around = blur(brightness[..., None], visible, local)[..., 0]
    rough = blur(((brightness - around) ** 2)[..., None], visible, local)[..., 0]
    distance += ROUGHNESS * rough / residual_sd[..., 0] ** 2  # strands of hair, patterned cloth
    bare = np.zeros_like(weight) if sure is None or rimless is None else np.asarray(sure * rimless)
    if seen.any():  # hard light makes all of a face less certain: measure against the face's own spread
        spread = float(np.median(distance[weight > 0.5 * weight.max()])) / TYPICAL_DISTANCE
        distance /= np.clip(spread, 1.0, MOST_TOLERANCE + (SURE_TOLERANCE - MOST_TOLERANCE) * bare)
    distance = blur(np.minimum(distance, 60.0)[..., None], visible, local)[..., 0]
    known = np.zeros_like(weight) if sure is None or varied is None else np.asarray(sure * varied)
    allowed = OUTLIER_AT * (1 + VARIED_ALLOWANCE * known)
    likely = 1 / (1 + np.exp(np.clip((distance - allowed) / OUTLIER_WIDTH, -30, 30)))
    likely = np.where(seen, likely, 0).astype(np.float32)
    grown = minimum_filter(np.where(seen, likely, 1.0), size=_odd(max(len(residual) / 40, 3)))
    near = np.minimum(likely, gaussian_blur(grown, len(residual) / 256))
    hairy = np.clip((residual_sd[..., 0] - 0.6) / 0.3, 0, 1)  # brows lie so near the eyes that they would all be lost
    hairy = np.maximum(hairy, known if rimless is None else bare)
    return np.where(seen, near + hairy * (likely - near), 0).astype(np.float32)


def plan_layers(
    own: Array,
    mirrored: Array,
    own_weight: Array,
    mirrored_weight: Array,
    residual_sd: Array,
    mask: Array,
    growth: Array | None = None,
    folded: tuple[NDArray[Any], NDArray[Any]] | None = None,
    brows: Array | float = 0.0,
    haired: tuple[Array, Array] | None = None,
    surface: Sequence[Array] | None = None,
) -> Layers:
    """Decide the layers from the residuals (H, W, 3) of the photo and its mirror image, and their weights (H, W).

    One field of residuals covers the whole atlas, and all layers are brought to it: they differ only in what is finer
    than the analysis grid, so that no colour steps where one ends.

    mask: (H, W) in 0..1, where photos may paint. growth: (H, W) in 0..1, where a beard grows: what is seen of one is
    extended to where it grows, and what is seen of bare skin to the rest. folded: (H, W) bool of both, lids that lie in
    their own folds: nothing shows them, and what lies beside them is no rim of what is seen. brows: (H, W) in 0..1,
    where detail is narrow, and kept as soon as it is seen. haired: (H, W) in 0..1 of both, where they show the person's
    own brows, which hang before hidden lids: they are kept up to their rims. surface: (H, W) of both, `surface_sd`.
    """
    sigma = BAND * len(own)
    low_own, low_mirrored = (blur(r, w, sigma) for r, w in ((own, own_weight), (mirrored, mirrored_weight)))
    know_own, know_mirrored = np.moveaxis(wide_blur(np.dstack([own_weight, mirrored_weight]), sigma), -1, 0)
    total = np.maximum(know_own + know_mirrored, 1e-5)
    shared = (low_own * know_own[..., None] + low_mirrored * know_mirrored[..., None]) / total[..., None]
    both = np.minimum(know_own, know_mirrored) / np.maximum(np.maximum(know_own, know_mirrored), 1e-5)
    kept = ASYMMETRY_KEPT * both + (1 - both) * (know_own > know_mirrored)  # of what is hidden there is no low band
    target = _limit(shared + (low_own - shared) * kept[..., None], residual_sd)
    bare = bare_skin(residual_sd)
    even = evened(channels.mean(target), bare * np.maximum(own_weight, mirrored_weight) * mask)
    target = target - even * bare[..., None] * channels.mean(target, keepdims=True)
    target = target + even_hue(target, bare, np.maximum(own_weight, mirrored_weight) * mask, growth)
    target = target - (1 - HUE_KEPT) * _mean_hue(target, np.maximum(own_weight, mirrored_weight) * mask)
    certain = np.minimum(total * 3, 1.0) * (np.maximum(own_weight, mirrored_weight) > 0.05)
    under = _extended(target, certain, mask, sigma, growth)
    soft = max(len(own) / 128, 0.7)
    folds, seen = (None, None) if folded is None else folded, (own_weight, mirrored_weight)
    hairs = [w * (0 if haired is None else hair) for w, hair in zip(seen, haired or seen, strict=True)]
    use_own = np.maximum(_feather(own_weight, soft, folds[0]), hairs[0]) * mask
    use_mirrored = np.maximum(_feather(mirrored_weight, soft, folds[1]), hairs[1]) * mask * (1 - use_own)
    field: Array = under.astype(np.float32)
    grain, flickers = np.ones_like(own_weight), surface or (np.zeros_like(own_weight),) * 2
    window, near = painted_window(mask), max(len(own) / 256, 0.5)
    one = (own, low_own, own_weight, use_own, hairs[0] * use_own, flickers[0])
    other = (mirrored, low_mirrored, mirrored_weight, use_mirrored, hairs[1] * use_mirrored, flickers[1])
    spread, narrow = residual_sd[window], np.broadcast_to(np.asarray(brows, np.float32), mask.shape)[window]
    most = MOST_BLOTCH * np.maximum(spread[..., :1], 0.1) * (1 + np.float32(5) * (spread[..., :1] > 0.4))
    if growth is not None:
        most = most * (1 + 5 * growth[window][..., None])
    for whole, rims in ((one, folds[0]), (other, folds[1])):
        residual, low, weight, use, hair, flicker = (each[window] for each in whole)
        fold = None if rims is None else rims[window]
        detail = np.where(weight[..., None] > 0, residual - low, 0)
        detail = np.where(weight[..., None] > 0, detail, blur(detail, weight, DETAIL_BANDS[0]))
        detail = detail - _excess(detail, weight, spread, near)
        detail, finest = without_flicker(detail, weight, flicker, DETAIL_BANDS)
        if whole is other:  # marks are one side's own
            marks = single_marks(detail, weight, bare[window])
            detail, finest = without_marks(detail, weight, marks), finest * (1 - marks)
        grain[window] += use * (finest - 1)
        merged = _merged_detail(detail, weight, _spread(use, fold), sigma, most, narrow, hair)
        field[window] += merged if fold is None else merged * _into_folds(fold)[..., None]
    parts = (use_own, use_mirrored, field - own, field - mirrored, field, grain)
    return Layers(*(a.astype(np.float32) for a in parts))


def painted_window(mask: Array) -> tuple[slice, slice]:
    """Rows and columns of an atlas (H, W) that photos may paint, and what blurs of detail there reach of the rest.

    They begin and end where texels of coarser grids do.
    """
    window = []
    for axis in (1, 0):
        at = np.flatnonzero((mask > 0).any(axis))
        low, high = (int(at[0]), int(at[-1]) + 1) if len(at) else (0, mask.shape[1 - axis])
        window.append(slice(max(low - AROUND, 0) // 4 * 4, -(-(high + AROUND) // 4) * 4))
    return window[0], window[1]


def bare_skin(residual_sd: Array) -> NDArray[np.float32]:
    """Where skin is bare (H, W), 0..1, by the spread of real skin (H, W, 2) there: no brows and no beards."""
    low, high = BARE_SD
    return np.clip((high - residual_sd[..., 0]) / (high - low), 0, 1).astype(np.float32)


def _extended(target: Array, certain: Array, mask: Array, sigma: float, growth: Array | None) -> Array:
    """Extend the low band (H, W, 3) to where nothing is seen; far away it is the mean of what is seen."""
    bearded = np.zeros_like(certain) if growth is None else growth
    weight = (certain * mask * (1 - bearded))[..., None]
    centre = (target * weight).sum((0, 1)) / max(float(weight.sum()), 1e-5)
    near = np.clip(wide_blur((certain * mask)[..., None], 1.5 * sigma) * 1.6, 0, 1)
    filled = pull_push(target, certain * (1 - bearded) ** 2)
    if (certain * bearded).sum() > FEWEST_BEARDED:
        grown, share = _beard_beyond(target - centre, filled - centre, certain, bearded)
        filled = filled + grown
        near = np.maximum(near, share)
    filled = filled + (target - filled) * certain[..., None]
    return centre + (filled - centre) * near


def _beard_beyond(shown: Array, filled: Array, certain: Array, bearded: Array) -> tuple[Array, Array]:
    """How a beard goes on where nothing is seen: (H, W, 3) log units to add to `filled`, and its share (H, W, 1).

    It thins out with the distance from what is seen of it, stubble sooner than full beards. Stubble darkens all
    channels alike, for dark hairs hide skin; full beards have their own hue.

    shown, filled: (H, W, 3) what is seen, and what bare skin goes on as, beside the face's bare skin. certain, bearded:
    (H, W) in 0..1.
    """
    beard = pull_push(shown, certain * bearded)
    darkness = channels.mean(beard, keepdims=True)
    full = np.maximum(-darkness - BEARD_FULL, 0)
    reach = BEARD_BEYOND * len(certain) * (1 + BEARD_FARTHER * full[..., 0])
    away = distance_transform_edt(certain * bearded < 0.3) / reach
    left = gaussian_blur((bearded * np.exp(-(away**4))).astype(np.float32), len(certain) / 128)
    share = left[..., None] * np.clip(-darkness / BEARD_SURE, 0, 1)
    change = beard - filled
    darker = channels.mean(change, keepdims=True)
    return share * (np.minimum(darker, 0) + np.minimum(full, 1) * (change - darker)), share


def _mean_hue(values: Array, weight: Array) -> Array:
    """The mean (3,) of log colours (H, W, 3) without its brightness."""
    mean = (values * weight[..., None]).sum((0, 1)) / max(float(weight.sum()), 1e-5)
    return mean - mean.mean()


def _merged_detail(
    detail: Array, weight: Array, use: Array, sigma: float, most: Array, narrow: Array | float, whole: Array
) -> Array:
    """A layer's detail (H, W, 3), each band faded out over its own wavelength (Burt and Adelson 1983).

    most: (H, W, 1) log units that blotches wider than BLOTCH may have: more is a shadow or a lamp, not skin.
    narrow: (H, W) in 0..1, where no band fades more than the finest. whole: (H, W), what of every band stays at least.
    """
    out = np.zeros_like(detail)
    finer, least = detail, whole
    for width in (w for w in DETAIL_BANDS if w < sigma):
        fade = max(width, LEAST_FADE)
        use = gaussian_blur(minimum_filter(use, size=_odd(2 * fade)), fade)
        least = np.maximum(least, narrow * use)
        use = np.maximum(use, least)
        coarser = blur(detail, weight, width)
        band = finer - coarser
        out += (band if width <= BLOTCH else most * np.tanh(band / most)) * use[..., None]
        finer = coarser
    return out + most * np.tanh(finer / most) * use[..., None]


def _feather(weight: Array, soft: float, folded: NDArray[Any] | None = None) -> Array:
    """Weight by visibility: 0 at the rim of what is seen and 1 a few texels inside."""
    inside = minimum_filter(_spread(weight, folded), size=_odd(2 * soft))
    return np.clip(gaussian_blur(np.clip(inside * 2.5, 0, 1), soft), 0, 1) * np.clip(weight * 8, 0, 1)


def _into_folds(folded: NDArray[Any]) -> NDArray[np.float32]:
    """How much of the detail beside folds (H, W) goes on into them, 1 outside: their rims are lashes and make-up."""
    return np.exp(-((distance_transform_edt(folded) / FOLD_DETAIL) ** 2)).astype(np.float32)


def _spread(weight: Array, folded: NDArray[Any] | None) -> Array:
    """Weights (H, W) with those around them where lids are folded."""
    if folded is None or not folded.any():
        return weight
    near = blur(weight[..., None], (folded == 0).astype(np.float32), FOLD)[..., 0]
    return np.where(folded, near, weight)


def _excess(detail: Array, weight: Array, residual_sd: Array, near: float) -> Array:
    """What to take off the photo's detail (H, W, 3): gloss, cracks, and hues that skin lacks (noise in the dark).

    near: SD of the blur that they are told by, texels.
    """
    smooth = blur(detail, (weight > 0).astype(np.float32), near)
    brightness = channels.mean(smooth, keepdims=True)
    hue = smooth - brightness
    most = np.maximum(1.2 * residual_sd[..., 1:], 0.10)
    glint = GLINT * np.clip(residual_sd[..., :1] / GLINT_SD, 1, 5)  # sparse brows are no gloss
    gloss = np.maximum(brightness / glint - 1, 0)
    crease = CREASE * np.clip(residual_sd[..., :1] / GLINT_SD, 1, 5)
    dark = np.maximum(-brightness / crease - 1, 0)
    too_dark = crease * dark**2 / (1 + dark)
    return glint * gloss**2 / (1 + gloss) - too_dark + hue - most * np.tanh(hue / most)


def _limit(residual: Array, residual_sd: Array) -> Array:
    """Bend residuals that are too large for skin back, brightness and colour apart."""
    brightness = channels.mean(residual, keepdims=True)
    colour = residual - brightness
    most = np.maximum(residual_sd * np.array([2.5, 1.5], np.float32), np.array([0.35, 0.08], np.float32))
    bright_most, colour_most = most[..., :1], most[..., 1:]
    gloss = GLOSS * np.clip(residual_sd[..., :1] / GLINT_SD, 1, 5)  # skin shines, it has no lamps; brows may be missing
    bright_most = np.where(brightness > 0, np.minimum(bright_most, gloss), bright_most)
    return bright_most * np.tanh(brightness / bright_most) + colour_most * np.tanh(colour / colour_most)


def skin_hue(field: Array, expected: Array, bearded: Array, free: Array) -> NDArray[np.float32]:
    """What to add to a field of residuals (H, W, 3), log units, so that its hues are those of skin, or of a beard.

    expected: (H, W, 3) log albedo of the fitted skin. bearded: (H, W) in 0..1. free: (H, W) in 0..1, where any hue is.
    """
    own = expected - channels.mean(expected, keepdims=True)
    size = np.maximum(channels.total(own**2, keepdims=True), 1e-4)
    hue = field - channels.mean(field, keepdims=True)
    share = 1 + channels.total(hue * own, keepdims=True) / size
    leaning = own + hue - share * own
    least = COLOURFUL[0] + (BEARD_COLOURFUL - COLOURFUL[0]) * bearded[..., None]
    room = np.where(share < 1, 1 - least, COLOURFUL[1] - 1)
    likely = 1 + room * np.tanh((share - 1) / room)
    far = channels.length(leaning, keepdims=True)
    most = np.where(leaning[..., 1:2] > 0, *np.array(LEANING, np.float32))
    leaning = leaning * np.tanh(far / most) * most / np.maximum(far, 1e-6)
    return ((likely * own + leaning - own - hue) * (1 - free[..., None])).astype(np.float32)


def usual_hue(expected: Array, field: Array, bare: Array, mask: Array) -> NDArray[np.float32]:
    """The hue (H, W, 3), log units without brightness, that a skin has all over the face; elsewhere the model's own.

    Shine and shadows have found their way into the statistics of skins: fitted to a glossy face they make its nose grey
    and its cheeks orange, texel by texel, while the face on the whole has the right hue.

    expected: (H, W, 3) log albedo of the fitted skin. field: (H, W, 3) what the photo adds to it. bare: (H, W) in 0..1,
    skin without brows, lips and beards. mask: (H, W) in 0..1, the face.
    """
    own = expected - channels.mean(expected, keepdims=True)
    sure = bare > 0.5
    if not sure.any():
        return np.asarray(own, np.float32)
    whole = (expected + field)[sure]
    median = np.median(whole - channels.mean(whole, keepdims=True), axis=0)
    return np.asarray(own + mask[..., None] * (median - own), np.float32)


def _odd(size: float) -> int:
    return max(2 * int(size / 2) + 1, 1)
