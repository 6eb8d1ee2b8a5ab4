"""Ends of locks over a forehead: single ones that hang far below the others are cut, an even or slanting edge stays."""

from __future__ import annotations

import numpy as np

from facegpt.hair.lines.front_edge import BELOW_MM, evened
from facegpt.hair.lines.guides import arc_mm

EYES = np.array([[32.0, 30.0, 75.0], [-32.0, 30.0, 75.0]])


def fringe(ends: np.ndarray) -> np.ndarray:
    """Locks side by side over the forehead that fall straight to heights (N,)."""
    x = np.linspace(-45, 45, len(ends))
    y = np.linspace(np.full(len(ends), 110.0), ends, 10, axis=1)
    return np.stack([np.broadcast_to(x[:, None], y.shape), y, np.full(y.shape, 95.0)], -1).astype(np.float32)


def test_a_single_fang_is_cut_to_those_beside_it() -> None:
    ends = 75 + 4 * np.random.default_rng(1).random(60)
    ends[[30, 31]] = 55.0
    lines = fringe(ends)
    out, left = evened(lines, EYES)
    assert out[:, -1, 1].min() > 75 - BELOW_MM - 1
    np.testing.assert_allclose(left[30], arc_mm(out)[30, -1] / arc_mm(lines)[30, -1], atol=1e-3)
    others = np.delete(np.arange(60), [30, 31])
    np.testing.assert_array_equal(out[others], lines[others])
    assert (left[others] == 1).all()


def test_a_slanting_fringe_stays() -> None:
    lines = fringe(np.linspace(60, 85, 60))
    out, left = evened(lines, EYES)
    np.testing.assert_allclose(out, lines, atol=2.5)  # its lowest end has others on one side alone
    assert left.min() > 0.9


def test_locks_beside_and_behind_the_face_stay() -> None:
    lines = fringe(75 + 40 * np.random.default_rng(2).random(60) - 20)
    for moved in (lines + np.array(way) for way in ((0, 0, -100), (110, 0, 0), (0, -60, 0))):
        out, left = evened(moved.astype(np.float32), EYES)
        np.testing.assert_array_equal(out, moved.astype(np.float32))
        assert (left == 1).all()
    few, left = evened(lines[:5], EYES)
    np.testing.assert_array_equal(few, lines[:5])
