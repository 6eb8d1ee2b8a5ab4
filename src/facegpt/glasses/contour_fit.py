"""The contour of a photo's lenses: moved from the nearest frames until their rims lie on the edges that are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.glasses.contour import BOUNDS, STYLE_CONTOURS, style_like
from facegpt.glasses.fit import WIRE_MM, Front, Wearer, fit_front, trial_front
from facegpt.glasses.frames import FRAMES
from facegpt.glasses.rims_seen import bar_seen, rim_widths
from facegpt.glasses.silhouettes import Band, Scores, outlines_of, scores
from facegpt.types import Array, Glasses

#: First steps of a contour's numbers, of size, of drop (mm) and aside (mm); how often they are halved, and most moves.
STEPS, SIZE_STEP, DROP_STEP, ASIDE_STEP, HALVINGS, MOVES = (0.05, 0.6, 0.6, 0.06, 0.04, 0.04), 0.03, 0.8, 0.5, 2, 16
#: How far lenses lie from the eight frames, one SD each, and what a squared SD costs.
SPREAD, COST = (0.15, 1.5, 1.5, 0.15, 0.08, 0.10), 0.002
#: Even widths of rims that are tried, mm, and the share of how much the best one stands out from which measured widths
#: are believed.
WIDTHS_MM, BELIEVED = (1.0, 1.4, 1.9, 2.5, 3.2, 4.0), 0.85
#: Places along a rim that are compared.
PLACES = 24
#: A frame as it lies on the band: glasses, how far aside (mm), and how well.
Placed = tuple[Glasses, float, Scores]


def with_contour(band: Band, wearer: Wearer, starts: Sequence[Placed]) -> tuple[Glasses, float, Front]:
    """Of some frames with clear lenses that lie on the band, the best first, the one whose fitted contour lies best.

    Returns: the glasses, how far aside they lie (mm), and their front.
    """
    bridge = fit_front(starts[0][0], wearer).bridge_mm  # that it will have, for lenses are where it puts them
    tried = [_moved(band, wearer, look, aside, bridge) for look, aside, _ in starts]
    look, aside, _ = max(tried, key=lambda one: one[2])
    front = trial_front(look, wearer, bridge)
    rims = _rims(band, wearer, look, aside, bridge)
    style = style_like(look.lens, max(rims) >= WIRE_MM, bar_seen(band, front, aside))
    size, drop = _same_place(look, style)
    look = replace(look, style=style, rims_mm=rims, thickness=1.0, size=size, drop_mm=drop)
    return look, aside, trial_front(look, wearer, bridge)


def _rims(band: Band, wearer: Wearer, look: Glasses, aside: float, bridge: float) -> tuple[float, float]:
    """Widths below and above, mm: those measured if rims stand out by them nearly as much as by the best even width."""
    measured = rim_widths(band, trial_front(look, wearer, bridge), aside)
    tried = [measured, *((width, width) for width in WIDTHS_MM)]
    if not measured[0]:  # a half-rim stands out above only
        return measured
    looks = tuple(replace(look, rims_mm=one) for one in tried)
    rims = scores(band, outlines_of(looks, wearer, PLACES, bridge), aside).rims
    return tried[0] if rims[0] > BELIEVED * rims.max() else tried[int(rims.argmax())]


def _same_place(look: Glasses, style: str) -> tuple[float, float]:
    """Size and drop (mm) that put the lenses of another style where those of `look` are."""
    before, after = FRAMES[look.style], FRAMES[style]
    return look.size * before.lens_mm / after.lens_mm, look.drop_mm + before.drop_mm - after.drop_mm


def _moved(band: Band, wearer: Wearer, look: Glasses, aside: float, bridge: float) -> tuple[Glasses, float, float]:
    """A frame with the contour that lies best near its own: glasses, aside (mm), and what they are compared by."""
    start = np.array(STYLE_CONTOURS[look.style])
    rims = tuple(value * look.thickness for value in FRAMES[look.style].rim_mm)
    look = replace(look, lens=tuple(start.tolist()), rims_mm=rims, thickness=1.0)
    best = float(_worth(band, wearer, [look], [aside], start, bridge)[0])
    share, halved = 1.0, 0
    for _ in range(MOVES):
        looks, asides = _neighbours(look, aside, share)
        worth = _worth(band, wearer, looks, asides, start, bridge)
        together = _together(look, aside, looks, asides, worth > best + 1e-5, worth)
        looks, asides = [*looks, together[0]], [*asides, together[1]]
        worth = np.append(worth, _worth(band, wearer, looks[-1:], asides[-1:], start, bridge))
        k = int(worth.argmax())
        if worth[k] > best + 1e-5:
            look, aside, best = looks[k], asides[k], float(worth[k])
        elif halved < HALVINGS:
            share, halved = share / 2, halved + 1
        else:
            break
    return look, aside, best


def _together(
    look: Glasses, aside: float, looks: list[Glasses], asides: list[float], better: NDArray[np.bool_], worth: Array
) -> tuple[Glasses, float]:
    """A frame with all moves that are better alone; of two moves of one number the better one."""
    lens, size, drop, moved = list(look.lens), look.size, look.drop_mm, aside
    for k in np.argsort(worth):
        if better[k]:
            lens = [new if new != old else kept for new, old, kept in zip(looks[k].lens, look.lens, lens, strict=True)]
            size = looks[k].size if looks[k].size != look.size else size
            drop = looks[k].drop_mm if looks[k].drop_mm != look.drop_mm else drop
            moved = asides[k] if asides[k] != aside else moved
    return replace(look, lens=tuple(lens), size=size, drop_mm=drop), moved


def _neighbours(look: Glasses, aside: float, share: float) -> tuple[list[Glasses], list[float]]:
    """Frames that differ in one number by `share` of its step."""
    looks = []
    for k, (step, (low, high)) in enumerate(zip(STEPS, BOUNDS, strict=True)):
        for sign in (-1.0, 1.0):
            numbers = list(look.lens)
            numbers[k] = round(float(np.clip(numbers[k] + sign * step * share, low, high)), 4)
            looks.append(replace(look, lens=tuple(numbers)))
    for sign in (-1.0, 1.0):
        looks.append(replace(look, size=look.size + sign * SIZE_STEP * share))
        looks.append(replace(look, drop_mm=look.drop_mm + sign * DROP_STEP * share))
    asides = [aside] * len(looks) + [aside - ASIDE_STEP * share, aside + ASIDE_STEP * share]
    return [*looks, look, look], asides


def _worth(band: Band, wearer: Wearer, looks: list[Glasses], asides: list[float], start: Array, bridge: float) -> Array:
    """How well frames lie on the band, less what their distance from the frame that they started as costs: (M,)."""
    total = np.zeros(len(looks))
    for aside in dict.fromkeys(asides):
        rows = [k for k, other in enumerate(asides) if other == aside]
        found = scores(band, outlines_of(tuple(looks[k] for k in rows), wearer, PLACES, bridge), aside)
        total[rows] = found.total
    off = (np.array([look.lens for look in looks]) - start) / SPREAD
    return np.asarray(total - COST * (off**2).sum(1))
