"""The contour of a photo's lenses: the eight numbers that come nearest to rims as they were traced."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.glasses.contour import BOUNDS, STYLE_CONTOURS, contour_outline, style_like
from facegpt.glasses.fit import WIRE_MM, Front, Wearer, trial_front, usual_lens_mm
from facegpt.glasses.frames import FRAMES
from facegpt.glasses.rim_edges import dark_rim_widths, is_browline, rim_widths
from facegpt.glasses.rims_seen import bar_seen
from facegpt.glasses.silhouettes import Band, Scores
from facegpt.glasses.trace import STRETCH, Trace, pivot, retraced, traced
from facegpt.types import Array, Glasses

#: Frames that a fit begins as.
STARTS = ("round", "square", "aviator")
#: How far lenses lie from the frame that they began as, one SD: width, middle (mm), eight numbers; which of these cost
#: anything, and what an SD costs, mm of one place.
SPREAD = (8.0, 6.0, 6.0, 0.3, 1.5, 1.5, 0.15, 0.08, 0.10, 1.5, 1.5)
COSTS = (0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
#: Steps by which slopes are measured; most rounds, and the squared mm that end them.
STEPS, ROUNDS, ENOUGH = (0.5, 0.3, 0.3, 0.01, 0.1, 0.1, 0.02, 0.02, 0.02, 0.1, 0.1), 8, 0.5
#: How much places of a trace count by how much they stand out; distance from which they count less, mm.
STANDS_OUT, FAR_MM = (0.004, 0.1), 4.0
#: Width of the rim of dark glasses from which its measuring begins, mm.
USUAL_MM = 2.0
#: Least power of a fitted outline's corners: below it lenses would be diamonds, which nobody grinds.
LEAST_POWER = 1.9
#: Gaps between lenses that are fitted, mm.
BRIDGE_BOUNDS = (8.0, 30.0)


def with_contour(
    band: Band, wearer: Wearer, first: Glasses, found: Scores, drawing: Band | None = None, filled: bool = False
) -> tuple[Glasses, Band, Front]:
    """The frame whose rims stand out most.

    Args:
        band: what is about the eyes.
        wearer: the head.
        first: the likeliest of the eight frames.
        found: how it stands out, of the drawing if there is one.
        drawing: the rims as the network of eyewear sees them, if it is sure.
        filled: whether lenses are dark, beside which the photo shows no inner edge of a rim.

    Returns: the glasses, the band as it lies about them, and their front.
    """
    seen = drawing or band
    line = traced(seen.outlined() if filled and drawing is not None else seen, wearer, first, found)
    trace = line
    if drawing is not None and not filled:
        trace = retraced(band, line)
    elif drawing is not None:
        trace = line.outward(line.widths / 2)
    band = band.moved(trace.aside, trace.roll, pivot(trace.front))
    look = _nearest_to(trace, wearer)
    if filled and drawing is not None:
        look = _within_rims(band, look, wearer)
    else:
        look = replace(look, rims_mm=rim_widths(band, trial_front(look, wearer), filled))
        if drawing is not None and not look.rims_mm[0]:  # below, the photo shows folds of the skin and no rim
            look = replace(_nearest_to(_above(trace, line), wearer), rims_mm=look.rims_mm)
    bar = bar_seen(band, trial_front(look, wearer), 0.0)
    style = "browline" if is_browline(look.rims_mm) else style_like(look.lens, max(look.rims_mm) >= WIRE_MM, bar)
    size, drop = _same_place(look, style)
    look = replace(look, style=style, size=size, drop_mm=drop)
    return look, band, trial_front(look, wearer)


def _nearest_to(trace: Trace, wearer: Wearer) -> Glasses:
    """The glasses whose lenses come nearest to a trace."""
    return _worn(min((_fitted(trace, style) for style in STARTS), key=lambda one: one[1])[0], trace, wearer)


def _above(photo: Trace, line: Trace) -> Trace:
    """The upper half of a trace in a photo, with the lower one of the line that it followed."""
    low = (line.edge[:, 1] < line.middle[1])[:, None]
    return replace(photo, edge=np.where(low, line.outward(line.widths / 2).edge, photo.edge))


def _within_rims(band: Band, look: Glasses, wearer: Wearer) -> Glasses:
    """Dark glasses whose lenses lie within their rims. look: with lenses as large as all that they cover."""
    inner = _grown(look, -USUAL_MM, -USUAL_MM, wearer)
    rims = dark_rim_widths(band, trial_front(inner, wearer), USUAL_MM)
    return replace(_grown(look, -rims[0], -rims[1], wearer), rims_mm=rims)


def _worn(numbers: Array, trace: Trace, wearer: Wearer) -> Glasses:
    """Glasses whose lenses have a width, a middle (mm, on the trace's front) and eight numbers: (11,)."""
    width, u, v = numbers[:3]
    bridge = round(float(np.clip(2 * u - width, *BRIDGE_BOUNDS)), 2)
    frame = FRAMES["square"]
    size = float(width) / usual_lens_mm(frame, bridge, wearer)
    drop = trace.low_mm + trace.front.frame.drop_mm - float(v) - frame.drop_mm
    lens = tuple(round(float(number), 4) for number in numbers[3:])
    wide = float(np.median(trace.widths))
    return Glasses("square", size=size, drop_mm=drop, lens=lens, rims_mm=(wide, wide), bridge_mm=bridge)


def _grown(look: Glasses, below_mm: float, above_mm: float, wearer: Wearer) -> Glasses:
    """The same with lenses that reach so much further down and up, and in their mean to both sides."""
    front, both = trial_front(look, wearer), below_mm + above_mm
    bridge = round(float(np.clip(front.bridge_mm - both, *BRIDGE_BOUNDS)), 2)
    size = (front.lens_mm + both) / usual_lens_mm(FRAMES[look.style], bridge, wearer)
    ratio = float(np.clip((front.height_mm + both) / (front.lens_mm + both), *BOUNDS[0]))
    drop = look.drop_mm - (above_mm - below_mm) / 2
    return replace(look, size=size, bridge_mm=bridge, drop_mm=drop, lens=(round(ratio, 4), *look.lens[1:]))


def _same_place(look: Glasses, style: str) -> tuple[float, float]:
    """Size and drop (mm) that put the lenses of another style where those of `look` are."""
    before, after = FRAMES[look.style], FRAMES[style]
    return look.size * before.lens_mm / after.lens_mm, look.drop_mm + before.drop_mm - after.drop_mm


@dataclass(frozen=True, eq=False)
class _Distances:
    """How far a lens lies from a trace, as what a fit makes small."""

    trace: Trace
    start: Array

    def __call__(self, numbers: Array) -> Array:
        """(A + 22,) distances from places of the trace, weighted, and what leaving the start and the bounds costs."""
        trace = self.trace
        inside = _inside(numbers[3:])
        edge = contour_outline(tuple(inside.tolist()), float(numbers[0])) + numbers[1:3]
        away = trace.edge - trace.middle
        off = np.linalg.norm(away, axis=1) - _along(edge - trace.middle, away)
        weights = np.clip(trace.values, *STANDS_OUT)
        weights = weights / weights.mean() / (1 + np.abs(off) / FAR_MM)
        costs = (numbers - self.start) / SPREAD * COSTS
        return np.concatenate([np.sqrt(weights) * off, costs, 20 * (numbers[3:] - inside)])


def _along(edge: Array, rays: Array) -> Array:
    """How far (A,) a closed line (N, 2) lies from the origin along rays (A, 2)."""
    angles, lengths = np.arctan2(edge[:, 1] / STRETCH, edge[:, 0]), np.linalg.norm(edge / [1.0, STRETCH], axis=1)
    order = np.argsort(angles)
    own = np.arctan2(rays[:, 1] / STRETCH, rays[:, 0])
    found = np.interp(own, angles[order], lengths[order], period=2 * np.pi)
    return np.asarray(found * np.linalg.norm(rays, axis=1) / np.linalg.norm(rays / [1.0, STRETCH], axis=1))


def _fitted(trace: Trace, style: str) -> tuple[Array, float]:
    """Width, middle and eight numbers (11,) that come nearest to a trace, from a frame on, and how far off they stay.

    Levenberg-Marquardt with slopes by differences.
    """
    low, high = trace.edge.min(0), trace.edge.max(0)
    (width, height), middle = high - low, (low + high) / 2
    _, above, below, *rest = STYLE_CONTOURS[style]
    numbers = np.array([width, *middle, height / width, above, below, *rest, above, below])
    numbers[3:] = _inside(numbers[3:])
    distances = _Distances(trace, numbers.copy())
    off, damping = distances(numbers), 1.0
    for _ in range(ROUNDS):
        slopes = np.stack([(distances(numbers + step) - off) / step.sum() for step in np.diag(STEPS)], 1)
        moved = numbers + _step(slopes, off, damping)
        moved[3:] = _inside(moved[3:])
        after = distances(moved)
        gain = float((off**2).sum() - (after**2).sum())
        damping *= 0.3 if gain > 0 else 5.0
        if gain > 0:
            numbers, off = moved, after
            if gain < ENOUGH:
                break
    return numbers, float((off**2).sum())


def _inside(numbers: Array) -> Array:
    """The eight numbers of a contour within their bounds."""
    low, high = np.array(BOUNDS).T
    return np.clip(numbers, np.where(low > 1, LEAST_POWER, low), high)


def _step(slopes: Array, off: Array, damping: float) -> NDArray[np.float64]:
    normal = slopes.T @ slopes + damping * np.diag(1 / np.square(SPREAD))
    return np.asarray(-np.linalg.solve(normal, slopes.T @ off))
