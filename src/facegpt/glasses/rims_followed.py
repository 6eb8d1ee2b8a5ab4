"""Rims as they lie in a photo: followed along a fitted contour, each half of the face for itself.

A contour is one for both eyes and has few numbers, and heads are fitted within a degree or two: its lines lie 1 to 3 mm
beside the photo's rims here and there. What rims look like is read where they lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.glasses.closed_path import best_closed_paths
from facegpt.glasses.fit import Front
from facegpt.glasses.silhouettes import Band
from facegpt.types import Array

#: Offsets from a contour outward at which a photo is read, mm: first, last, step; those where a rim may begin.
FROM_MM, TO_MM, STEP_MM = -5.5, 10.5, 0.25
BEGINS_MM = (-2.5, 2.5)
#: Widths of rims that are looked for, mm; how far beside them, and how broadly, lens and skin are looked at.
WIDTHS_MM, GAP_MM, BESIDE_MM = (0.75, 1.5, 2.5, 4.0), 0.25, 1.0
#: What a place counts for, sRGB 0..1: against, and at most, less than half a rim on a dark brow would.
LEAST, MOST = -0.06, 0.2
#: Directions of colour in which rims differ from both their sides: darker, paler, and by hue, for less.
HUE_SAYS = 0.75
_GREY, *_HUES = np.array([[1 / 3, 1 / 3, 1 / 3], [1.0, -1.0, 0.0], [0.5, 0.5, -1.0]])
PALER = 1
DIRECTIONS = np.stack([_GREY, -_GREY, *(sign * HUE_SAYS * hue for hue in _HUES for sign in (1, -1))])
#: What a step of an offset from one place to the next costs, and of a width; offsets that such a step goes at most.
STEP_COST, WIDTH_COST, FAR = 0.003, 0.006, 2
#: How far from the contour a rim lies for nothing, mm, and what a mm more costs.
FREE_MM, STRAYS = 0.5, 0.01
#: The share of the half that is turned to the camera from which the other one counts too.
ALSO = 0.6
#: Places tell what rims look like that stand out by this share of what the best quarter does.
STAND_OUT = 0.5


@dataclass(frozen=True, eq=False)
class Followed:
    """Rims as they lie, of H halves at N places of a contour.

    Attributes:
        begins: (H, N) mm from the contour outward to the rim's inner edge.
        kinds: (D, H, N) how much rims of each of the DIRECTIONS stand out from lens and skin, sRGB 0..1, below 0 where
            they do not. best: the one that these rims are of.
        colours: (H, K, N, 3) sRGB of the photo at `offsets_mm` from the contour.
        places: (H, K, N, 2) of these in the band.
        free: (H, K, N) how far hair lies on none of these, 0..1.
    """

    begins: Array
    kinds: Array
    best: int
    colours: Array
    places: Array
    free: Array

    @property
    def stands(self) -> Array:
        """How much the rims stand out: (H, N)."""
        return np.asarray(self.kinds[self.best])

    @property
    def pale(self) -> bool:
        """Whether rims are paler than lens and skin."""
        return self.best == PALER

    @property
    def stand_out(self) -> NDArray[np.bool_]:
        """Where they stand out by STAND_OUT of what the best quarter does: (H, N)."""
        return np.asarray(self.stands >= STAND_OUT * np.quantile(self.stands, 0.75))

    @cached_property
    def levels(self) -> Array:
        """Levels (H, K, N) at `offsets_mm`, low on rims."""
        return np.asarray(self.colours @ DIRECTIONS[self.best])

    def along(self, plane: Array, offsets: Array) -> Array:
        """A plane (H, K, N) or (H, K, N, C) at offsets (M,) or (M, N) from the rims' inner edges.

        Returns: (H, M, N) or (H, M, N, C).
        """
        row = (self.begins[:, None] + (offsets if offsets.ndim > 1 else offsets[:, None]) - FROM_MM) / STEP_MM
        low = np.clip(np.floor(row).astype(np.int64), 0, plane.shape[1] - 2)
        share = np.clip(row - low, 0.0, 1.0)
        half, place = np.arange(len(plane))[:, None, None], np.arange(plane.shape[2])
        share = share.reshape(*share.shape, *(1,) * (plane.ndim - 3))
        return np.asarray((1 - share) * plane[half, low, place] + share * plane[half, low + 1, place])


def offsets_mm() -> Array:
    """Offsets (K,) from a contour at which a photo is read."""
    return np.arange(FROM_MM, TO_MM + STEP_MM / 2, STEP_MM)


def followed(band: Band, front: Front, aside_mm: float = 0.0) -> Followed:
    """Follow the rims along a front's contour, on the halves that are turned to the camera.

    aside_mm: how far the front lies to the subject's left.
    """
    sides = [k for k in (0, 1) if band.weights[k] >= ALSO * band.weights.max()]
    lines = front.place(front.edge + front.outward * offsets_mm()[:, None, None])
    at = np.stack([band.place(lines * [1.0 - 2.0 * k, 1.0, 1.0] + [aside_mm, 0.0, 0.0]) for k in sides])
    colours = np.stack([band.read_fine(at, channel) for channel in range(3)], -1)
    trust = band.read(at, band.hairless)
    levels = np.einsum("hknc,dc->hdnk", colours, DIRECTIONS)
    stands = _stands(levels, np.moveaxis(trust, 1, 2)[:, None])  # (H, D, N, B, W)
    begins = np.arange(BEGINS_MM[0], BEGINS_MM[1] + STEP_MM / 2, STEP_MM)
    strays = STRAYS * np.clip(np.abs(begins) - FREE_MM, 0, None)[:, None]
    halves, kinds, places = stands.shape[:3]
    flat = (stands - strays).reshape(halves * kinds, places, *stands.shape[3:])
    worth, rows, columns = best_closed_paths(flat, STEP_COST, FAR, WIDTH_COST)
    line, place = np.arange(len(flat))[:, None], np.arange(places)
    rows, columns = rows.astype(np.int64), columns.astype(np.int64)
    on = (flat + strays)[line, place, rows, columns].reshape(halves, kinds, places)
    best = int(worth.reshape(halves, kinds).sum(0).argmax())
    rows = rows.reshape(halves, kinds, places)[:, best]
    return Followed(begins[rows], np.moveaxis(on, 1, 0), best, colours, at, trust)


def _stands(levels: Array, trust: Array) -> Array:
    """How much rims of each beginning and width would stand out in levels (H, D, N, K): (H, D, N, B, W)."""
    first = round((BEGINS_MM[0] - FROM_MM) / STEP_MM)
    count = round((BEGINS_MM[1] - BEGINS_MM[0]) / STEP_MM) + 1
    sums, known = (_summed(each) for each in (levels, trust))

    def mean(of: Array, ahead: float, length: float) -> Array:
        low, wide = first + round(ahead / STEP_MM), max(round(length / STEP_MM), 1)
        return np.asarray((of[..., low + wide : low + wide + count] - of[..., low : low + count]) / wide)

    inside = mean(sums, -GAP_MM - BESIDE_MM, BESIDE_MM)
    found = []
    for width in WIDTHS_MM:
        outside, sure = mean(sums, width + GAP_MM, BESIDE_MM), mean(known, width + GAP_MM, BESIDE_MM)
        outside = np.where(outside < inside, sure * outside + (1 - sure) * inside, outside)  # hair above a rim
        stands = np.clip(np.minimum(inside, outside) - mean(sums, 0.0, width), LEAST, MOST)
        found.append(mean(known, 0.0, width) * stands)
    return np.stack(found, -1)


def _summed(values: Array) -> Array:
    """Sums of all values (..., K) before each, and of all: (..., K + 1)."""
    return np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, -1)], -1)
