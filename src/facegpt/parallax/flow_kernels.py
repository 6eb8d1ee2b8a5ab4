"""The loops of the flow between two patterns, compiled: a few times as fast as filters that each pass over memory.

All arrays are float32 (h, w); x goes along a row, y down. Kernels run without the GIL.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]


def half_gaussian(sigma: float, truncate: float) -> Floats32:
    """The middle of a Gaussian window and its right side: (R + 1,), the whole window sums to 1."""
    reach = np.arange(int(truncate * sigma + 0.5) + 1)
    side = np.exp(-0.5 * (reach / sigma) ** 2)
    return np.asarray(side / (2 * side.sum() - side[0]), np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _reflected(at: int, count: int) -> int:
    """A place beside the edge as the edge mirrors it: d c b a | a b c d | d c b a."""
    period = 2 * count
    at = at % period
    return at if at < count else period - 1 - at


@njit(cache=True, nogil=True, fastmath=True)
def _add(out: Floats32, one: Floats32, other: Floats32, weight: float) -> None:
    for x in range(len(out)):
        out[x] += weight * (one[x] + other[x])


@njit(cache=True, nogil=True, fastmath=True)
def smoothed(values: Floats32, half: Floats32) -> Floats32:
    """Values (h, w) under a separable window (R + 1,) of `half_gaussian`, edges reflected."""
    height, width = values.shape
    reach, middle = len(half) - 1, half[0]
    out = np.empty((height, width), np.float32)
    row = np.empty(width + 2 * reach, np.float32)
    inner = row[reach : reach + width]
    for y in range(height):
        here, summed = values[y], out[y]
        for x in range(width):
            inner[x] = middle * here[x]
        for k in range(1, reach + 1):
            _add(inner, values[_reflected(y - k, height)], values[_reflected(y + k, height)], half[k])
        for x in range(reach):
            row[x] = inner[_reflected(x - reach, width)]
            row[reach + width + x] = inner[_reflected(width + x, width)]
        for x in range(width):
            summed[x] = middle * inner[x]
        for k in range(1, reach + 1):
            _add(summed, row[reach - k : reach - k + width], row[reach + k : reach + k + width], half[k])
    return out


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
