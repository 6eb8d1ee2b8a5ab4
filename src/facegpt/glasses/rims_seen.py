"""How wide rims are, by the photo's brightness across them."""

from __future__ import annotations

import numpy as np

from facegpt.glasses.fit import Front
from facegpt.glasses.silhouettes import Band
from facegpt.types import Array

#: Offsets from a lens' edge outward at which a photo is read, mm.
STEP_MM = 0.4
OFFSETS_MM = np.arange(-2.0, 7.0, STEP_MM)
#: Height of a lens, -1..1, below which brows cannot be taken for rims.
LOW = 0.1
#: Height of a second bridge, -1..1 of a lens, and how much it stands out from what is above and below it at least.
BAR, BAR_STANDS_OUT = 0.86, 0.06


def rim_profiles(band: Band, front: Front, aside: float) -> Array:
    """Brightness (K, N) across the rims at OFFSETS_MM, of the half of the face that is turned to the camera."""
    side = int(band.weights[1] > band.weights[0] + 0.2)
    flip = np.array([1.0 - 2.0 * side, 1.0, 1.0])
    profile = front.place(front.edge + front.outward * OFFSETS_MM[:, None, None]) * flip + [aside, 0.0, 0.0]
    return band.read(band.place(profile), band.grey)


def bar_seen(band: Band, front: Front, aside: float) -> bool:
    """Whether a second bar joins the tops of both rims: darker or brighter than what is above and below it."""
    nasal = front.edge[front.edge[:, 0] < front.middle]
    v = BAR * front.height_mm / 2
    start = float(np.abs(nasal[np.abs(nasal[:, 1] - v).argmin(), 0]))
    u = np.linspace(-0.8, 0.8, 15) * start
    rows = v + np.arange(-4.0, 4.1, 0.5)
    places = front.place(np.stack(np.meshgrid(u, rows), -1), bulge=False) + np.array([aside, 0.0, 0.0])
    line = np.median(band.read(band.place(places), band.grey), 1)
    on, (darker, brighter) = line[4:-4], sorted((float(line[:4].mean()), float(line[-4:].mean())))
    return bool(max(darker - on.min(), on.max() - brighter) > BAR_STANDS_OUT)


def width_of(grey: Array, filled: bool) -> float:
    """Width of a rim, mm, from brightness (K, N) at OFFSETS_MM from the lens' edge outward."""
    line = np.median(grey, 1)
    offsets = OFFSETS_MM
    outside = float(np.median(line[offsets > 4.5]))
    if filled:  # dark lenses: the rim ends where skin begins
        below = offsets[np.abs(line - outside) > 0.5 * max(float(np.abs(line - outside).max()), 1e-6)]
        return float(np.clip(below.max(), 0.8, 6.0)) if len(below) else 1.5
    away = np.abs(line - outside)
    peak = int(np.argmax(np.where((offsets > -1) & (offsets < 5), away, -1)))
    wide = away > 0.5 * away[peak]
    first, last = peak, peak
    while first > 0 and wide[first - 1]:
        first -= 1
    while last < len(wide) - 1 and wide[last + 1]:
        last += 1
    return float(offsets[last] - offsets[first] + 0.4)
