"""The loops of the flow between two patterns, compiled: a few times as fast as steps that each pass over memory.

All arrays are float32 (h, w); x goes along a row, y down. Kernels run without the GIL.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]


@njit(cache=True, nogil=True)
def sampled(values: Floats32, shift: Floats32) -> Floats32:
    """Values (h, w) at each texel's place plus its shift (h, w, 2), bilinear, 0 outside."""
    height, width = values.shape
    out = np.zeros((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            row, column = y + shift[y, x, 1], x + shift[y, x, 0]
            if not (0.0 <= row <= height - 1 and 0.0 <= column <= width - 1):
                continue
            r, c = int(row), int(column)
            below, right = min(r + 1, height - 1), min(c + 1, width - 1)
            b, a = row - r, column - c
            upper = values[r, c] * (1 - a) + values[r, right] * a
            lower = values[below, c] * (1 - a) + values[below, right] * a
            out[y, x] = upper * (1 - b) + lower * b
    return out


@njit(cache=True, nogil=True, fastmath=True)
def products(one: Floats32, moved: Floats32, weight: Floats32, shift: Floats32, tail: float) -> Floats32:
    """What a step sums over its window: (8, h, w) weighted xx, xy, yy, x e, y e, the weight, and it times the shift.

    x and y are the mean slopes of the two patterns, e is their difference, whose weight falls beyond `tail`.
    """
    height, width = one.shape
    out = np.empty((8, height, width), np.float32)
    for y in range(height):
        up, down = max(y - 1, 0), min(y + 1, height - 1)
        for x in range(width):
            left, right = max(x - 1, 0), min(x + 1, width - 1)
            slope_x = (one[y, right] - one[y, left] + moved[y, right] - moved[y, left]) / (2 * (right - left))
            slope_y = (one[down, x] - one[up, x] + moved[down, x] - moved[up, x]) / (2 * (down - up))
            error = moved[y, x] - one[y, x]
            w = weight[y, x] / (1 + (error / tail) ** 2)
            out[0, y, x] = w * slope_x * slope_x
            out[1, y, x] = w * slope_x * slope_y
            out[2, y, x] = w * slope_y * slope_y
            out[3, y, x] = w * slope_x * error
            out[4, y, x] = w * slope_y * error
            out[5, y, x] = w
            out[6, y, x] = w * shift[y, x, 0]
            out[7, y, x] = w * shift[y, x, 1]
    return out


@njit(cache=True, nogil=True, fastmath=True)
def moved_shift(sums: Floats32, shift: Floats32, stiffness: float) -> Floats32:
    """The shift (h, w, 2) after a step, of a texel at most in x and y each.

    sums: (8, h, w) `products` over their window. stiffness: what neighbours count beside the skin's own detail.
    """
    out = np.empty(shift.shape, np.float32)
    for y in range(shift.shape[0]):
        for x in range(shift.shape[1]):
            share = max(sums[5, y, x], np.float32(1e-3))
            right_x = stiffness * (sums[6, y, x] / share - shift[y, x, 0]) - sums[3, y, x]
            right_y = stiffness * (sums[7, y, x] / share - shift[y, x, 1]) - sums[4, y, x]
            a, d, b = sums[0, y, x] + stiffness, sums[2, y, x] + stiffness, sums[1, y, x]
            determinant = a * d - b * b
            out[y, x, 0] = shift[y, x, 0] + min(max((d * right_x - b * right_y) / determinant, -1.0), 1.0)
            out[y, x, 1] = shift[y, x, 1] + min(max((a * right_y - b * right_x) / determinant, -1.0), 1.0)
    return out
