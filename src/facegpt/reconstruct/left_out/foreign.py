"""How far colours are from those that are known of their surroundings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import JIT
from facegpt.types import Array

#: The share of a kind of colour that has to be as near, and the fewest of it.
SHARE, FEWEST_AS_NEAR = 0.015, 2


def foreign(colours: Array, palette: Sequence[Array], farthest: float) -> NDArray[np.float64]:
    """How far colours (..., 3) are from all kinds of a palette (...,): at most `farthest`.

    palette: (N, 3) each. A kind is as far as so many of its colours are near, for single ones may be anything.
    """
    points = np.ascontiguousarray(colours, np.float32).reshape(-1, 3)
    away = np.full(len(points), np.float32(farthest**2))
    for known in reversed(palette):
        least = max(FEWEST_AS_NEAR, int(SHARE * len(known)))
        if least <= len(known):
            told = np.ascontiguousarray(known.T, np.float32)
            _as_near(points, told, np.empty(len(known), np.float32), np.empty(least, np.float32), away)
    return np.sqrt(away.astype(np.float64)).reshape(colours.shape[:-1])


@njit(**JIT)
def _as_near(points, known, square, near, away):  # type: ignore[no-untyped-def]
    """Lower the squares `away` (P,) to those of how far points (P, 3) are from the least far of `known` (3, N).

    square: (N,), room for work. near: (K,), the least squares of a point in their order; the last of it counts.
    """
    last = len(near) - 1
    for p in range(len(points)):
        x, y, z, most = points[p, 0], points[p, 1], points[p, 2], away[p]
        count = 0
        for n in range(len(square)):  # a plain loop uses the processor's wide registers
            dx, dy, dz = known[0, n] - x, known[1, n] - y, known[2, n] - z
            square[n] = dx * dx + dy * dy + dz * dz
        for n in range(len(square)):
            count += square[n] < most
        if count <= last:
            continue
        near[:] = most
        for n in range(len(square)):
            if square[n] < near[last]:
                at = last
                while at > 0 and near[at - 1] > square[n]:
                    near[at] = near[at - 1]
                    at -= 1
                near[at] = square[n]
        away[p] = near[last]
