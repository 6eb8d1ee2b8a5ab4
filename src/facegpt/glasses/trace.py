"""Rims traced in a photo: the closed line about both eyes along which something thin stands out from both its sides.

Nothing is supposed of a frame's shape; both eyes are looked at together, one as the other's mirror image.
Convention: a ray leaves a lens' middle at an angle (u to the temple, v up) and is stretched as lenses are, so that
lines of usual lenses stay near one row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from facegpt.glasses.closed_path import best_closed_paths
from facegpt.glasses.fit import LOW_MM, Front, Wearer, trial_front
from facegpt.glasses.silhouettes import LEAST, Band, Scores
from facegpt.types import Array, Glasses

#: Height of lenses as a share of their width along which rays are stretched; rows, mm to the side: first, last, step.
STRETCH, ROWS_MM, ROW_MM = 0.75, (11.0, 40.0), 0.5
#: Widths of rims, mm: all of them, and those looked for at first.
WIDTHS_MM, FIRST_WIDTHS_MM = (1.0, 1.5, 2.2, 3.0, 4.0, 5.2), (1.5, 3.0)
#: Rays, and those at first.
ANGLES, FIRST_ANGLES = 72, 36
#: What a step of a row from one of 72 rays to the next costs, and of a width; rows that such a step goes at most.
ROW_COST, WIDTH_COST, FAR = 0.0015, 0.006, 8
#: What one place counts for at most: less than half a rim on a dark brow would.
MOST = 0.15
#: How much a difference of hue counts beside one of brightness: photos keep hues at half the size, and blurred.
HUE_SAYS = 0.75
#: Share of what tells a frame best from which on something else is asked too.
NEARLY = 0.75
#: How far beside a rim skin and lens begin, and how broadly they are looked at, mm; room before and behind all rows.
GAP_MM, BESIDE_MM, ROOM_MM = 0.5, 1.2, (6.0, 10.0)
#: How far from the likeliest frame a line goes for nothing, mm, and what a mm more costs.
FREE_MM, STRAYS = 5.0, 0.006
#: How far the middle of a rim lies from that of a drawn line for nothing, mm, and what a mm more costs.
NEAR_LINE_MM, STRAYS_NEAR = 1.0, 0.03
#: How far aside (mm) and how crooked (degrees) frames may lie: at first, and about the best of these.
ASIDES_MM, NEAR_MM, ROLLS_DEG = (-3.0, -1.5, 0.0, 1.5, 3.0), (-0.75, 0.0, 0.75), (-3.0, 0.0, 3.0)
#: Middles of lenses before the pupils from which rays leave: further out and below, mm.
OUT_MM, BELOW_MM = 0.5, 5.5


@dataclass(frozen=True, eq=False)
class Trace:
    """Rims as they were traced.

    Attributes:
        edge: (A, 2) mm the inner edge of the left rim on `front`. widths: (A,) mm. values: (A,) how much it stands out.
        middle: (2,) from which the rays left. front: a usual one, whose (u, v) these are. low_mm: how low it is worn.
        aside, roll: how far the frame lies to the subject's left, mm, and how crooked, degrees.
        worth: how much all of it stands out, sRGB 0..1. plane: (S, S) of the band in which it does.
    """

    edge: Array
    widths: Array
    values: Array
    middle: Array
    front: Front
    aside: float
    roll: float
    worth: float
    plane: Array
    low_mm: float

    def outward(self, by_mm: Array) -> Trace:
        """The same with each place (A,) moved away from the middle."""
        long = np.linalg.norm(self.edge - self.middle, axis=1)
        return replace(self, edge=self.middle + (self.edge - self.middle) * (1 + by_mm / long)[:, None])


def traced(band: Band, wearer: Wearer, look: Glasses, found: Scores) -> Trace:
    """The rims that stand out most, darker or brighter or of another hue than what is on both sides of them.

    look: the frame that lies best on the band, from which lines do not stray for little. found: how it stands out:
    lines are looked for in what tells it nearly as well.
    """
    low_mm = look.drop_mm if look.drop_mm > LOW_MM else 0.0
    front = trial_front(Glasses("round", drop_mm=low_mm), wearer)
    middle = np.array([float(np.abs(wearer.pupils[:, 0]).mean()) + OUT_MM, front.frame.drop_mm - BELOW_MM])
    planes = _telling(band, found)
    frame = trial_front(look, wearer)
    edge = frame.edge + np.array([0.0, front.frame.drop_mm - frame.frame.drop_mm + low_mm - look.drop_mm]) - middle
    first = [(aside, 0.0) for aside in ASIDES_MM]
    seen = [_seen(band, front, middle, place, planes, FIRST_ANGLES, FIRST_WIDTHS_MM) for place in first]
    strays = _straying(edge, FIRST_ANGLES)
    worth = np.stack([_paths(one - strays)[0] for one in seen])
    row, column = np.unravel_index(int(worth.argmax()), worth.shape)
    plane = [planes[column]]
    near = [(ASIDES_MM[row] + aside, roll) for aside, roll in product(NEAR_MM, ROLLS_DEG)]
    finer = [_seen(band, front, middle, place, plane, FIRST_ANGLES, FIRST_WIDTHS_MM) for place in near]
    place = near[int(_paths(np.concatenate(finer) - strays)[0].argmax())]
    values = _seen(band, front, middle, place, plane, ANGLES, WIDTHS_MM)
    worth, rows, columns = _paths(values - _straying(edge, ANGLES))
    on = values[0, np.arange(ANGLES), rows[0], columns[0]]
    edge = middle + rays(ANGLES) * (ROWS_MM[0] + ROW_MM * rows[0])[:, None]
    return Trace(edge, np.array(WIDTHS_MM)[columns[0]], on, middle, front, *place, float(worth[0]), plane[0], low_mm)


def retraced(band: Band, line: Trace) -> Trace:
    """The rims of a photo along a line that was traced in a drawing of them, which tells edges and widths roughly."""
    hues = [sign * HUE_SAYS * plane for plane in band.hues for sign in (1.0, -1.0)]
    planes = [band.grey, -band.grey, *hues]
    values = _seen(band, line.front, line.middle, (line.aside, line.roll), planes, ANGLES, WIDTHS_MM)
    long = np.linalg.norm(rays(ANGLES), axis=1)
    middle = (np.linalg.norm(line.edge - line.middle, axis=1) + line.widths / 2) / long
    rows = np.arange(*ROWS_MM, ROW_MM)[:, None] + np.array(WIDTHS_MM) / (2 * long[:, None, None])
    values = values - STRAYS_NEAR * np.clip(np.abs(rows - middle[:, None, None]) - NEAR_LINE_MM, 0, None)
    worth, found, columns = _paths(values)
    best = int(worth.argmax())
    on = values[best, np.arange(ANGLES), found[best], columns[best]]
    edge = line.middle + rays(ANGLES) * (ROWS_MM[0] + ROW_MM * found[best])[:, None]
    wide = np.array(WIDTHS_MM)[columns[best]]
    return replace(line, edge=edge, widths=wide, values=on, worth=float(worth[best]), plane=planes[best])


def _telling(band: Band, found: Scores) -> list[Array]:
    """Planes (S, S) of the band in which rims are darker than both sides, of those kinds that tell a frame."""
    if band.parts is None:  # a drawing
        return [band.grey]
    told = (float(found.dark[0]), float(found.bright[0]), float(found.hued[0]))
    dark, bright, hued = (one >= NEARLY * max(told) for one in told)
    planes = [band.grey] * dark + [-band.grey] * bright
    return planes + [sign * HUE_SAYS * plane for plane in band.hues for sign in (1.0, -1.0)] * hued


def rays(count: int) -> Array:
    """Directions (count, 2) of rays, mm for a mm to the side."""
    turn = 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(turn), STRETCH * np.sin(turn)], 1)


def _straying(edge: Array, angles: int) -> Array:
    """What each row costs that lies far from a line (N, 2) around the rays' origin: (1, A, K, 1)."""
    own, lengths = np.arctan2(edge[:, 1] / STRETCH, edge[:, 0]), np.linalg.norm(edge / [1.0, STRETCH], axis=1)
    order = np.argsort(own)
    at = np.interp(2 * np.pi * np.arange(angles) / angles, own[order], lengths[order], period=2 * np.pi)
    away = np.abs(np.arange(*ROWS_MM, ROW_MM) - at[:, None])
    return np.asarray(STRAYS * np.clip(away - FREE_MM, 0, None))[None, :, :, None]


def pivot(front: Front) -> Array:
    """The point (3,) about which crooked frames are rolled."""
    return np.asarray(front.place(np.zeros(2), bulge=False))


def _paths(values: Array) -> tuple[Array, Array, Array]:
    fewer = ANGLES / values.shape[1]
    return best_closed_paths(values, ROW_COST / fewer, int(FAR * fewer), WIDTH_COST)


def _seen(
    band: Band, front: Front, middle: Array, place: tuple[float, float], planes: list[Array], angles: int,
    widths: tuple[float, ...],
) -> Array:  # fmt: skip
    """How much rims would stand out in each plane, at each angle, row and width: (P, A, K, W)."""
    steps = np.arange(ROWS_MM[0] - ROOM_MM[0], ROWS_MM[1] + ROOM_MM[1], ROW_MM)
    ahead = rays(angles)
    on_front = front.place(middle + ahead[:, None] * steps[:, None], bulge=False)
    points = np.stack([on_front, on_front * [-1.0, 1.0, 1.0]])
    at = band.moved(*place, pivot(front)).place(points)
    longer = np.linalg.norm(ahead, axis=1) * ROW_MM  # mm of each ray for a row
    gap, beside = _rows(GAP_MM, longer), _rows(BESIDE_MM, longer)
    trust = _Running(band.read(at, band.trust))
    weights = band.weights / max(float(band.weights.sum()), 1e-6)
    found = []
    for plane in planes:
        level = _Running(band.read(at, plane))
        inside = level.mean(-gap - beside, beside)
        for width in widths:
            wide = _rows(width, longer)
            outside, known = level.mean(wide + gap, beside), trust.mean(wide + gap, beside)
            outside = np.where(outside < inside, known * outside + (1 - known) * inside, outside)  # hair above a rim
            stands = np.clip(np.minimum(inside, outside) - level.mean(0 * wide, wide), LEAST, MOST)
            found.append(np.tensordot(weights, trust.mean(0 * wide, wide) * stands, 1))
    return np.stack(found, -1).reshape(angles, -1, len(planes), len(widths)).transpose(2, 0, 1, 3)


def _rows(length_mm: float, longer: Array) -> Array:
    return np.maximum(np.round(length_mm / longer), 1).astype(np.int64)


class _Running:
    """Means of values (2, A, R) along the rays, from every row on."""

    def __init__(self, values: Array) -> None:
        self._sums = np.concatenate([np.zeros((*values.shape[:2], 1)), np.cumsum(values, -1)], -1)
        self._rows = np.arange(int((ROWS_MM[1] - ROWS_MM[0]) / ROW_MM)) + int(ROOM_MM[0] / ROW_MM)

    def mean(self, ahead: Array, length: Array) -> Array:
        """Means (2, A, K) of `length` (A,) rows that begin `ahead` (A,) rows further."""
        last = self._sums.shape[2] - 1
        low = np.clip(self._rows + ahead[:, None], 0, last - 1)
        high = np.clip(low + length[:, None], 1, last)
        ends = [np.take_along_axis(self._sums, np.broadcast_to(at, (2, *at.shape)), 2) for at in (low, high)]
        return np.asarray((ends[1] - ends[0]) / (high - low))
