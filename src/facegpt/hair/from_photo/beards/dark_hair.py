"""Moustaches that only their darkness tells: thin black ones, and where they hang over the upper lip.

Networks of parts see beards where they are broad. What is a fifth as bright as bare skin in the same light, above the
lips of a face that has a beard, is hair too if it is so on either side: a nose's shadow falls on one, or between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.render import channels
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: How much darker than the bare skin in the same light a place is that may be hair, and that surely is, log units.
AS_HAIR = (1.4, 2.0)
#: Texels over which darkness is averaged, and below what share of lips a texel is skin.
SMOOTH_TEXELS, NO_LIPS = 1.0, 0.05
#: Growth of beards from which a place counts as theirs; mean belief in dark hair on the less dark side of an upper lip
#: from which it is believed in full; share of the lips' width that lies below the nose; fewest texels that tell.
GROWN, BOTH_SIDES, BELOW_NOSE, FEWEST = 0.1, 0.3, 0.5, 20


def told_by_darkness(photo: Array, light: Array, skin: NDArray[np.bool_], seen: NDArray[np.bool_]) -> Array:
    """How sure it is, 0..1, that a place is dark hair, by its brightness beside bare skin alone: (H, W).

    Args:
        photo: (H, W, 3) log of the photo.
        light: (H, W, 3) that falls on each texel.
        skin: (H, W), surely bare skin.
        seen: (H, W), what the photo shows.
    """
    red, green, blue = np.moveaxis(np.maximum(light, 1e-3), -1, 0)
    bright = channels.mean(photo) - np.log(red * green * blue) / 3
    dark = np.where(seen, np.median(bright[skin]) - bright, 0.0) if skin.any() else np.zeros(seen.shape)
    low, high = AS_HAIR
    return np.clip((gaussian_blur(dark.astype(np.float32), SMOOTH_TEXELS) - low) / (high - low), 0, 1)


def moustache(hair: Array, growth: Array, lips: Array, seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How sure it is, 0..1, that each texel (H, W) above the mouth's middle is a moustache: one grows on both sides.

    hair: (H, W) in 0..1 of `told_by_darkness`. growth, lips: (H, W) in 0..1. seen: (H, W), what the photo shows.
    """
    rows, columns = np.nonzero(lips > 0.5)
    if not len(rows):
        return np.zeros(hair.shape, np.float32)
    middle, width = (columns.min() + columns.max()) / 2, columns.max() - columns.min()
    above, across = np.arange(len(hair))[:, None] < rows.mean(), np.arange(hair.shape[1])[None] - middle
    asked = above & seen & (growth > GROWN) & (np.abs(across) < width / 2)
    sides = [asked & (side * across > width * BELOW_NOSE / 2) for side in (-1, 1)]
    told = [float(hair[side].mean()) for side in sides if side.sum() >= FEWEST]
    return np.asarray(hair * above * min(min(told, default=0.0) / BOTH_SIDES, 1.0), np.float32)


def over_lips(hair: Array, lips: Array) -> NDArray[np.float32]:
    """How sure it is, 0..1, that hair hangs over each texel of lips (H, W): it comes down to them from the skin above.

    hair: (H, W) in 0..1 of `told_by_darkness`. lips: (H, W) in 0..1.
    """
    out, above = np.zeros(lips.shape, np.float32), np.zeros(lips.shape[1], np.float32)
    for row in np.flatnonzero((lips > NO_LIPS).any(1)):
        before = hair[row - 1] if row else above
        above = np.where(lips[row - 1] <= NO_LIPS, before, above) if row else above
        above = np.minimum(above, hair[row])
        out[row] = np.where(lips[row] > NO_LIPS, above, 0)
    return np.asarray(gaussian_blur(out, SMOOTH_TEXELS), np.float32)
