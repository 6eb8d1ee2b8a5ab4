"""Cloth in the sun: its light comes off its colour, and prints stay."""

from __future__ import annotations

import numpy as np

from facegpt.wear.cloth import HEIGHT, WIDTH
from facegpt.wear.from_photo import CROP
from facegpt.wear.sun_on_cloth import without_glare, without_sun

SEEN, IN_SUN = np.ones((HEIGHT, WIDTH)), 3 * WIDTH // 4


def lit(share: float) -> np.ndarray:
    """Light (H, W, 3) that is so many times as bright on the right quarter."""
    return np.where(np.arange(WIDTH) < IN_SUN, 1.0, share)[None, :, None] * np.ones((HEIGHT, 1, 3))


def test_one_dye_is_as_bright_in_the_sun_as_in_the_shade():
    rng = np.random.default_rng(0)
    cloth = np.exp(rng.normal(-2, 0.3, (HEIGHT, WIDTH, 1))) * np.ones(3)
    own = cloth * np.where(np.arange(WIDTH) < IN_SUN, 1.0, 2.5)[None, :, None]
    found = without_sun(own, SEEN, lit(1.6)).mean((0, 2))
    shade, sun = found[20 : IN_SUN - 20].mean(), found[IN_SUN + 20 : -20].mean()
    assert 0.8 < sun / shade < 1.2


def test_a_bright_print_in_common_light_stays():
    own = np.full((HEIGHT, WIDTH, 3), 0.05)
    own[40:90, 40:90] = 0.5
    assert np.allclose(without_sun(own, SEEN, lit(1.0)), own)


def test_pixels_that_the_sun_bleaches_tell_no_dye_unless_all_cloth_is_white():
    crop, cloth = np.full((CROP * 32, CROP * 32, 3), 0.3, np.float32), np.ones((32, 32), np.float32)
    crop[: CROP * 4] = 0.97
    told = without_glare(crop, cloth)
    assert told[:4].max() == 0 and told[5:].min() == 1
    assert (without_glare(np.full_like(crop, 0.97), cloth) == 1).all()
