"""The colour of a rim, read where the photo's rims lie."""

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
#: What of a pixel is the rim's at least.
LEAST_SHARE = 0.5
#: Rows across a rim that are darker than what gleams there; shares of its places that are: most, and those without.
UNLIT, LEAST_LIT = len(SHARES) * len(SHIFTS_MM) // 3, (0.8, 0.4)
#: Width from which on a rim holds its lens, mm.
HELD_MM = 0.6
#: What of its middle pixel is a rim's at least that is no wire.
FILLS = 0.95
#: From a FWHM to an SD.
FWHM = 2.355


def rim_colour(band: Band, front: Front, aside: float) -> Array:
    """Linear RGB (3,) of a rim as the photo shows it, freed of the skin that a wire's blurred pixels mix with.

    Read on the halves that are turned to the camera, where a rim stands out: not where hair or nothing lies. Of
    tortoiseshell it is the mean, of glossy rims what lies below the gloss.
    """
    rims = followed(band, front, aside)
    width = np.maximum(front.rims, HELD_MM)
    there = front.rims >= min(HELD_MM, float(front.rims.max()))  # a half-rim has no colour below
    kept = rims.stand_out & there

    def read(across: Array) -> tuple[Array, Array]:
        """Linear colours (H, M, N, 3) and levels (H, M, N) at mm (M, N) from the rims' inner edges."""
        return srgb_to_linear(rims.along(rims.colours, across)), rims.along(rims.levels, across)

    colours, levels = read(np.stack([width * share + shift for share in SHARES for shift in SHIFTS_MM]))
    blur = np.hypot(BLUR_PX / max(band.sharp, 1e-3), READ_MM) / FWHM
    share = math.erf(float(np.median(width[there])) / 2 / (math.sqrt(2) * blur))
    wire = share < FILLS
    order = levels.argsort(1)
    row = order[:, :1] if wire else order[:, UNLIT, None]
    on = np.take_along_axis(levels, row, 1)[:, 0]
    every = np.take_along_axis(colours, row[..., None], 1)[:, 0]
    seen, dark = (every[kept & (on <= np.quantile(on[kept], 1.0 if wire else share))].mean(0) for share in LEAST_LIT)
    if not (wire or rims.pale):
        seen = seen - max(float((seen - dark).min()), 0.0)  # gleams add white, a pattern other colours
    if not wire or rims.pale:  # a metal's gleam makes up for what its pixels mix with
        return np.asarray(seen)
    sides = read(np.stack([np.full_like(width, -BESIDE_MM), width + BESIDE_MM]))[0].mean(1)
    skin = np.median(sides[kept], 0)
    of_black = float(((skin - seen) / np.maximum(skin, 1e-3)).max())  # nothing is darker than black
    return np.asarray(np.clip(skin + (seen - skin) / max(share, LEAST_SHARE, of_black), 0.0, 1.0))
