"""The best closed line through a polar picture."""

from __future__ import annotations

import numpy as np

from facegpt.glasses.closed_path import _walked, best_closed_paths


def lined(rows, columns, shape, seed=0):
    """A noisy picture (A, K, W) with a bright line."""
    values = np.random.default_rng(seed).uniform(0, 0.5, shape)
    values[np.arange(shape[0]), rows, columns] = 1.0
    return values


def test_a_line_is_followed_around_and_its_ends_meet():
    angles = np.arange(36)
    one = np.round(20 + 8 * np.cos(2 * np.pi * angles / 36)).astype(int)
    other = np.round(15 + 5 * np.sin(4 * np.pi * angles / 36)).astype(int)
    values = np.stack([lined(one, 0, (36, 40, 3)), lined(other, 2, (36, 40, 3), 1)])
    worth, rows, columns = best_closed_paths(values, 0.01, 4, 0.02)
    assert (rows == [one, other]).all()
    assert (columns[0] == 0).all() and (columns[1] == 2).all()
    assert (worth > 0.97).all()


def test_a_line_that_jumps_costs_more_than_one_that_misses_a_place():
    rows = np.full(24, 10)
    values = lined(rows, 0, (24, 30, 1)) * 0
    values[np.arange(24), rows, 0] = 1.0
    values[5, 10, 0], values[5, 28, 0] = 0.5, 1.0
    _, found, _ = best_closed_paths(values[None], 0.05, 30, 0.02)
    assert (found[0] == 10).all()


def plain_walk(values, row_cost, far, column_cost):
    """The best worth (K, W) of lines of two rounds that end at each place, by trying every step."""
    angles, rows, columns = values.shape
    row, column = np.abs(np.subtract.outer(np.arange(rows), np.arange(rows))), np.arange(columns)
    step = -row_cost * row[:, None, :, None] - column_cost * np.abs(column[:, None, None] - column)
    step = np.where((row > far)[:, None, :, None] | (np.abs(column[:, None, None] - column) > 1), -np.inf, step)
    total = np.zeros((rows, columns))
    for k in range(2 * angles):
        total = (step + total).max((2, 3)) + values[k % angles]
    return total


def test_lines_are_walked_as_the_slow_way_does():
    values = np.random.default_rng(7).random((3, 10, 12, 4))
    came = np.zeros((20, 3, 48), np.int32)
    found = _walked(values, 0.03, 5, 0.1, came)
    assert np.allclose(found, [plain_walk(one, 0.03, 5, 0.1) for one in values])
