"""The photo's light taken out of the locks of a head: what is left is what both its sides show, and what is fine.

Frame: places are mm of the head at rest, x to its left; pictures are those that a 3 × 4 projection sees.

Hair is hardly ever dyed on one side, but photos are mostly lit from one. Light from above falls on crowns, so hair that
darkens downwards is in shade; hair that lightens downwards is lighter at its tips, for no light does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates, median_filter, zoom

from facegpt.hair.scalp import MIDDLE
from facegpt.render import channels
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Radius of the upright cylinder that stands for a head of hair, mm; how far one looks past its rim (cosine).
RADIUS_MM, PAST_RIM = 90.0, 0.15
#: Height and width of the window whose median is light, mm: streaks run down and are narrower, gloss runs across. SD of
#: the blur that fills it beside the hair, mm; share of hair there from which it is told in full; its height in pixels.
WINDOW_MM, FILL_MM, TOLD, LEAST_PX = (16.0, 60.0), 11.0, 0.3, 3
#: How much is kept of what both sides show beyond tips that are lighter.
KEPT_ALIKE = 0.4
#: Share of all hair that one side shows at least, where it has a say.
LEAST_SIDE = 0.12
#: Heights at which both sides tell how light hair is (`Sides.down`); the least share of the hair of the fullest one
#: that tells; how much lighter than those above, in logs, is by chance.
LEVELS, LEAST_LEVEL, NOISE = np.arange(-0.8, 3.0, 0.4), 0.15, 0.1
#: What light does to white hair, logs: SD over a head, and how much it darkens 100 mm downwards at most.
LIGHT_SD, LIGHT_FALL = 0.2, 1.0
#: How far from the middle a side has its own light in full, mm.
SIDE_MM = 45.0


@dataclass(frozen=True, eq=False)
class Sides:
    """Where pixels (h, w) of a picture lie on a head.

    Attributes:
        side: -1 at its right … 1 at its left. down: 100 mm below the middle. other: (2, h, w) row and column of the
            same place of the other side. faces: bool, whether the picture shows that.
    """

    side: NDArray[np.float64]
    down: NDArray[np.float64]
    other: NDArray[np.float64]
    faces: NDArray[np.bool_]
    px_per_mm: float

    @classmethod
    def of(cls, projection: Sequence[float], size: tuple[int, ...]) -> Sides:
        """The sides of a head in a picture of a size (h, w), seen by a projection (12,) of rows (3, 4)."""
        matrix = np.reshape(projection, (3, 4))
        back = np.linalg.inv(matrix[:, :3])
        eye = -back @ matrix[:, 3]
        rows, columns = np.indices(size)
        rays = np.stack([columns, rows, np.ones(size)], -1) @ back.T
        place = _on_cylinder(eye, rays)
        across = place * (-1, 1, 1)
        flat = across @ matrix[:, :3].T + matrix[:, 3]
        outward = (across - MIDDLE) * (1, 0, 1)
        sight = (eye - across) * (1, 0, 1)
        length = channels.length(outward) * channels.length(sight)
        return cls(
            np.clip(place[..., 0] / SIDE_MM, -1, 1),
            (MIDDLE[1] - place[..., 1]) / 100,
            np.stack([flat[..., 1], flat[..., 0]]) / flat[..., 2],
            channels.total(outward * sight) / np.maximum(length, 1e-6) > -PAST_RIM,
            float(np.linalg.norm(matrix[0, :3]) / (matrix[2, :3] @ MIDDLE + matrix[2, 3])),
        )

    def halves(self, weight: Array) -> list[NDArray[np.float64]]:
        """The weights (h, w) of either side of a head that shows enough of itself, at most two."""
        both = [np.asarray(weight * np.clip(0.5 + sign * self.side, 0, 1), np.float64) for sign in (-1, 1)]
        return [one for one in both if one.sum() > LEAST_SIDE * weight.sum()]


def without_light(logs: Array, weight: Array, sides: Sides, mixed: float = 0.0) -> NDArray[np.float64]:
    """Logs (h, w, 3) of colour ratios without the photo's light, of pixels that count by a weight (h, w).

    mixed: 0..1, how likely dark and white hair are mixed, which differ by more than light does (`_beyond_light`).
    """
    low, mass = _light(logs, weight, sides.px_per_mm)
    slopes = [_split(_slope(low, one, sides.down)) for one in sides.halves(weight)]
    slope = _common(slopes[0], slopes[1]) if len(slopes) == 2 else slopes[0] / 2  # one side alone may be lit
    slope = slope[:1] + slope[1:]
    middle = np.average(sides.down, weights=weight)
    fall = (sides.down - middle)[..., None] * slope
    their = [map_coordinates(one, sides.other, order=1, mode="nearest") for one in (*np.moveaxis(low, -1, 0), mass)]
    told = np.clip(mass / TOLD, 0, 1) * np.clip(their[3] / TOLD, 0, 1) * sides.faces
    alike = _common(_split(low), _split(np.stack(their[:3], -1)))
    alike = (alike[..., :1] + alike[..., 1:]) * told[..., None]
    tips = np.zeros_like(fall)
    if slope.mean() > 0:
        tips = fall = _lighter_below(low, weight, sides)
    plain = tips + KEPT_ALIKE * (alike - fall * told[..., None])
    return np.asarray(logs - low + (1 - mixed) * plain + mixed * _beyond_light(low, weight, sides))


def _beyond_light(low: Array, weight: Array, sides: Sides) -> NDArray[np.float64]:
    """How much lighter or darker places of grey hair are (h, w, 1), less what light does to one colour, in logs.

    low: (h, w, 3). White hair without dark ones spreads by LIGHT_SD and darkens downwards by LIGHT_FALL at most.
    """
    tone = channels.mean(low, keepdims=True)
    fall = np.mean([_slope(tone, one, sides.down) for one in sides.halves(weight)])
    tone = tone - sides.down[..., None] * np.clip(fall, -LIGHT_FALL, 0.0)
    tone = tone - np.average(tone[..., 0], weights=weight)
    spread = float(np.average(tone[..., 0] ** 2, weights=weight))
    return np.asarray(max(1 - LIGHT_SD**2 / max(spread, 1e-6), 0.0) * tone)


def _on_cylinder(eye: Array, rays: Array) -> NDArray[np.float64]:
    """Where rays (..., 3) from an eye (3,) meet the cylinder about the head, or come nearest to it (..., 3) mm."""
    from_axis, way = (eye - MIDDLE) * (1, 0, 1), rays * (1, 0, 1)
    square = np.maximum(channels.total(way**2), 1e-12)
    nearest = -(way @ from_axis) / square
    missed = channels.total((from_axis + nearest[..., None] * way) ** 2)
    along = nearest - np.sqrt(np.maximum(RADIUS_MM**2 - missed, 0) / square)
    return np.asarray(eye + along[..., None] * rays)


def _light(logs: Array, weight: Array, px_per_mm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The part of logs (h, w, 3) that is as wide as light is, and how much hair (h, w) lies around each pixel."""
    weighed = np.concatenate([logs * weight[..., None], weight[..., None]], -1).astype(np.float32)
    near = gaussian_blur(weighed, FILL_MM * px_per_mm)
    mass = near[..., 3].astype(np.float64)
    whole = weight[..., None] * logs + (1 - weight[..., None]) * near[..., :3] / np.maximum(mass, 1e-4)[..., None]
    shrink = min(1.0, LEAST_PX / (WINDOW_MM[0] * px_per_mm))
    size = [max(1, round(side * shrink)) for side in weight.shape]
    windows = [max(LEAST_PX, round(mm * px_per_mm * shrink)) | 1 for mm in WINDOW_MM]
    share = size[0] / len(weight), size[1] / weight.shape[1]
    small = zoomed(whole, share)
    middle = np.stack([gaussian_filter(median_filter(small[..., k], windows), 1.0) for k in range(3)], -1)
    back = zoomed(middle, (weight.shape[0] / size[0], weight.shape[1] / size[1]))
    return back[: len(weight), : weight.shape[1]], mass


def zoomed(picture: Array, times: tuple[float, float]) -> NDArray[np.float64]:
    """A picture (h, w, C) so many times as high and wide, straight between pixels; a channel at a time is faster."""
    planes = [zoom(picture[..., k], times, order=1, grid_mode=True, mode="nearest") for k in range(picture.shape[-1])]
    return np.stack(planes, -1)


def _slope(logs: Array, weight: Array, down: Array) -> NDArray[np.float64]:
    """By how much logs (h, w, 3) grow per 100 mm downwards (3,)."""
    count = weight.sum()
    away = (down - (weight * down).sum() / count) * weight
    return np.asarray((away[..., None] * logs).sum((0, 1)) / max(float((away * down).sum()), 1e-6))


def _lighter_below(low: Array, weight: Array, sides: Sides) -> NDArray[np.float64]:
    """How much lighter hair (h, w, 3) is than that above it on both sides, as logs of mean 0: grown out, or bleached.

    Where it is darker than that above it stays: that is shade. One side alone may be lit, so half of it counts.
    """
    risen = [_risen(_levels(low, one, sides.down)) for one in sides.halves(weight)]
    both = _common(risen[0], risen[1]) if len(risen) == 2 else risen[0] / 2
    tone = np.maximum(both[:, :1] - NOISE, 0.0)
    grown = tone + np.where(tone > 0, both[:, 1:], 0.0)
    lighter = np.stack([np.interp(sides.down, LEVELS, grown[:, k]) for k in range(3)], -1)
    return np.asarray(lighter - np.average(lighter.reshape(-1, 3), axis=0, weights=weight.ravel()))


def _risen(levels: Array) -> NDArray[np.float64]:
    """How much lighter than the darkest above it hair is, at most, down to each level (L, 3): as `_split` (L, 4)."""
    split, out = _split(levels), np.zeros((len(levels), 4))
    darkest = most = None
    for k in np.flatnonzero(np.isfinite(split[:, 0])):
        darkest = split[k] if darkest is None or split[k, 0] < darkest[0] else darkest
        rise = split[k] - darkest
        most = rise if most is None or rise[0] > most[0] else most
        out[k:] = most
    return out


def _levels(logs: Array, weight: Array, down: Array) -> NDArray[np.float64]:
    """The mean of logs (h, w, 3) around each of LEVELS (L, 3); nan where there is too little hair."""
    near = np.maximum(1 - np.abs(down - LEVELS[:, None, None]) / np.diff(LEVELS)[0], 0) * weight
    mass = near.sum((1, 2))
    means = np.einsum("lhw,hwc->lc", near, logs) / np.maximum(mass, 1e-6)[:, None]
    return np.where(mass[:, None] > LEAST_LEVEL * mass.max(), means, np.nan)


def _split(logs: Array) -> NDArray[np.float64]:
    """Brightness and hue of logs (..., 3): (..., 4)."""
    tone = channels.mean(logs, keepdims=True)
    return np.concatenate([tone, logs - tone], -1)


def _common(one: Array, other: Array) -> NDArray[np.float64]:
    """What two agree on: the smaller where both have a sign, else 0."""
    smaller = np.where(np.abs(one) < np.abs(other), one, other)
    return np.where(one * other > 0, smaller, 0.0)
