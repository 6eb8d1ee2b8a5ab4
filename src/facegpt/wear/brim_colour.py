"""The colour of a brim or a peak that a photo shows. Colours are linear RGB, places in the head's frame, mm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from facegpt.cielab import lab_from_linear
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.types import Array, Headwear
from facegpt.wear.brim import PEAK_ROWS, brim_places, brim_width_mm
from facegpt.wear.cloth import HEIGHT, WIDTH
from facegpt.wear.shell import Underneath

#: Turns at which colours are read; belief from which a place shows cloth, and fewest such places.
COLUMNS, SURE, FEWEST = 64, 0.5, 8
#: Least and most of a channel; the share of places, the brightest ones, that no seam and no shadow darkens.
BOUNDS, BRIGHT = (0.006, 0.6), 0.5
#: Pixels around a brim that tell nothing of the crown; how far (Lab) crown and brim are of two cloths.
BESIDE_PX, OTHER_CLOTH = 2, 25.0

#: Head-frame places (..., 3) to linear colours (..., 3) without the usual light, and the belief in cloth (...).
Look = Callable[[Array], tuple[Array, Array]]


def brim_colour(look: Headwear, below: Underneath, look_at: Look) -> Array | None:
    """The colour (3,) of a brim where it is seen; None where too little of it is."""
    turn = np.arange(COLUMNS) / COLUMNS
    turn = turn[brim_width_mm(look, turn) > 0.5 * max(look.brim_mm)]
    colour, cloth = look_at(brim_places(look, below, turn)[1:])
    shown = colour[cloth > SURE]
    if len(shown) < FEWEST:
        return None
    bright = shown.mean(1)
    kept = shown[bright >= np.quantile(bright, 1 - BRIGHT)]
    return np.asarray(np.clip(np.exp(np.log(np.maximum(kept, BOUNDS[0])).mean(0)), *BOUNDS))


def dyed_by_brim(look: Headwear, below: Underneath, look_at: Look) -> Headwear:
    """A hat far back, of which a photo shows the brim alone: plain, of the usual colour that is seen of it."""
    colour = brim_colour(look, below, look_at) if look.brim_mm else None
    if colour is None:
        return look
    red, green, blue = (round(float(v), 5) for v in colour)
    return replace(look, colour=(red, green, blue))


def with_peak_rows(srgb: Array, look: Headwear, colour: Array | None) -> Array:
    """A picture (H, W, 3) 0..255 of a cap whose last rows, which its peak shows, have the peak's colour."""
    if colour is None:
        return srgb
    front = brim_width_mm(look, (np.arange(WIDTH) + 0.5) / WIDTH) > 0
    out = srgb.copy()
    out[int((1 - PEAK_ROWS) * HEIGHT) :, front] = linear_to_srgb(colour) * 255
    return out


def crown_beside(cloth: Array, brim: NDArray[np.bool_], colours: Array) -> Array:
    """Belief (S, S) in the cloth of the crown alone: without the brim (S, S), and without what has its colours.

    cloth: (S, S) belief in crown or brim. colours: (S, S, 3) sRGB 0..1.
    """
    crown = cloth * ~binary_dilation(brim, iterations=BESIDE_PX)
    of_brim, of_crown = (cloth > SURE) & brim, crown > SURE
    if min(of_brim.sum(), of_crown.sum()) < FEWEST:
        return np.asarray(crown)
    lab = lab_from_linear(srgb_to_linear(colours))
    means = [np.median(lab[of_brim], axis=0), np.median(lab[of_crown], axis=0)]
    if np.linalg.norm(means[0] - means[1]) < OTHER_CLOTH:
        return np.asarray(crown)
    nearer = np.linalg.norm(lab - means[0], axis=-1) < np.linalg.norm(lab - means[1], axis=-1)
    return np.asarray(np.where(nearer, 0.0, crown))
