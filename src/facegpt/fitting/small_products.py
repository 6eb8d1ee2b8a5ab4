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
def set_both(out: NDArray, start: int, one: NDArray, first: NDArray, two: NDArray, second: NDArray, rows) -> None:  # type: ignore[no-untyped-def]
    """Write one[n] @ first[rows[n]] + two[n] @ second[rows[n]] into out[n, :, start : start + Q].

    Shapes: out (N, D, ≥ start + Q), one and two (N, D, 3), first and second (M, 3, Q), rows (N,).
    """
    wide = first.shape[2]
    for n in range(len(out)):
        a, b, c = first[rows[n], 0], first[rows[n], 1], first[rows[n], 2]
        e, f, g = second[rows[n], 0], second[rows[n], 1], second[rows[n], 2]
        for d in range(out.shape[1]):
            line = out[n, d, start : start + wide]
            i, j, k = one[n, d, 0], one[n, d, 1], one[n, d, 2]
            u, v, w = two[n, d, 0], two[n, d, 1], two[n, d, 2]
            for q in range(wide):
                line[q] = i * a[q] + j * b[q] + k * c[q] + u * e[q] + v * f[q] + w * g[q]


@njit(**KERNEL)
def set_colour_columns(out: NDArray, mix: NDArray, colours: NDArray, values: NDArray, light: NDArray, used) -> None:  # type: ignore[no-untyped-def]
    """Write the last columns of out (U, 3, Q): minus colours (N, 3, K), and minus values (N, 9) over light (N, 3).

    Row u is of the sample used[u], its channels mixed by mix[u] (3, 3). The 27 of light stand band by band, a channel
    each; a channel has its own light alone.
    """
    count = colours.shape[2]
    start = out.shape[2] - 27 - count
    for u in range(len(out)):
        n = used[u]
        red, green, blue = colours[n, 0], colours[n, 1], colours[n, 2]
        for d in range(3):
            line = out[u, d, start:]
            r, g, b = -mix[u, d, 0], -mix[u, d, 1], -mix[u, d, 2]
            for k in range(count):
                line[k] = r * red[k] + g * green[k] + b * blue[k]
            for channel in range(3):
                share = -mix[u, d, channel] / light[n, channel]
                for band in range(9):
                    line[count + 3 * band + channel] = share * values[n, band]


def opponent_products(rows: NDArray, stains: int) -> NDArray:
    """The Hessian (Q, Q) of rows (U, 3, Q) in opponent colours: the K stains, before 27 of light, move no hue."""
    bright, before, after = rows[:, 0], rows.shape[2] - 27 - stains, rows.shape[2] - 27
    hessian = np.asarray(bright.T @ bright)
    for hue in (1, 2):
        first, last = rows[:, hue, :before], rows[:, hue, after:]
        across = first.T @ last
        hessian[:before, :before] += first.T @ first
        hessian[after:, after:] += last.T @ last
        hessian[:before, after:] += across
        hessian[after:, :before] += across.T
    return hessian
