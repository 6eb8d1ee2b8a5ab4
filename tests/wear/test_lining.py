"""A lining under a scarf, along the face: it stays where it is seen, and a scarf's dark folds are none."""

import numpy as np

from facegpt.wear.cloth import COLUMNS, HEIGHT, ROWS, WIDTH
from facegpt.wear.dye import lining, unfolded
from facegpt.wear.pattern import ClothGrid, completed

DOWN = np.arange(HEIGHT)[:, None]
ALONG = (np.minimum(np.arange(WIDTH), WIDTH - np.arange(WIDTH)) < WIDTH // 6)[None]
LINED = (DOWN >= HEIGHT - 24) & ALONG
SEEN = np.broadcast_to(np.where(DOWN >= HEIGHT - 72, 1.0, 0.0), (HEIGHT, WIDTH)).copy()


def worn(white=0.5, black=0.02):
    return np.where(LINED[..., None], black, white) * np.ones(3)


def test_what_nobody_saw_has_the_colour_of_the_scarf():
    seen = np.where(LINED | ~ALONG, SEEN, 0.0)  # above the face the black lining alone is seen
    polar, turn = np.meshgrid(np.linspace(1, 118, ROWS), np.arange(COLUMNS) / COLUMNS, indexing="ij")
    grid = ClothGrid(np.full((ROWS, COLUMNS, 3), 100.0), np.zeros((ROWS, COLUMNS, 3)), polar, turn)
    found = np.exp(completed(np.log(worn()), seen, grid, []))
    assert np.allclose(found[: HEIGHT - 60], 0.5, rtol=0.1)
    assert np.allclose(found[HEIGHT - 14 :, :30], 0.02, rtol=0.1)


def test_a_lining_is_told_and_a_pattern_of_the_same_dyes_is_none():
    share = lining(np.log(worn()), SEEN)
    assert share[HEIGHT - 8, :30].min() > 0.9 and share[: HEIGHT - 48].max() < 0.05
    checks = np.where((DOWN // 6 + np.arange(WIDTH)[None] // 6) % 2, 0.02, 0.5)[..., None] * np.ones(3)
    assert not lining(np.log(checks), SEEN).any()


def test_dark_creases_of_a_lined_scarf_stay_within_its_moderate_light():
    crease = (np.abs(np.arange(WIDTH) - WIDTH // 2) % 24 < 3)[None] & ~LINED & ~ALONG
    found = unfolded(np.where(crease[..., None], 0.03, worn()), SEEN)
    scarf = found[HEIGHT - 60 : HEIGHT - 30, WIDTH // 2 - 60 : WIDTH // 2 + 60].mean(-1)
    lightness = 116 * np.cbrt(scarf) - 16
    assert np.ptp(lightness) < 25  # 58 where creases stay
    assert found[HEIGHT - 12, 20].mean() < 0.04
