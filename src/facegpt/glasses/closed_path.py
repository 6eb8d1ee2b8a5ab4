"""The best closed line through polar pictures, by dynamic programming."""

from __future__ import annotations

import numpy as np
from numba import njit

from facegpt.render.scalar import JIT
from facegpt.types import Array


def best_closed_paths(values: Array, row_cost: float, far: int, column_cost: float) -> tuple[Array, Array, Array]:
    """Lines around that pick one row and one column at each angle and lose least by their steps.

    Around twice, of which the middle round is kept: its ends then meet.

    Args:
        values: (N, A, K, W) what each place is worth, for N pictures; angles A go around.
        row_cost: what a step to a next row costs.
        far: rows that a step goes at most.
        column_cost: what a step to a next column costs, one at most.

    Returns: what each line is worth per angle, less its steps (N,); rows (N, A); columns (N, A).
    """
    count, angles, rows, columns = values.shape
    came = np.zeros((2 * angles, count, rows * columns), np.int32)
    total = _walked(np.ascontiguousarray(values, np.float64), row_cost, far, column_cost, came)
    every = np.arange(count)
    path = np.zeros((2 * angles, count), np.int64)
    at = total.reshape(count, -1).argmax(1)
    for k in range(2 * angles - 1, -1, -1):
        path[k] = at
        at = came[k, every, at]
    half = angles // 2
    middle = np.roll(path[half : half + angles], half, 0).T
    row, column = middle // columns, middle % columns
    worth = values.reshape(count, angles, -1)[every[:, None], np.arange(angles), middle].mean(1)
    steps = row_cost * np.abs(row - np.roll(row, 1, 1)) + column_cost * np.abs(column - np.roll(column, 1, 1))
    return np.asarray(worth - steps.mean(1)), row, column


@njit(**JIT)
def _walked(values, row_cost, far, column_cost, came):  # type: ignore[no-untyped-def]
    """Go around twice and note from where each place is best reached: came (2 A, N, K W) int32.

    values: (N, A, K, W). Returns what each place is worth in the end (N, K, W).
    """
    count, angles, rows, columns = values.shape
    total = np.zeros((count, rows, columns))
    near, origin = np.empty((rows, columns)), np.empty((rows, columns), np.int32)
    for n in range(count):
        for k in range(2 * angles):
            _beside(total[n], column_cost, near, origin)
            for row in range(rows):
                for column in range(columns):
                    best, since = near[row, column], origin[row, column]
                    for step in range(1, min(far, rows - 1) + 1):
                        for other in (row - step, row + step):
                            if 0 <= other < rows and near[other, column] - row_cost * step > best:
                                best, since = near[other, column] - row_cost * step, origin[other, column]
                    total[n, row, column] = best + values[n, k % angles, row, column]
                    came[k, n, row * columns + column] = since
    return total


@njit(**JIT)
def _beside(total, column_cost, near, origin):  # type: ignore[no-untyped-def]
    """The best that each place (K, W) can be reached with from its own row, and from which place."""
    rows, columns = total.shape
    for row in range(rows):
        for column in range(columns):
            near[row, column], origin[row, column] = total[row, column], row * columns + column
            for other in (column - 1, column + 1):
                if 0 <= other < columns and total[row, other] - column_cost > near[row, column]:
                    near[row, column] = total[row, other] - column_cost
                    origin[row, column] = row * columns + other
