"""The skin window as something to draw on: places in mm, strokes of a given width, smooth noise, soft regions.

Places are (x, y) in mm of the mean head seen from the front (head frame, conventions.py); a stroke follows the skin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter, zoom
from scipy.spatial import cKDTree

from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps, skin_geometry, skin_window
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.scalar import JIT
from facegpt.types import Array

#: Texels between the points by which a stroke is drawn.
_STEP = 1.0


@dataclass(frozen=True)
class Profile:
    """Cross section of a stroke: depth · exp(-|distance / width|^power), and its two shoulders as shares of the depth.

    depth_mm: below 0 for a valley. width_mm: distance at which it has fallen to a third. left, right: shoulders beside
    it, seen in the direction of the stroke; they have the other sign.
    """

    depth_mm: float
    width_mm: float
    power: float = 2.0
    left: float = 0.0
    right: float = 0.0


class Canvas:
    """Draws maps (HEIGHT, WIDTH) on the mean head's skin."""

    def __init__(self, model: MakeHumanHead) -> None:
        window = skin_window(model)
        self.place: Maps = window.interpolate(model.mean_vertices)
        self.inside: NDArray[np.bool_] = window.triangle >= 0
        geometry = skin_geometry(window, model.mean_vertices)
        across, down = (np.linalg.norm(axis, axis=-1) for axis in (geometry.across, geometry.down))
        self.mm_across = np.where(self.inside, 1 / np.maximum(across, 0.2), 1.0).astype(np.float32)
        self.mm_down = np.where(self.inside, 1 / np.maximum(down, 0.2), 1.0).astype(np.float32)
        self._front = np.argwhere(self.inside & (geometry.normal[..., 2] > 0.12))
        rows, columns = self._front.T
        self._tree = cKDTree(self.place[rows, columns, :2])

    def texels(self, places: Array) -> NDArray[np.float64]:
        """Row and column (N, 2) of the texels nearest to places (N, 2) mm."""
        return self._front[self._tree.query(np.asarray(places, np.float64))[1]].astype(np.float64)

    def curve(self, places: Array) -> NDArray[np.float64]:
        """A smooth path (M, 2) of rows and columns through places (N, 2) mm, N of 2 or more."""
        knots = self.texels(places)
        if len(knots) == 2:
            knots = np.insert(knots, 1, knots.mean(0), axis=0)
        length = np.r_[0, np.maximum(np.linalg.norm(np.diff(knots, axis=0), axis=1), 1e-3).cumsum()]
        count = max(int(length[-1] / _STEP), 3)
        return np.asarray(CubicSpline(length, knots)(np.linspace(0, length[-1], count)))

    def stroke(self, field: Maps, path: Array, profile: Profile, amount: Array | None = None) -> None:
        """Add a stroke along a path (M, 2) of rows and columns to field, in place; amount: (M,) factor along it."""
        strength = taper(len(path)) if amount is None else amount
        _stroke(
            *(field, np.ascontiguousarray(path, np.float64), np.ascontiguousarray(strength, np.float64)),
            *(self.mm_down, self.mm_across, profile.depth_mm, profile.width_mm, profile.power),
            *(profile.left, profile.right),
        )

    def region(self, places: Array, soft_mm: float) -> Maps:
        """A soft polygon (HEIGHT, WIDTH) in 0..1 with corners (N, 2) mm."""
        from PIL import Image, ImageDraw

        picture = Image.new("L", (WIDTH, HEIGHT))
        ImageDraw.Draw(picture).polygon([(c, r) for r, c in self.texels(places)], fill=255)
        return gaussian_filter(np.asarray(picture, np.float32) / 255, soft_mm / 0.7)


def taper(count: int, start: float = 0.2, end: float = 0.25) -> NDArray[np.float64]:
    """Strength (count,) along a stroke that fades in and out over shares of its length."""
    t = np.linspace(0, 1, count)
    low, high = np.clip(t / start, 0, 1), np.clip((1 - t) / end, 0, 1)
    return low * low * (3 - 2 * low) * high * high * (3 - 2 * high)


def smooth_noise(rng: np.random.Generator, sigma: float | tuple[float, float]) -> Maps:
    """Noise (HEIGHT, WIDTH) of SD 1, blurred by sigma texels."""
    widest = max(sigma) if isinstance(sigma, tuple) else sigma
    step = 8 if widest >= 16 else 4 if widest >= 8 else 2 if widest >= 4 else 1  # wide noise is drawn small
    small = tuple(s / step for s in sigma) if isinstance(sigma, tuple) else sigma / step
    drawn = rng.standard_normal((HEIGHT // step, WIDTH // step), np.float32)
    drawn = gaussian_filter(drawn, small, mode="wrap", truncate=3)
    drawn = drawn if step == 1 else zoom(drawn, step, order=1, mode="nearest", grid_mode=True)
    return drawn / max(float(drawn.std()), 1e-6)


@njit(**JIT)
def _stroke(field, path, amount, mm_down, mm_across, depth, width, power, left, right):
    reach = 4.5 * width
    middle = path[len(path) // 2]
    at = min(max(int(middle[0]), 0), field.shape[0] - 1), min(max(int(middle[1]), 0), field.shape[1] - 1)
    rows, columns = reach / mm_down[at] * 1.6 + 1, reach / mm_across[at] * 1.6 + 1
    y0, y1 = max(int(path[:, 0].min() - rows), 0), min(int(path[:, 0].max() + rows) + 1, field.shape[0])
    x0, x1 = max(int(path[:, 1].min() - columns), 0), min(int(path[:, 1].max() + columns) + 1, field.shape[1])
    for y in range(y0, y1):
        for x in range(x0, x1):
            my, mx = mm_down[y, x], mm_across[y, x]
            best, side, strength = reach * reach, 0.0, 0.0
            for k in range(len(path) - 1):
                ay, ax = (path[k, 0] - y) * my, (path[k, 1] - x) * mx
                if abs(ay) > reach + 3.0 or abs(ax) > reach + 3.0:
                    continue
                uy, ux = (path[k + 1, 0] - path[k, 0]) * my, (path[k + 1, 1] - path[k, 1]) * mx
                length = uy * uy + ux * ux + 1e-9
                t = min(max(-(ay * uy + ax * ux) / length, 0.0), 1.0)
                dy, dx = ay + t * uy, ax + t * ux
                square = dy * dy + dx * dx
                if square < best:
                    best, side = square, ux * dy - uy * dx
                    strength = amount[k] + t * (amount[k + 1] - amount[k])
            if strength == 0.0:
                continue
            distance = best**0.5
            value = np.exp(-((distance / width) ** power))
            share = left if side > 0 else right
            value -= share * np.exp(-(((distance - 2.2 * width) / (1.3 * width)) ** 2)) * min(distance / width, 1.0)
            field[y, x] += np.float32(depth * strength * value)
