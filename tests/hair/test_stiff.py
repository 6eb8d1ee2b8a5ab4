"""Straight hair that is moved to a photo's outline falls straight; hair of waves follows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.hair.lines.stiff import STIFF_MM, stiffened, stiffness_mm
from facegpt.hair.presets import PRESETS


def hanging(length=300.0, points=20):
    """One lock (1, K, 3) that hangs straight down, mm, and how far along it its points are (K,)."""
    along = np.linspace(0, length, points)
    return np.stack([0 * along, -along, 0 * along], 1)[None], along


def test_a_stiff_lock_goes_a_way_that_grows_evenly():
    lines, along = hanging()
    moved = 0.1 * along[None, :, None] * np.array([1.0, 0.0, 0.5])
    out = stiffened(moved, lines, 90.0)
    np.testing.assert_allclose(out[0, along > 45], moved[0, along > 45], atol=1e-5)
    assert np.abs(out[0, 0]).max() == 0


def test_a_stiff_lock_does_not_wind_as_it_is_moved():
    lines, along = hanging(points=60)
    moved = 10 * np.sin(2 * np.pi * along / 60)[None, :, None] * np.array([1.0, 0.0, 0.0])
    inner = (along > 90) & (along < 210)
    assert np.abs(stiffened(moved, lines, 90.0)[0, inner]).max() < 2.5
    np.testing.assert_array_equal(stiffened(moved, lines, 0.0), moved)


def test_hair_of_waves_is_limp_and_straight_hair_is_stiff():
    straight = PRESETS["long"].groom
    assert stiffness_mm(replace(straight, curl_radius_mm=0.0)) == STIFF_MM
    assert 0 < stiffness_mm(replace(straight, curl_radius_mm=2.0)) < STIFF_MM
    assert stiffness_mm(replace(straight, curl_radius_mm=7.0)) == 0
    assert stiffness_mm(PRESETS["locs"].groom) == 0
    assert stiffness_mm(PRESETS["caesar"].groom) == 0
