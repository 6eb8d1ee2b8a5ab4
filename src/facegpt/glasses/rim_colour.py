"""The colour of a rim beside clear lenses: of its places, those that differ most from the skin on both their sides."""

from __future__ import annotations

import math

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.glasses.fit import Front
from facegpt.glasses.rim_edges import BLUR_PX, READ_MM
from facegpt.glasses.silhouettes import Band
from facegpt.types import Array

#: Where a rim is read: shares of its width, and how far from them, mm; and how far from it both sides are.
SHARES, SHIFTS_MM, BESIDE_MM = (0.35, 0.5, 0.65), (-0.5, 0.0, 0.5), 1.8
#: The share of all places, the most different ones, that tell the colour; what of a pixel is the rim's at least.
MOST_DIFFERENT, LEAST_SHARE = 0.9, 0.5
#: What of its middle pixel is a rim's at least that is no wire.
FILLS = 0.95
#: From a FWHM to an SD.
FWHM = 2.355


def rim_colour(band: Band, front: Front, aside: float) -> Array:
    """Linear RGB (3,) of a rim as the photo shows it, freed of the skin that a wire's blurred pixels mix with.

    Read on the half that is turned to the camera, where hair does not lie.
    """
    flip = np.array([1.0 - 2.0 * (band.weights[1] > band.weights[0] + 0.2), 1.0, 1.0])
    width = np.maximum(front.rims, 0.8)

    def read(across: Array) -> tuple[Array, Array]:
        places = band.place(front.place(front.edge + front.outward * across[:, None]) * flip + [aside, 0, 0])
        return band.linear(places), band.read(places, band.hairless)

    on = [read(width * share + shift) for share in SHARES for shift in SHIFTS_MM]
    colours, free = (np.stack(each) for each in zip(*on, strict=True))  # (9, N, 3), (9, N)
    sides = [read(np.full(len(width), -BESIDE_MM))[0], read(width + BESIDE_MM)[0]]
    shown = linear_to_srgb(np.clip(colours, 0, 1))
    apart = np.min([np.linalg.norm(shown - linear_to_srgb(np.clip(side, 0, 1)), axis=-1) for side in sides], axis=0)
    apart = apart * free
    row = np.arange(len(width))
    blur = np.hypot(BLUR_PX / max(band.sharp, 1e-3), READ_MM) / FWHM
    share = math.erf(float(np.median(width)) / 2 / (math.sqrt(2) * blur))
    wire = share < FILLS
    best = apart.argmax(0) if wire else np.full(len(row), len(on) // 2)
    kept = apart[best, row] >= np.quantile(apart[best, row], 1 - MOST_DIFFERENT)
    seen = np.median(colours[best, row][kept], 0)
    if not wire:
        return np.asarray(seen)
    skin = np.median(np.concatenate([side[kept] for side in sides]), 0)
    share = max(share, LEAST_SHARE)
    return np.asarray(np.clip(skin + (seen - skin) / share, 0.0, 1.0))
