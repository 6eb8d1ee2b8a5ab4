"""The colour of a brim or a peak that a photo shows. Colours are linear RGB, places in the head's frame, mm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.types import Array, Headwear
from facegpt.wear.brim import PEAK_ROWS, brim_places, brim_width_mm
from facegpt.wear.cloth import HEIGHT, WIDTH
from facegpt.wear.shell import Underneath

#: Turns at which colours are read; belief from which a place shows cloth, and fewest such places.
COLUMNS, SURE, FEWEST = 64, 0.5, 8
#: Least and most of a channel; the share of places, the brightest ones, that no seam and no shadow darkens.
BOUNDS, BRIGHT = (0.006, 0.6), 0.5

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
