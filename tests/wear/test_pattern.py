"""Patterns of cloth: a sample that is laid down again keeps its tone, its contrast and its size."""

from __future__ import annotations

import numpy as np

from facegpt.wear.pattern import STEP_MM, ClothGrid, laid, pattern_samples
from facegpt.wear.shell import MIDDLE, directions_of

RADIUS_MM = 110.0


def dots(places):
    """Log colours (..., 3) of a pattern of 6 mm in all directions, at places (..., 3) mm."""
    return np.repeat(0.5 * np.sin(2 * np.pi * places / 6.0).prod(-1, keepdims=True), 3, -1)


def ball():
    polar, turn = np.meshgrid(np.linspace(2, 118, 48), (np.arange(64) + 0.5) / 64, indexing="ij")
    ways = directions_of("hood", polar, turn)
    return ClothGrid(MIDDLE + RADIUS_MM * ways, ways, polar, turn)


def millimetres(polar_deg):
    return np.radians(polar_deg) * RADIUS_MM


def test_laid_pattern_has_the_contrast_and_the_tone_of_its_sample():
    sample = np.random.default_rng(1).normal(0, 0.4, (45, 45, 3)).astype(np.float32)
    rng = np.random.default_rng(2)
    found = laid(sample, millimetres(rng.uniform(5, 110, 20000)), rng.uniform(0, 1, 20000), RADIUS_MM)
    assert abs(float(found.std()) / 0.4 - 1) < 0.1 and abs(float(found.mean())) < 0.05


def test_a_ridge_runs_from_the_pole_as_it_does_in_the_sample():
    columns = np.indices((64, 64))[1]
    stripes = np.repeat(np.cos(2 * np.pi * columns * STEP_MM / 16)[..., None], 3, -1).astype(np.float32)
    down = laid(stripes, millimetres(np.linspace(60, 61.5, 40)), np.full(40, 0.3), RADIUS_MM)[:, 0]
    across = laid(stripes, millimetres(np.full(40, 60.0)), np.linspace(0.3, 0.325, 40), RADIUS_MM)[:, 0]
    assert np.ptp(across) > 2 * np.ptp(down)


def test_samples_are_cut_where_cloth_is_seen_and_bands_are_left_out():
    grid = ball()
    seen = (grid.places[..., 2] > MIDDLE[2] + 30).astype(float)

    def look(places):
        return dots(places), (places[..., 2] > MIDDLE[2] + 20).astype(float)

    samples = pattern_samples(grid, seen, look)
    assert samples and samples[0].contrast.std() > 0.05

    def banded(places):
        band = (np.abs(places[..., 1] - MIDDLE[1] - 70) < 8)[..., None]
        return np.where(band, -4.0, 0.0) * np.ones(3), look(places)[1]

    def two_cloths(places):  # as loud everywhere, with hair and folds
        black = (np.floor(places[..., 1] / 60.0) % 2 == 0)[..., None]
        return np.where(black, -6.0, -0.5) + 3 * dots(places), look(places)[1]

    assert all(one.contrast.std() < 0.25 for one in pattern_samples(grid, seen, two_cloths))

    plain = pattern_samples(grid, seen, banded)
    assert plain and all(one.contrast.std() < 0.25 for one in plain)
    assert pattern_samples(grid, np.zeros_like(seen), look) == []
