"""Skin of statistics alone, free of the light that a fit has taken for skin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.complete import Layers, bare_skin
from facegpt.appearance.prior import TexturePrior
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.render import channels
from facegpt.types import Array

#: SD of what one skin has beside the mean one from place to place, log units of brightness and of colour, as far as a
#: few samples in an unknown light can tell: the statistics' own spread (0.16 and 0.11) has the light of photos in it.
UNEVEN_SD = (0.05, 0.018)
#: SD of the mean colour of bare skin that may be lost on the way, log units.
TONE_SD = 0.003
#: First of the coefficients that are painted, not learnt: what they are is known, and none is light.
PAINTED = min(NAMED.values())
#: Painted ones that change the tone of all skin alike.
EVEN = ("redness", "yellowness")
#: The mean redness over colour photos (146 of the training half): what a photo without colours cannot tell. Their mean
#: yellowness (.11) makes grey photos of people too yellow.
USUAL_REDNESS = 0.44
#: What is left of the statistics' hue beside the face's where no photo shows skin: they were learnt from faces, and
#: painted from elsewhere, redder at ears and napes and greyer before the ears.
HUE_KEPT = 0.3
#: Share of bare skin from which a texel counts.
SURELY_BARE = 0.5


def evened(albedo: Array, prior: TexturePrior) -> NDArray[np.float32]:
    """The coefficients (A,) nearest to those of a fit whose bare skin is no more uneven than skins are.

    Each is told with the population's SD as noise, so that those whose pattern spreads over the face shrink most. The
    mean colour of bare skin stays: redness and yellowness make up for it. Patches that are greyer than their rims are
    gloss, shadow and saturation of a photo: single components look like skin, and no photo is painted over them here.
    """
    covered = np.maximum.reduce([prior.growth, prior.lips, prior.brows, prior.hard.astype(np.float32)])
    bare = prior.mask * bare_skin(prior.residual_sd) * (1 - covered) > SURELY_BARE
    if prior.tones.tone is None or not bare.any():  # other models' statistics are their own
        return np.asarray(albedo, np.float32)
    tones = prior.tones.at(bare)
    slopes = tones.basis.astype(np.float64)  # (A, N, 3)
    slopes[0] = tones.first_slope(albedo)
    mean = np.full(slopes.shape[1], 1 / slopes.shape[1]) @ slopes
    uneven = slopes - mean[:, None]
    free = np.arange(len(albedo)) < PAINTED
    free[[number for name in EVEN if (number := NAMED[name]) < len(albedo)]] = True
    uneven[~free | (np.arange(len(albedo)) == 0)] = 0  # the first, from dark to light, is the tone of all skin
    bright = uneven @ np.full(3, 1 / 3)
    coloured = (uneven - bright[..., None]).reshape(len(albedo), -1)
    cost = (bright @ bright.T / UNEVEN_SD[0] ** 2 + coloured @ coloured.T / UNEVEN_SD[1] ** 2) / bare.sum()
    kept = np.eye(len(albedo)) + mean @ mean.T / TONE_SD**2
    change = np.zeros(len(albedo))
    own = np.ix_(free, free)
    change[free] = -np.linalg.solve((kept + cost)[own], (cost @ albedo)[free])
    return np.asarray(np.clip(albedo + change, np.minimum(tones.lowest, albedo), None), np.float32)


def with_usual_redness(albedo: Array, prior: TexturePrior) -> NDArray[np.float32]:
    """The coefficients (A,) of a photo without colours with the redness that people have on average.

    The mean skin is paler than people are: in colour photos the fit makes up for it, in grey ones nothing would.
    """
    found: NDArray[np.float32] = np.array(albedo, np.float32)
    if prior.tones.tone is not None:  # other models' statistics are their own
        found[NAMED["redness"] : NAMED["redness"] + 1] = USUAL_REDNESS  # short vectors have none
    return found


def one_hue(layers: Layers, expected: Array, prior: TexturePrior, unseen: NDArray[np.float32]) -> Layers:
    """Layers whose skin that no photo shows, of neck, ears and sides, has the hue of the face.

    expected: (H, W, 3) log albedo of the fitted skin. unseen: (H, W) in 0..1, skin that no photo shows.
    """
    total = expected + layers.under
    hue = total - channels.mean(total, keepdims=True)
    spread = np.maximum(bare_skin(prior.residual_sd), 1 - prior.mask)  # beyond the face no spread was learnt
    bare = spread * (1 - np.maximum(prior.growth, prior.lips))
    face = bare * (1 - prior.brows) * (layers.own + layers.mirrored) > SURELY_BARE
    if not face.any():
        return layers
    share = (1 - HUE_KEPT) * bare * unseen
    return layers.changed(share[..., None] * (np.median(hue[face], axis=0) - hue))
