"""Compiled loops over lines of hair, beside the slow ways."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_closing

from facegpt.hair.from_photo.silhouette import RAYS, SIDE, closed, outline_px
from facegpt.hair.lines.curls import frames, plain_frames
from facegpt.hair.lines.guides import arc_mm, drawn_chances, plain_arc_mm, plainly_resampled, resampled
from facegpt.hair.lines.trim import bulged, plainly_bulged, plainly_unkinked, unkinked
from facegpt.types import BULGE_GRID, Groom


@pytest.fixture(params=[np.float32, np.float64])
def lines(request):
    """Walks of 50 points that turn at random, some of them sharply."""
    steps = np.random.default_rng(2).normal([0, -1, 0.3], 0.9, (300, 50, 3))
    return np.cumsum(3 * steps, axis=1).astype(request.param)


def test_lines_are_measured_as_the_slow_way_does(lines):
    assert np.allclose(arc_mm(lines), plain_arc_mm(lines), rtol=1e-5)


def test_lines_are_read_as_the_slow_way_does(lines):
    share = np.random.default_rng(5).uniform(0.2, 1, len(lines))
    found, plain = resampled(lines, share, 23), plainly_resampled(lines, share, 23)
    assert np.abs(found - plain).max() < 1e-3  # mm


def test_kinks_are_smoothed_as_the_slow_way_does(lines):
    found = unkinked(lines)
    assert np.abs(found - lines).max() > 1
    assert np.abs(found - plainly_unkinked(lines)).max() < 1e-2  # mm, after up to sixteen rounds


def test_lines_bulge_as_the_slow_way_moves_them(lines):
    draw = np.random.default_rng(6)
    groom = Groom(bulge=tuple(draw.uniform(-30, 50, BULGE_GRID[0] * BULGE_GRID[1])))
    around = lines + 60 * draw.normal(size=(len(lines), 1, 3))
    assert np.abs(bulged(around, groom) - plainly_bulged(around, groom)).max() < 1e-3  # mm


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_frames_are_those_of_the_slow_way(kind):
    steps = np.random.default_rng(3).normal([0, -1, 0.3], 0.15, (300, 50, 3))  # none turns back: frames can be carried
    lines = np.cumsum(3 * steps, axis=1).astype(kind)
    for found, plain in zip(frames(lines), plain_frames(lines), strict=True):
        assert np.abs(found - plain).max() < 1e-3


@pytest.mark.parametrize("radius", [12.0, 25.5])
def test_the_outline_of_a_disc_is_as_far_as_its_radius(radius):
    middle = np.array([50.3, 44.8])
    y, x = np.indices((SIDE, SIDE))
    disc = np.hypot(x - middle[0], y - middle[1]) < radius
    known = y < 80
    found = outline_px(disc, known, middle)
    assert np.nanmax(np.abs(found - radius)) < 1.5
    assert not np.isnan(found).any()
    assert np.isnan(outline_px(disc, y < 40, middle)[3 * RAYS // 4])  # straight down nothing is known


def test_gaps_are_closed_as_scipy_closes_them():
    mask = np.random.default_rng(1).random((60, 60)) < 0.3
    assert np.array_equal(closed(mask), binary_closing(np.pad(mask, 2))[2:-2, 2:-2])


def test_kept_chances_are_those_that_are_drawn_and_the_next_ones_too():
    plain, kept = np.random.default_rng(7), np.random.default_rng(7)
    for _ in range(2):
        assert np.array_equal(drawn_chances(kept, 7, 30), plain.random((30, 8)))
    assert kept.random() == plain.random()
