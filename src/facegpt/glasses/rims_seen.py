"""How wide rims are, by the photo's brightness across them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.glasses.fit import Front
from facegpt.glasses.silhouettes import MOST, Band
from facegpt.glasses.trace import Trace
from facegpt.types import Array

#: Offsets from a lens' edge outward at which a photo is read, mm.
STEP_MM = 0.4
OFFSETS_MM = np.arange(-2.0, 7.0, STEP_MM)
#: Parts of a lens' height, -1..1: where brows cannot be taken for rims, and the upper rim.
LOW, HIGH = 0.1, 0.55
#: Thinnest and thickest rims, mm; how much wider upper rims are at most than lower ones; and how broadly the band
#: blurs, whose square is added to that of a width.
THINNEST_MM, THICKEST_MM, WIDER_MM, BLUR_MM = 0.9, 6.5, 3.5, 1.2
#: Height of a second bridge, -1..1 of a lens, and how much it stands out from what is above and below it at least.
BAR, BAR_STANDS_OUT = 0.86, 0.06
#: A lower rim that stands out less than this share of the upper one is none.
HALF_RIM = 0.4
#: Width of a rim from how dark a drawing is across it, mm: factor and constant, by 207 rims that were drawn into photos
#: of the validation half (RMS 1.0 mm).
DRAWN = (0.97, -1.3)
#: Trust in edges across a rim from which its width is believed, and the fewest places that tell one.
TRUSTED, FEWEST = 0.8, 5
#: How much a traced place stands out, sRGB 0..1, from which it tells a width.
STANDS_OUT = 0.03


def rim_profiles(band: Band, front: Front, aside: float) -> Array:
    """Brightness (K, N) across the rims at OFFSETS_MM, of the half of the face that is turned to the camera."""
    side = int(band.weights[1] > band.weights[0] + 0.2)
    flip = np.array([1.0 - 2.0 * side, 1.0, 1.0])
    profile = front.place(front.edge + front.outward * OFFSETS_MM[:, None, None]) * flip + [aside, 0.0, 0.0]
    return band.read(band.place(profile), band.grey)


def rim_widths(band: Band, front: Front, trace: Trace) -> tuple[float, float]:
    """Widths of the lower and the upper rim, mm; 0 for a lower one that there is not.

    band: as it lies about the frame. front: with the contour that was fitted to the trace.
    """
    bare = _half_rim(band, front)
    profiles, sure = _along_trace(band, trace)
    widths = []
    for part in _halves(trace):
        told = part & sure if (part & sure).sum() >= FEWEST else part  # brows and fringes lie on upper rims
        seen = width_of(profiles[:, told], False)
        widths.append(float(np.clip(np.sqrt(max(seen**2 - BLUR_MM**2, 0.0)), THINNEST_MM, THICKEST_MM)))
    below, above = widths
    if bare:
        return 0.0, above
    above = float(np.clip(above, 0.9 * below, below + WIDER_MM))
    if above < 1.4 * below:
        above = below  # brows and shadows lie beside upper rims
    return round(below, 2), round(above, 2)


def traced_widths(band: Band, front: Front, trace: Trace) -> tuple[float, float]:
    """`rim_widths` by the widths of a trace along a drawn line, which takes no brows for rims."""
    sure = _along_trace(band, trace)[1]
    told = [part & sure if (part & sure).sum() >= FEWEST else part for part in _halves(trace)]
    below, above = (float(np.mean(trace.widths[part])) for part in told)
    if _half_rim(band, front):
        return 0.0, round(above, 2)
    return round(below, 2), round(float(np.clip(above, 0.9 * below, below + WIDER_MM)), 2)


def _half_rim(band: Band, front: Front) -> bool:
    """Whether the lower rim stands out so much less than the upper one that there is none."""
    grey = rim_profiles(band, front, 0.0)
    height = front.edge[:, 1] / (front.height_mm / 2)
    return _depth(grey[:, height < LOW]) < HALF_RIM * _depth(grey[:, height > HIGH])


def _halves(trace: Trace) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which places (A,) of a trace are the lower and the upper rim."""
    middle, half = np.mean([trace.edge[:, 1].min(), trace.edge[:, 1].max()]), np.ptp(trace.edge[:, 1]) / 2
    height = (trace.edge[:, 1] - middle) / half
    return height < LOW, height > HIGH


def drawn_widths(drawing: Band, front: Front) -> tuple[float, float]:
    """Widths of the lower and the upper rim, mm, from a drawing of them (`Band.drawing`): by how dark it is across.

    drawing: as it lies about the frame.
    """
    dark = (1 - rim_profiles(drawing, front, 0.0)) / MOST
    height = front.edge[:, 1] / (front.height_mm / 2)
    across = [float(np.median(dark[:, part], 1).sum() * STEP_MM) for part in (height < LOW, height > HIGH)]
    below, above = (float(np.clip(DRAWN[0] * one + DRAWN[1], THINNEST_MM, THICKEST_MM)) for one in across)
    return round(below, 2), round(max(below, above), 2)


def _along_trace(band: Band, trace: Trace) -> tuple[Array, NDArray[np.bool_]]:
    """Levels (K, A) across traced rims at OFFSETS_MM, and where (A,) no hair or brow lies about them."""
    side = int(band.weights[1] > band.weights[0] + 0.2)
    along = np.roll(trace.edge, -2, 0) - np.roll(trace.edge, 2, 0)
    outward = np.stack([along[:, 1], -along[:, 0]], 1) / np.linalg.norm(along, axis=1, keepdims=True)
    places = trace.front.place(trace.edge + outward * OFFSETS_MM[:, None, None], bulge=False)
    at = band.place(places * [1.0 - 2.0 * side, 1.0, 1.0])
    trust = band.read(at, band.trust)[OFFSETS_MM < 5.0].min(0)
    return band.read(at, trace.plane), np.asarray((trust > TRUSTED) & (trace.values > STANDS_OUT))


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


def _depth(grey: Array) -> float:
    """How much a rim stands out from both of its sides, brightness (K, N)."""
    line = np.median(grey, 1)
    on = line[(OFFSETS_MM > -0.5) & (OFFSETS_MM < 3.5)]
    beside = np.median(line[OFFSETS_MM > 4.5]), np.median(line[OFFSETS_MM < -1.2])
    return float(max(min(beside) - on.min(), on.max() - max(beside), 0.0))
