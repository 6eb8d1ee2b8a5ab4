"""Hair over ears that a photo doesn't show: it lies on them and on the cheek before them. Frame: head at rest, mm."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from facegpt.hair.body import Body, sensed
from facegpt.hair.lines.off_bare import view_of
from facegpt.render.scalar import KERNEL
from facegpt.types import Array, SeenBare

#: An ear is covered if less than this share of its outer half is seen bare. The face hides an ear whose outside turns
#: to the photo by less than such a cosine, and bare skin before that tells nothing.
BARE_SHARE, TURNED = 0.17, -0.2
#: Where that is looked at: from its front to its edge, and from its middle up and down, as shares.
OUTER, HEIGHTS = (0.5, 0.75, 1.0), (-0.7, -0.35, 0.0, 0.35, 0.7)
#: How far from the skin hair before an ear lies at most, mm, the lowest and the outermost layer; what is farther off
#: than the last of three hangs free.
LIES_MM, FREE_MM = (1.2, 8.0), (20.0, 45.0)
#: Where it does, beside an ear: from the first to the second so far before its front, all; from so far above its top
#: and below its lobe on, none; mm.
BEFORE_MM, ABOUT_MM = (-14.0, 0.0), (25.0, 30.0)
#: By how much the lowest layer over an ear lies farther to the front, so that none of it is seen from there, mm.
FORWARD_MM = 16.0
#: By how many points ways are smoothed along a lock.
SMOOTHED = 0.8


def covered(ears: Array, bare: SeenBare | None) -> NDArray[np.bool_]:
    """Which of the ears (E, 5, 3) a photo shows no skin of; one that it can't show goes as the other does."""
    if bare is None or not len(ears):
        return np.zeros(len(ears), bool)
    view = view_of(bare)
    top, low, front, back, edge = np.moveaxis(np.asarray(ears, np.float64), 1, 0)
    middle = 0.25 * (top + low + front + back)
    sight = view.eye - middle
    turn = sight[:, 0] * np.sign(middle[:, 0]) / np.linalg.norm(sight, axis=1)
    outer = front[:, None] + np.array(OUTER)[:, None] * (edge - front)[:, None]
    outer[..., 1] = middle[:, None, 1]
    upright = 0.5 * (top - low)[:, None, None] * [0, 1, 0] * np.array(HEIGHTS)[:, None, None]
    told = view.shows_skin(outer[:, None] + upright).reshape(len(ears), -1)
    free = (told == 0).mean(1) > 1 - BARE_SHARE
    tells = free | (turn > TURNED)
    return np.asarray(np.where(tells, free, free[tells].any() & ~(tells & ~free).any()))


def over_ears(lines: Array, body: Body, bare: SeenBare | None, layer: Array) -> Array:
    """Locks (N, K, 3) of layers (N,), 0 the lowest, laid on covered ears and on the cheek before them; roots stay."""
    out = np.array(lines, np.float32)
    for ear in body.ears[covered(body.ears, bare)]:
        ways = np.zeros(lines.shape, np.float32)
        _ways_to_ear(np.ascontiguousarray(out), body.distance, np.asarray(ear, np.float64), layer, ways)
        rows = np.flatnonzero(ways.any((1, 2)))
        if len(rows):
            near = gaussian_filter1d(ways[rows], SMOOTHED, axis=1, mode="nearest")
            out[rows, 1:] += near[:, 1:]
    return out


@njit(**KERNEL)
def _ways_to_ear(lines, distance, ear, layer, ways):  # type: ignore[no-untyped-def]
    """Write the way (N, K, 3) that points go to lie on an ear (5, 3) and before it."""
    side = 1.0 if ear[4, 0] > 0 else -1.0
    for n in range(lines.shape[0]):
        lies = LIES_MM[0] + (LIES_MM[1] - LIES_MM[0]) * layer[n]
        for k in range(1, lines.shape[1]):
            x, y, z = float(lines[n, k, 0]), float(lines[n, k, 1]), float(lines[n, k, 2])
            if side * x < 30.0 or y > ear[0, 1] + ABOUT_MM[0] or y < ear[1, 1] - ABOUT_MM[1]:
                continue
            share = min((ear[0, 1] + ABOUT_MM[0] - y) / ABOUT_MM[0], (y - ear[1, 1] + ABOUT_MM[1]) / ABOUT_MM[1], 1.0)
            before = (z - ear[3, 2]) / (ear[2, 2] - ear[3, 2])
            if before <= 0.0:
                continue
            forward = FORWARD_MM * (1.0 - layer[n]) * share * min(before, 1.0) * min(max(2.0 - before, 0.0), 1.0)
            share *= min(max((z + forward - ear[2, 2] - BEFORE_MM[0]) / (BEFORE_MM[1] - BEFORE_MM[0]), 0.0), 1.0)
            here, gx, _, gz = sensed(distance, x, y, z + forward)
            far = min(max((FREE_MM[1] - here) / (FREE_MM[1] - FREE_MM[0]), 0.0), 1.0)
            step = -share * far * max(here - lies, 0.0)
            ways[n, k, 0] = step * gx
            ways[n, k, 2] = step * gz + far * forward
