"""Where hair can root on the default head: places on the skin with their direction and distance from the hairline.

Places are chosen once, on the mean head, as weights of vertices; so they follow every identity. Frame: head, mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.morphable.base import MorphableModel
from facegpt.morphable.kept import kept
from facegpt.morphable.makehuman.local_shapes import unshaped
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array

#: The middle of the skull on the mean head: azimuths are counted around a vertical through it.
MIDDLE = np.array([0.0, 45.0, -8.0])
#: The usual hairline of the mean head: height (mm) by azimuth (degrees from the face, either side).
LINE_DEG = (0, 10, 20, 28, 34, 39, 43, 47, 51, 55, 59, 62, 64.5, 66, 80, 82, 86, 100, 106, 110, 116, 128, 145, 180)
LINE_MM = (94, 94, 93, 90, 86, 78, 68, 59, 52, 46, 40, 30, 12, -8, -8, 12, 38, 38, 24, -8, -34, -46, -51, -54)
#: Between two points of the hairline, degrees.
LINE_STEP_DEG = 0.5
#: Where hair whirls, on the mean head.
WHORL = np.array([0.0, 118.0, -55.0])
_CANDIDATES, _KEPT, _SEED, _BEYOND_MM = 26000, 7000, 4, 22.0


@dataclass(frozen=True, eq=False)
class Scalp:
    """N places in an order in which every beginning is spread evenly.

    Attributes:
        corners: (N, 3) vertices of the head. weights: (N, 3). place: (N, 3) on the mean head, mm.
        normal: (N, 3) there. azimuth: (N,) degrees -180..180, + to the left. inside: (N,) mm inside the usual hairline.
    """

    corners: NDArray[np.integer]
    weights: Array
    place: Array
    normal: Array
    azimuth: Array
    inside: Array

    def on(self, values: Array) -> Array:
        """Values (V, C) of vertices at the places: (N, C)."""
        out = np.empty((len(self.corners), values.shape[1]))
        _spread(self.weights, self.corners, values, out)
        return out


@njit(cache=True)
def _spread(weights, corners, values, out):  # type: ignore[no-untyped-def]
    """Write the weighted (N, K) sums of values (V, C) at corners (N, K) into (N, C)."""
    for n in range(len(out)):
        for c in range(out.shape[1]):
            total = 0.0
            for k in range(corners.shape[1]):
                total += weights[n, k] * values[corners[n, k], c]
            out[n, c] = total


def azimuth_deg(place: Array) -> Array:
    """Degrees from the face (N,), + to the left, of places (N, 3) on the mean head."""
    return np.degrees(np.arctan2(place[:, 0], place[:, 2] - MIDDLE[2]))


def inside_mm(place: Array, line: Array) -> Array:
    """How far places (N, 3) on the mean head lie inside the hairline (M, 3), mm; below 0 outside."""
    away = kept("off_hairline", (place, line), (len(place),), lambda: _distance(place, line))
    turn = np.abs(azimuth_deg(place))
    height = np.interp(turn, LINE_DEG, LINE_MM)
    flank = (np.abs(place[:, 0]) > 77.5) & (place[:, 1] < 46)  # ears stand off the skull
    return np.where((place[:, 1] > height) & ~flank, away, -away)


def _distance(place: Array, line: Array) -> Array:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(line).query(place)[0])


@lru_cache(maxsize=2)
def hairline(model: MorphableModel) -> Array:
    """The usual hairline (M, 3) on the mean head: where its height meets the skin."""
    sources = _mean(model), np.asarray(model.triangles), np.asarray(model.part), np.array([LINE_DEG, LINE_MM]), MIDDLE
    return kept("hairline", sources, (round(360 / LINE_STEP_DEG), 3), lambda: _hairline(model))


def _hairline(model: MorphableModel) -> Array:
    mean = _mean(model)
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    skin = skin[np.abs(mean[skin, 0]) < 77.5]
    from scipy.interpolate import griddata

    turn = azimuth_deg(mean[skin])
    radius = np.hypot(mean[skin, 0], mean[skin, 2] - MIDDLE[2])
    known = np.stack([turn, mean[skin, 1]], 1)
    outer = radius > 40
    wide = np.concatenate([known[outer] + [shift, 0] for shift in (-360, 0, 360)])
    azimuth = np.arange(-180, 180, LINE_STEP_DEG)
    height = np.interp(np.abs(azimuth), LINE_DEG, LINE_MM)
    reach = griddata(wide * [1.2, 1], np.tile(radius[outer], 3), np.stack([azimuth * 1.2, height], 1), "linear")
    angle = np.radians(azimuth)
    return np.stack([reach * np.sin(angle), height, MIDDLE[2] + reach * np.cos(angle)], 1)


def _mean(model: MorphableModel) -> Array:
    return np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float32)


def scalp_of(model: MorphableModel) -> Scalp:
    """Find the places on the model's mean head, which local shapes do not change; the same object each time."""
    return _scalp(unshaped(model))  # type: ignore[arg-type]


@lru_cache(maxsize=2)
def _scalp(model: MorphableModel) -> Scalp:
    rng, mean = np.random.default_rng(_SEED), _mean(model)
    skin = model.triangles[model.part == model.part_names.index("skin")]
    normals = vertex_normals(mean, skin)
    line = hairline(model)  # type: ignore[arg-type]
    near = inside_mm(mean, line)
    faces = skin[(near[skin] > -40).any(1)]
    a, b, c = (mean[faces[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    drawn = rng.choice(len(faces), 2 * _CANDIDATES, p=area / area.sum())
    first, second = np.sqrt(rng.random(len(drawn))), rng.random(len(drawn))
    weights = np.stack([1 - first, first * (1 - second), first * second], 1)
    corners = faces[drawn]
    place = np.einsum("nk,nkc->nc", weights, mean[corners])
    inside = inside_mm(place, line)
    chosen = np.flatnonzero(inside > -_BEYOND_MM)[:_CANDIDATES]
    points, count = np.ascontiguousarray(place[chosen], np.float32), min(_KEPT, len(chosen))
    chosen = chosen[kept("scalp_places", (points, str(count)), (count,), lambda: spread_evenly(points, count))]
    normal = np.einsum("nk,nkc->nc", weights[chosen], normals[corners[chosen]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return Scalp(corners[chosen], weights[chosen], place[chosen], normal, azimuth_deg(place[chosen]), inside[chosen])


@njit(cache=True)
def spread_evenly(points, count):  # type: ignore[no-untyped-def]
    """Order points (N, 3) so that each is the farthest from those before it; the first `count` of them."""
    nearest = np.full(len(points), np.float32(1e9))
    order = np.zeros(count, np.int64)
    last = 0
    for n in range(count):
        order[n] = last
        best, far = 0, np.float32(-1)
        for i in range(len(points)):
            square = np.float32(0)
            for k in range(3):
                away = points[i, k] - points[last, k]
                square += away * away
            nearest[i] = min(nearest[i], square)
            if nearest[i] > far:
                best, far = i, nearest[i]
        last = best
    return order
