"""Locks kept away from where a photo shows no hair. Frames: head at rest, mm; pixels of the photo's masks (h, w).

What lies before bare skin, or before what is behind the head, would be seen there: such parts of locks are moved aside
to where the photo has hair, if that is near, and cut where it is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter1d

from facegpt.detect.windows import read_bilinear
from facegpt.hair.bare_view import unpacked, unpacked_ways
from facegpt.hair.lines.guides import arc_mm, resampled
from facegpt.hair.lines.over_face import laid_on_skin
from facegpt.hair.lines.stiff import stiffened
from facegpt.hair.scalp import MIDDLE
from facegpt.render.scalar import KERNEL
from facegpt.types import Array, SeenBare

#: Cosine of a lock's outside to the photo's line of sight from which it lies before the head, not behind it.
BEFORE = -0.1
#: How far parts of locks are moved aside at most, mm; over how many mm from the root on; by how many points smoothed.
ASIDE_MM, FROM_ROOT_MM, SMOOTHED = 14.0, 30.0, 1.5
#: How far locks may reach into what is bare, mm, the least and the most, by chance: hair does not end in a line. So
#: near its root nothing is cut, mm.
SLACK_MM, ROOT_MM = (2.0, 8.0), 8.0
#: The same for fine locks at the hairline: on a bare forehead they would be dark dashes.
FINE_SLACK_MM, FINE_ROOT_MM = (0.0, 0.5), 3.0
#: How many times as far as they are drawn to hair beside them stiff locks go: of a way that bends they go its mean.
STIFF_FARTHER = 1.1
#: Share of a lock that is left at least.
LEAST_LEFT = 0.1


@dataclass(frozen=True, eq=False)
class View:
    """A photo's view: matrix (3, 4), eye (3,) mm, and the way (2, 3) that a step of a pixel goes at a depth of 1 mm.

    aside: (h, w, 4) steps x, y to the nearest pixel that may be hair: before the head, and behind it.
    ways: `unpacked_ways`. skin: (h, w) what is seen bare.
    """

    matrix: NDArray[np.float64]
    eye: NDArray[np.float64]
    step: NDArray[np.float64]
    aside: NDArray[np.float32]
    ways: NDArray[np.float32] | None
    skin: NDArray[np.bool_]

    def shows_skin(self, places: Array) -> NDArray[np.int8]:
        """Whether the photo shows bare skin at places (..., 3): 1 or 0; 2 outside of it."""
        seen = np.asarray(places, np.float64) @ self.matrix[:, :3].T + self.matrix[:, 3]
        column, row = np.moveaxis(np.round(seen[..., :2] / np.maximum(seen[..., 2:], 1e-6)).astype(int), -1, 0)
        height, width = self.skin.shape
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        told = self.skin[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
        return np.where(inside, told, 2).astype(np.int8)


@lru_cache(maxsize=8)
def view_of(bare: SeenBare) -> View:
    """The view of a photo; the last ones are kept."""
    matrix = np.reshape(bare.projection, (3, 4))
    matrix = matrix / np.linalg.norm(matrix[2, :3])
    ahead = matrix[2, :3]
    flat = matrix[:2, :3] - np.outer(matrix[:2, :3] @ ahead, ahead)  # (2, 3): pixels a mm, at a depth of 1
    eye = -np.linalg.solve(matrix[:, :3], matrix[:, 3])
    skin, behind = unpacked(bare)
    aside = np.concatenate([_to_free(skin | behind), _to_free(behind)], -1)
    return View(matrix, eye, np.ascontiguousarray(np.linalg.pinv(flat).T), aside, unpacked_ways(bare), skin)


def _to_free(taken: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Steps (h, w, 2), x and y, from each pixel of a mask to the nearest one outside of it; 0 where there is none."""
    if taken.all():
        return np.zeros((*taken.shape, 2), np.float32)
    nearest = distance_transform_edt(taken, return_distances=False, return_indices=True)
    return np.stack(
        [nearest[1] - np.arange(taken.shape[1]), nearest[0] - np.arange(taken.shape[0])[:, None]], -1
    ).astype(np.float32)


def _aside(view: View, lines: Array) -> NDArray[np.float64]:
    """The way (N, K, 3), mm, from points (N, K, 3) to where the photo may show hair; 0 where it may already."""
    out = np.zeros(lines.shape)
    _read_ways(np.ascontiguousarray(lines), view.matrix, view.eye, view.step, view.aside, 1.0, MIDDLE, out)
    return out


def _plainly_read_ways(view: View, lines: Array, maps: Array, side: float) -> NDArray[np.float64]:
    """What `_read_ways` writes, the slow way."""
    points = np.asarray(lines, np.float64).reshape(-1, 3)
    seen = points @ view.matrix[:, :3].T + view.matrix[:, 3]
    depth = np.maximum(seen[:, 2:], 1e-6)
    cells = (seen[:, :2] / depth + 0.5) / side - 0.5
    sight, out = view.eye - points, (points - MIDDLE) * (1, 0, 1)
    length = np.linalg.norm(sight, axis=1) * np.linalg.norm(out, axis=1)
    before = (sight * out).sum(1) > BEFORE * np.maximum(length, 1e-6)
    steps = read_bilinear(maps, np.ascontiguousarray(cells))
    steps = np.where(np.asarray(before)[:, None], steps[:, :2], steps[:, -2:])
    inside = np.asarray(((cells >= -0.5) & (cells <= np.array(maps.shape[1::-1]) - 0.5)).all(1))
    return ((steps * inside[:, None] * depth) @ view.step).reshape(lines.shape)


@njit(**KERNEL)
def _read_ways(lines, matrix, eye, step, maps, side, middle, out):  # type: ignore[no-untyped-def]
    """Write the way (N, K, 3), mm, that maps (h, w, 2 or 4) tell at points (N, K, 3); 0 outside of them.

    side: pixels of the photo's masks that a cell of the maps covers. Of four maps the last two are for points that the
    head hides.
    """
    height, width, count = maps.shape
    for n in range(lines.shape[0]):
        for k in range(lines.shape[1]):
            x, y, z = float(lines[n, k, 0]), float(lines[n, k, 1]), float(lines[n, k, 2])
            depth = max(matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2] * z + matrix[2, 3], 1e-6)
            column = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] * z + matrix[0, 3]) / depth
            row = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] * z + matrix[1, 3]) / depth
            column, row = (column + 0.5) / side - 0.5, (row + 0.5) / side - 0.5
            if not (-0.5 <= column <= width - 0.5 and -0.5 <= row <= height - 0.5):
                continue
            ax, az = x - middle[0], z - middle[2]
            sx, sy, sz = eye[0] - x, eye[1] - y, eye[2] - z
            length = math.sqrt((ax * ax + az * az) * (sx * sx + sy * sy + sz * sz))
            first = 0 if sx * ax + sz * az > BEFORE * max(length, 1e-6) else count - 2
            column, row = min(max(column, 0.0), width - 1.0), min(max(row, 0.0), height - 1.0)
            left, top = min(int(column), width - 2), min(int(row), height - 2)
            fx, fy = column - left, row - top
            for c in range(2):
                at = first + c
                upper = maps[top, left, at] * (1 - fx) + maps[top, left + 1, at] * fx
                lower = maps[top + 1, left, at] * (1 - fx) + maps[top + 1, left + 1, at] * fx
                pixels = upper * (1 - fy) + lower * fy
                for d in range(3):
                    out[n, k, d] += pixels * depth * step[c, d]


def towards_seen(lines: Array, bare: SeenBare | None, distance: Array | None = None, stiff_mm: float = 0.0) -> Array:
    """Locks (N, K, 3) moved to where a photo has more hair beside them; roots stay.

    They move forward only onto the face's skin, where a body's distance tells it: beside a head, what is sideways in a
    turned photo is forward, before the face. stiff_mm: along how much of them they move as a whole (`stiffened`).
    """
    view = None if bare is None else view_of(bare)
    if view is None or view.ways is None or not len(lines):
        return lines
    moved, side = np.zeros(lines.shape), view.aside.shape[0] / len(view.ways)
    _read_ways(np.ascontiguousarray(lines), view.matrix, view.eye, view.step, view.ways, side, MIDDLE, moved)
    ramp = np.clip((arc_mm(lines) - FROM_ROOT_MM) / FROM_ROOT_MM, 0, 1)[..., None]
    moved = stiffened(ramp * moved, lines, stiff_mm) * (STIFF_FARTHER if stiff_mm > 0 else 1.0)
    beside = lines + np.concatenate([moved[..., :2], np.minimum(moved[..., 2:], 0.0)], -1)
    if distance is None:
        return np.asarray(beside, np.float32)
    laid = laid_on_skin(lines, lines + moved, view.eye, distance)
    onto = np.linalg.norm(laid - lines - moved, axis=2, keepdims=True) > 0
    onto &= _before(lines, view.eye)[..., None]
    return np.asarray(np.where(onto, laid, beside), np.float32)


def _before(lines: Array, eye: Array) -> NDArray[np.bool_]:
    """Whether points (N, K, 3) lie on the side of the head that an eye (3,) sees."""
    sight, out = eye - lines, (lines - MIDDLE) * (1, 0, 1)
    length = np.linalg.norm(sight, axis=2) * np.linalg.norm(out, axis=2)
    return np.asarray((sight * out).sum(2) > BEFORE * np.maximum(length, 1e-6))


def _smoothed(ways: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ways (N, K, 3) along locks without steps: far ones are kept whole, and fade where there is no way to go."""
    size = np.linalg.norm(ways, axis=2, keepdims=True)
    near, mass, share = (
        gaussian_filter1d(one, SMOOTHED, axis=1, mode="nearest") for one in (size * ways, size, (size > 0) * 1.0)
    )
    return np.asarray(near / np.maximum(mass, 1e-6) * np.minimum(2 * share, 1.0))


def off_bare(lines: Array, bare: SeenBare | None, chance: Array, fine: bool = False) -> tuple[Array, Array]:
    """Locks (N, K, 3) away from what a photo shows bare, by chances (N,); the share (N,) of each that is left.

    fine: they are those at the hairline.
    """
    left = np.ones(len(lines))
    if bare is None or not len(lines):
        return lines, left
    view = view_of(bare)
    away = _aside(view, lines)
    rows = np.flatnonzero((away != 0).any((1, 2)))
    if not len(rows):
        return lines, left
    moved = np.asarray(lines[rows], np.float64)
    size = np.linalg.norm(away[rows], axis=2, keepdims=True)
    short = away[rows] * np.minimum(1.0, ASIDE_MM / np.maximum(size, 1e-6))
    along = arc_mm(moved)
    ramp = np.clip(along / FROM_ROOT_MM, 0, 1)[..., None]
    moved = moved + ramp * _smoothed(short)
    many = resampled(moved.astype(np.float32), np.ones(len(rows)), 2 * lines.shape[1])
    deep = np.linalg.norm(_aside(view, many), axis=2)
    (least, most), root_mm = (FINE_SLACK_MM, FINE_ROOT_MM) if fine else (SLACK_MM, ROOT_MM)
    over = (deep > least + (most - least) * chance[rows, None]) & (arc_mm(many) > root_mm)
    count = many.shape[1]
    share = np.clip(np.where(over.any(1), over.argmax(1), count - 1) / (count - 1), LEAST_LEFT, 1.0)
    out = np.array(lines, np.float32)
    out[rows] = resampled(moved.astype(np.float32), share, lines.shape[1])
    left[rows] = share
    return out, left
