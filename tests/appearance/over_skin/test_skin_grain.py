"""Grain where no photo shows the skin: as strong as on the cheeks, round on the head, and nowhere else."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.over_skin.skin_grain import LEVELS, SIDE, grain_of, strength, waves_on, with_grain
from facegpt.conventions import linear_to_srgb


@pytest.fixture(scope="module")
def grain(head):
    return grain_of(head)


@pytest.fixture(scope="module")
def halves():
    """What a photo shows of the analysis grid (256, 256): its left half."""
    shown = np.zeros((256, 256), np.float32)
    shown[:, :128] = 1
    return shown


def skin_with(noise):
    """A texture (SIDE, SIDE, 3) uint8 sRGB of even skin times the exponential of noise (SIDE, SIDE)."""
    linear = np.array([0.4, 0.25, 0.18]) * np.exp(noise)[..., None]
    return np.round(255 * linear_to_srgb(linear.clip(0, 1))).astype(np.uint8)


def rough(texture, where):
    """SD of the log of the green of a texture over texels, slow changes left out."""
    green = np.log(texture[..., 1].astype(float) + 1)
    return (green - gaussian_filter(green, 12.0))[where].std()


def test_even_skin_gets_none(head, halves):
    plain = skin_with(np.zeros((SIDE, SIDE)))
    assert (with_grain(plain.copy(), head, halves, halves.repeat(4, 0).repeat(4, 1)) == plain).all()


def test_what_is_hidden_gets_grain_about_as_strong_as_what_is_seen_and_that_stays(head, grain, halves):
    own = 0.025 * grain.bands[1].astype(np.float32) / LEVELS
    seen = halves.repeat(4, 0).repeat(4, 1)
    before = skin_with(own * seen)
    after = with_grain(before.copy(), head, halves, seen)
    inside = np.zeros_like(seen, bool)
    inside[grain.top : grain.top + len(grain.cheeks)] = grain.cheeks
    left, right = inside & (seen > 0), inside & (seen == 0)
    left[:, 440:] = right[:, :584] = False
    assert (after[left] == before[left]).all()
    assert rough(before, right) < 0.1 * rough(before, left)
    assert 0.6 < rough(after, right) / rough(after, left) < 1.2


def test_a_photo_that_hides_both_cheeks_gives_none(head, grain):
    rng = np.random.default_rng(4)
    texture = skin_with(0.1 * rng.normal(size=(SIDE, SIDE)))
    assert not strength(texture, grain, np.zeros((SIDE, SIDE), np.float32)).any()


def test_waves_are_as_long_across_as_down_where_texels_are_not_square():
    """A plane whose texels are 0.2 × 0.8 mm: the noise falls off with mm and not with texels."""
    rows, columns = np.mgrid[:200, :400].astype(np.float32)
    place = np.dstack([0.2 * columns, -0.8 * rows, np.zeros_like(rows)])
    across, down = (np.broadcast_to(np.float32(each), place.shape) for each in ((0.2, 0, 0), (0, -0.8, 0)))
    noise = waves_on(place, across, down, np.ones(rows.shape, bool), (3.2, 6.4), np.random.default_rng(5))
    assert 0.5 < noise.std() < 1.1
    beside = np.corrcoef(noise[:, :-4].ravel(), noise[:, 4:].ravel())[0, 1]  # 0.8 mm on
    below = np.corrcoef(noise[:-1].ravel(), noise[1:].ravel())[0, 1]
    assert abs(beside - below) < 0.12
    assert beside > 0.5


def test_grain_lies_on_skin_alone(head, grain):
    skin = atlas_of(head, SIDE).part == head.part_names.index("skin")
    assert not grain.bands[:, ~skin].any()
    assert 0.5 < grain.bands[2][skin].std() / LEVELS < 1.2
