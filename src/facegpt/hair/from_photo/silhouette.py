"""The silhouette of hair in the photo's view: locks drawn small, behind and before the head that was fitted.

S is the side of the picture drawn (SIDE); it lies over the map of parts (encode/parts.py), as upright as that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.conventions import rotation_from_rotvec
from facegpt.encode.parts import MAP_PX, FaceParts
from facegpt.hair.atlas import DENSE, MEDIUM, SINGLE, SPARSE
from facegpt.hair.cards import Locks
from facegpt.render.numba_cpu.forward import facings, project, rasterize
from facegpt.render.scalar import INLINE, KERNEL, ONE, ZERO
from facegpt.types import Array, FaceParams, Pose

F = np.float32
#: Side of the silhouettes, px; a lock is a ribbon, turned any way: how wide it looks on average, and by how much it
#: narrows to its tip.
SIDE, RIBBON, TAPER = 96, 0.6, 0.6
#: A head hides locks that lie so far behind its surface, mm.
BEHIND_MM = 4.0
#: Ribbons that are so solid are seen as strands.
SOLID = 0.5
#: Rays from the middle of the skull on which outlines are compared; that many a turn, the first to the right.
RAYS = 48
#: How much of what is behind a strip of the atlas hides, by its number.
_SOLIDITY = np.full(max(*SINGLE, *SPARSE) + 1, 0.3, np.float32)
_SOLIDITY[list(DENSE)], _SOLIDITY[list(MEDIUM)] = 0.95, 0.7


@dataclass(frozen=True, eq=False)
class HairView:
    """Where hair of a fitted head would be seen.

    Attributes:
        pose: head → a camera that stands upright by the eye line.
        intrinsics: (3,) focal length and middle (x, y) of the small picture, px.
        nearest: (S, S) 1 / z of the bald head, 0 where it is not.
    """

    pose: Pose
    intrinsics: NDArray[np.float32]
    nearest: NDArray[np.float32]

    @property
    def head(self) -> NDArray[np.bool_]:
        """Where the bald head is seen (S, S)."""
        return self.nearest > 0

    @property
    def px_per_mm(self) -> float:
        """Scale at the head's origin."""
        return float(self.intrinsics[0] / max(float(self.pose.translation[2]), 1.0))

    def place(self, points: Array) -> NDArray[np.float64]:
        """Head-frame points (N, 3) in the small picture: x, y, and z in mm."""
        seen = self.pose.apply(points)
        return np.column_stack([seen[:, :2] / seen[:, 2:] * self.intrinsics[0] + self.intrinsics[1:], seen[:, 2]])


def view_of(params: FaceParams, parts: FaceParts, head: Array, triangles: NDArray[np.integer]) -> HairView:
    """The view of a fitted head (V, 3) on the map of its parts; `params.camera` is that of the parts' photo."""
    shrink = SIDE / MAP_PX
    turn = parts.to_map[:, :2]
    scale = parts.px_per_photo_px
    angle = float(np.arctan2(turn[1, 0], turn[0, 0]))
    upright = rotation_from_rotvec(np.array([0.0, 0.0, angle]))
    placed = Pose(upright @ np.asarray(params.pose.rotation), upright @ np.asarray(params.pose.translation))
    centre = turn @ np.asarray(params.camera.principal_px) + parts.to_map[:, 2]
    middle = (centre + 0.5) * shrink - 0.5
    intrinsics = np.array([params.camera.focal_px * scale * shrink, *middle], np.float32)
    vertices = np.ascontiguousarray(placed.apply(head), np.float32)
    faces = np.ascontiguousarray(triangles, np.uint32)
    nearest, index = np.zeros((SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.int32)
    screen = np.empty_like(vertices)
    project(vertices, intrinsics, screen)
    facing, touched = np.empty(len(faces), np.uint8), np.empty(len(faces), np.uint8)
    facings(screen, faces, facing)
    rasterize(vertices, screen, faces, facing, intrinsics, nearest, index, touched, 0, SIDE)
    return HairView(placed, intrinsics, np.where(index >= 0, nearest, 0).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture of locks: how much of each pixel they cover (S, S), 0..1, and which way the foremost one runs there.

    along: (S, S) complex of modulus 1, twice its angle with the picture's x axis; 0 where there is none.
    """

    cover: NDArray[np.float32]
    along: NDArray[np.complex64]


def drawn(view: HairView, sets: Iterable[Locks], motion: tuple[Array, Array]) -> Drawn:
    """Draw locks; `motion` takes the head at rest to where its joints turn it."""
    out, front = np.zeros((SIDE, SIDE), np.float32), np.full((SIDE, SIDE), np.inf, np.float32)
    along = np.zeros((SIDE, SIDE, 2), np.float32)
    turn, shift = (np.asarray(part, np.float64) for part in motion)
    own = np.asarray(view.pose.rotation)
    whole, move = own @ turn, own @ shift + np.asarray(view.pose.translation)
    for locks in sets:
        flat = locks.lines.reshape(-1, 3) @ whole.T + move  # one product: of a stack numpy makes one a line
        lines = flat.astype(np.float32).reshape(locks.lines.shape)
        half = (0.5 * RIBBON * locks.width).astype(np.float32)
        _cover(lines, half, _SOLIDITY[locks.strip], view.intrinsics, view.nearest, out, front, along)
    return Drawn(out, along.view(np.complex64)[..., 0])


def ray_angles() -> NDArray[np.float64]:
    """Angles of the rays (RAYS,), radians, counter-clockwise in the picture from its right."""
    return np.arange(RAYS) * 2 * np.pi / RAYS


def outline_px(mask: NDArray[np.bool_], known: NDArray[np.bool_], middle: Array) -> NDArray[np.float64]:
    """The outermost pixel of a mask (S, S) on each ray from a middle (2,): (RAYS,) px; nan where it is not known."""
    ways = np.stack([np.cos(ray_angles()), -np.sin(ray_angles())], 1)
    found = np.full(RAYS, np.nan)
    _outermost(mask, known, np.asarray(middle, np.float64), ways, found)
    return found


@njit(**KERNEL)
def _outermost(mask, known, middle, ways, found):
    """Write the outermost pixel of a mask (S, S) along ways (R, 2) from a middle (2,) to found (R,), in half pixels."""
    for r in range(len(ways)):
        last, within = -1, 0
        for n in range(2 * SIDE):
            x, y = _half_steps(middle, ways, r, n)
            if 0 <= x < SIDE and 0 <= y < SIDE:
                within += 1  # from the middle on, which lies inside
                if mask[y, x]:
                    last = n
        if last < 0 or last + 2 >= within:
            continue
        x, y = _half_steps(middle, ways, r, last)
        beyond_x, beyond_y = _half_steps(middle, ways, r, last + 2)
        if known[y, x] and known[beyond_y, beyond_x]:
            found[r] = 0.5 * last


@njit(**INLINE)
def _half_steps(middle, ways, r, count):
    """The pixel, column and row, so many half pixels from a middle (2,) along way r of (R, 2)."""
    return int(np.rint(middle[0] + 0.5 * count * ways[r, 0])), int(np.rint(middle[1] + 0.5 * count * ways[r, 1]))


def over_head_mm(view: HairView, hair: NDArray[np.bool_], known: NDArray[np.bool_], middle: Array) -> Array:
    """How far the outline of hair lies outside the bald head's on each ray (RAYS,), mm; nan where it is not known."""
    head = outline_px(view.head, np.ones_like(view.head), middle)
    return (outline_px(hair | view.head, known | view.head, middle) - head) / view.px_per_mm


def pixels_of_places(view: HairView, places: Array, motion: tuple[Array, Array]) -> NDArray[np.int64]:
    """Where the picture shows places of the scalp (N, 3), head at rest: (N,) pixels by number, -1 for hidden ones."""
    turn, shift = motion
    found = view.place(places @ np.asarray(turn).T + shift)
    at = np.rint(found[:, :2]).astype(int)
    inside = np.asarray(((at >= 0) & (at < SIDE)).all(1))
    column, row = np.where(inside[:, None], at, 0).T
    nearest = view.nearest[row, column]
    shown = inside & (nearest > 0) & (found[:, 2] < 1 / np.maximum(nearest, 1e-9) + BEHIND_MM)
    return np.where(shown, at[:, 1] * SIDE + at[:, 0], -1)


def rooted(view: HairView, pixels: NDArray[np.int64], grows: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Where the picture (S, S) shows places of the scalp (N,), by pixel, that hair grows on: 0 or 1."""
    out = np.zeros((SIDE, SIDE), bool)
    out.ravel()[pixels[grows & (pixels >= 0)]] = True
    return (closed(out) & view.head).astype(np.float32)


def closed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask (S, S) with gaps of a pixel filled: scipy's `binary_closing` beyond whose edges there is nothing."""
    wide = np.pad(mask, 2)
    grown = wide.copy()
    grown[1:] |= wide[:-1]
    grown[:-1] |= wide[1:]
    grown[:, 1:] |= wide[:, :-1]
    grown[:, :-1] |= wide[:, 1:]
    inner = grown[1:-1, 1:-1]
    return (inner & grown[:-2, 1:-1] & grown[2:, 1:-1] & grown[1:-1, :-2] & grown[1:-1, 2:])[1:-1, 1:-1]


@njit(**KERNEL, fastmath=True)
def _cover(lines, half, solid, intrinsics, nearest, out, front, along):
    """Lay ribbons (N, K, 3), camera frame, over each other; what lies behind the head is left out.

    Writes the cover (S, S), the foremost solid ribbon's depth (S, S), and cos and sin of twice its angle (S, S, 2).
    """
    side = out.shape[0]
    for n in range(lines.shape[0]):
        for k in range(lines.shape[1] - 1):
            za, zb = lines[n, k, 2], lines[n, k + 1, 2]
            if za < F(1) or zb < F(1):
                continue
            xa = lines[n, k, 0] / za * intrinsics[0] + intrinsics[1]
            ya = lines[n, k, 1] / za * intrinsics[0] + intrinsics[2]
            xb = lines[n, k + 1, 0] / zb * intrinsics[0] + intrinsics[1]
            yb = lines[n, k + 1, 1] / zb * intrinsics[0] + intrinsics[2]
            taper = ONE - F(TAPER) * F(k) / F(lines.shape[1] - 1)
            wide = max(half[n] * taper * intrinsics[0] / za, F(0.5))
            x0, x1 = max(math.ceil(min(xa, xb) - wide), 0), min(math.floor(max(xa, xb) + wide), side - 1)
            y0, y1 = max(math.ceil(min(ya, yb) - wide), 0), min(math.floor(max(ya, yb) + wide), side - 1)
            dx, dy = xb - xa, yb - ya
            square = max(dx * dx + dy * dy, F(1e-6))
            slack = F(0.5) / math.sqrt(square)  # half a pixel, so that ribbons have no gaps at their joints
            for y in range(y0, y1 + 1):
                for x in range(x0, x1 + 1):
                    t = ((F(x) - xa) * dx + (F(y) - ya) * dy) / square
                    if t < -slack or t > ONE + slack:
                        continue
                    t = min(max(t, ZERO), ONE)
                    ex, ey = F(x) - xa - t * dx, F(y) - ya - t * dy
                    if ex * ex + ey * ey > wide * wide:
                        continue
                    depth = za + t * (zb - za)
                    if nearest[y, x] > ZERO and depth > ONE / nearest[y, x] + F(BEHIND_MM):
                        continue
                    out[y, x] += (ONE - out[y, x]) * solid[n]
                    if depth < front[y, x] and solid[n] > F(SOLID):
                        front[y, x] = depth
                        along[y, x, 0] = (dx * dx - dy * dy) / square
                        along[y, x, 1] = F(2) * dx * dy / square
