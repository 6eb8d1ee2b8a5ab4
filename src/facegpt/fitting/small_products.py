"""Products of many small matrices with wide ones: numpy calls BLAS once for each, which takes several times longer."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import KERNEL


@njit(**KERNEL)
def add_products(out: NDArray, start: int, left: NDArray, right: NDArray, rows: NDArray[np.int64]) -> None:
    """Add left[n] @ right[rows[n]] to out[n, :, start : start + Q].

    Shapes: out (N, D, ≥ start + Q), left (N, D, C), right (M, C, Q), rows (N,). Loops over plain rows use the
    processor's wide registers.
    """
    wide = right.shape[2]
    for n in range(len(out)):
        for d in range(out.shape[1]):
            line = out[n, d, start : start + wide]
            if right.shape[1] == 3:  # as most are: at once, in the same order, so that `line` is read and written once
                first, second, third = left[n, d, 0], left[n, d, 1], left[n, d, 2]
                one, two, three = right[rows[n], 0], right[rows[n], 1], right[rows[n], 2]
                for q in range(wide):
                    line[q] = line[q] + first * one[q] + second * two[q] + third * three[q]
                continue
            for c in range(right.shape[1]):
                share, row = left[n, d, c], right[rows[n], c]
                for q in range(wide):
                    line[q] += share * row[q]


@njit(**KERNEL)
def set_colour_columns(out: NDArray, colours: NDArray, values: NDArray, light: NDArray) -> None:
    """Write the last columns of out (N, 3, Q): minus colours (N, 3, K), and minus values (N, 9) over light (N, 3).

    The 27 of light stand band by band, a channel each; a channel has its own light alone.
    """
    count = colours.shape[2]
    first = out.shape[2] - 27 - count
    for n in range(len(out)):
        for channel in range(3):
            line, own = out[n, channel, first:], colours[n, channel]
            for k in range(count):
                line[k] = -own[k]
            for band in range(9):
                line[count + 3 * band + channel] = -values[n, band] / light[n, channel]
