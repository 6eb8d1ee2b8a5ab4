"""The colour of a rim beside clear lenses, read where the photo's rims lie."""

from __future__ import annotations

import math

import numpy as np

from facegpt.conventions import srgb_to_linear
from facegpt.glasses.fit import Front
from facegpt.glasses.rim_edges import BLUR_PX, READ_MM
from facegpt.glasses.rims_followed import followed
from facegpt.glasses.silhouettes import Band
from facegpt.types import Array

#: Where a rim is read: shares of its width, and how far from them, mm; and how far from it both sides are.
SHARES, SHIFTS_MM, BESIDE_MM = (0.35, 0.5, 0.65), (-0.25, 0.0, 0.25), 1.0
#: Places count that stand out by this share of what the best quarter does; what of a pixel is the rim's at least.
STAND_OUT, LEAST_SHARE = 0.5, 0.5
#: Of the places that stand out, the share that does most tells the colour.
LEAST_LIT = 0.8
#: Width from which on a rim holds its lens, mm.
HELD_MM = 0.6
#: What of its middle pixel is a rim's at least that is no wire.
FILLS = 0.95
#: From a FWHM to an SD.
FWHM = 2.355


def rim_colour(band: Band, front: Front, aside: float) -> Array:
    """Linear RGB (3,) of a rim as the photo shows it, freed of the skin that a wire's blurred pixels mix with.

    Read on the halves that are turned to the camera, where a rim stands out: not where hair or nothing lies.
    """
    rims = followed(band, front, aside)
    width = np.maximum(front.rims, HELD_MM)
    kept = rims.stands >= STAND_OUT * np.quantile(rims.stands, 0.75)
    there = front.rims >= min(HELD_MM, float(front.rims.max()))  # a half-rim has no colour below
    kept &= there

    def read(across: Array) -> tuple[Array, Array]:
        """Linear colours (H, M, N, 3) and levels (H, M, N) at mm (M, N) from the rims' inner edges."""
        return srgb_to_linear(rims.along(rims.colours, across)), rims.along(rims.levels, across)

    colours, levels = read(np.stack([width * share + shift for share in SHARES for shift in SHIFTS_MM]))
    blur = np.hypot(BLUR_PX / max(band.sharp, 1e-3), READ_MM) / FWHM
    share = math.erf(float(np.median(width[there])) / 2 / (math.sqrt(2) * blur))
    wire = share < FILLS
    middle = np.full((len(levels), 1, len(width)), len(SHARES) * len(SHIFTS_MM) // 2)
    row = levels.argmin(1)[:, None] if wire else middle
    on = np.take_along_axis(levels, row, 1)[:, 0]
    if not wire:
        kept &= on <= np.quantile(on[kept], LEAST_LIT)  # the rest gleams
    seen = np.median(np.take_along_axis(colours, row[..., None], 1)[:, 0][kept], 0)
    if not wire:
        return np.asarray(seen)
    sides = read(np.stack([np.full_like(width, -BESIDE_MM), width + BESIDE_MM]))[0].mean(1)
    skin = np.median(sides[kept], 0)
    of_black = float(((skin - seen) / np.maximum(skin, 1e-3)).max())  # nothing is darker than black
    return np.asarray(np.clip(skin + (seen - skin) / max(share, LEAST_SHARE, of_black), 0.0, 1.0))
