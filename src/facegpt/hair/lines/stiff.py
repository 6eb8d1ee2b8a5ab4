"""How stiffly locks follow what moves them: straight hair falls straight, hair of waves gives way. Lengths mm."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.hair.lines.guides import arc_mm
from facegpt.render.scalar import KERNEL
from facegpt.types import Array, Groom

#: Along how much of a lock to either side of a point its neighbours say where it is moved, mm: of straight hair; and
#: from which radius of its waves on, mm, none do.
STIFF_MM, LIMP_RADIUS_MM = 60.0, 5.0
#: Near its root a lock is held: up to this share of that reach.
HELD = 0.5
#: Shorter hair stands as it was cut, mm; locs and plaits hang as ropes do, and tied hair has a comb's way.
LEAST_MM, LOOSE = 90.0, ("none", "half_up")


def stiffness_mm(groom: Groom) -> float:
    """Along how much of a lock to either side of a point it is moved as a whole, mm; 0 for hair of waves or curls."""
    if max(groom.sides_mm, groom.back_mm) < LEAST_MM or groom.stand > 0.3 or groom.gather not in LOOSE:
        return 0.0
    return STIFF_MM * max(1.0 - groom.curl_radius_mm / LIMP_RADIUS_MM, 0.0)


def stiffened(moved: Array, lines: Array, reach_mm: float) -> NDArray[np.float64]:
    """Ways (N, K, 3) of the points of locks (N, K, 3) as stiff locks go them: roots stay, no part winds by itself.

    Each point goes the way that a straight line through those of its neighbours along the lock tells.
    """
    ways: NDArray[np.float64] = np.ascontiguousarray(moved, np.float64)
    if reach_mm <= 0 or not len(ways):
        return ways
    out = np.empty(ways.shape)
    _local_lines(ways, arc_mm(lines), float(reach_mm), out)
    return out


@njit(**KERNEL)
def _local_lines(values, along, reach, out):  # type: ignore[no-untyped-def]
    """Write what straight lines through values (N, K, 3) near places (N, K) tell at them; less close to the first."""
    count = values.shape[1]
    for n in range(len(values)):
        for k in range(count):
            here = along[n, k]
            w0, w1, w2 = 1e-9, 0.0, 0.0
            a0, a1, a2, b0, b1, b2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for j in range(count):
                away = along[n, j] - here
                u = away / reach
                if u <= -1.0 or u >= 1.0:
                    continue
                weight = (1.0 - u * u) ** 2
                before = along[n, j] - along[n, j - 1] if j > 0 else 0.0
                after = along[n, j + 1] - along[n, j] if j + 1 < count else 0.0
                weight *= 0.5 * (before + after) + 1e-6  # so much of the lock is near this point
                w0 += weight
                w1 += weight * away
                w2 += weight * away * away
                a0 += weight * values[n, j, 0]
                a1 += weight * values[n, j, 1]
                a2 += weight * values[n, j, 2]
                b0 += weight * away * values[n, j, 0]
                b1 += weight * away * values[n, j, 1]
                b2 += weight * away * values[n, j, 2]
            spread = w0 * w2 - w1 * w1
            free = min(here / (HELD * reach), 1.0)
            if spread > 1e-6 * w0 * w0:
                out[n, k, 0] = free * (w2 * a0 - w1 * b0) / spread
                out[n, k, 1] = free * (w2 * a1 - w1 * b1) / spread
                out[n, k, 2] = free * (w2 * a2 - w1 * b2) / spread
            else:
                out[n, k, 0], out[n, k, 1], out[n, k, 2] = free * a0 / w0, free * a1 / w0, free * a2 / w0
