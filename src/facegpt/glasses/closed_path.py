"""The best closed line through polar pictures, by dynamic programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    total: Array = np.zeros((count, rows, columns))
    for k in range(2 * angles):
        total, origin = _stepped(total, row_cost, far, column_cost)
        total = total + values[:, k % angles]
        came[k] = origin.reshape(count, -1)
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


def _stepped(total: Array, row_cost: float, far: int, column_cost: float) -> tuple[Array, NDArray[np.int32]]:
    """The best that each place (N, K, W) can be reached with from the angle before, and from where."""
    _, rows, columns = total.shape
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    near, origin = total.copy(), np.broadcast_to(index, total.shape).copy()
    for to, since in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
        other = total[:, :, since] - column_cost
        better = other > near[:, :, to]
        near[:, :, to] = np.where(better, other, near[:, :, to])
        origin[:, :, to] = np.where(better, index[:, since], origin[:, :, to])
    best, came = near.copy(), origin.copy()
    for step in range(1, min(far, rows - 1) + 1):
        for to, since in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
            other = near[:, since] - row_cost * step
            better = other > best[:, to]
            best[:, to] = np.where(better, other, best[:, to])
            came[:, to] = np.where(better, origin[:, since], came[:, to])
    return best, came
