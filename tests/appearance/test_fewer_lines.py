"""A younger head loses the lines of its photo: painted lines go, what is no line stays, and none are left pale."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.lines import MOST, MOST_DEEPER, lines_gone, softened, with_lines_gone
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.appearance.texture import retouched
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.morphable.makehuman.skin import skin_set

SIDE = 512


def plain(level: float = 0.3) -> np.ndarray:
    """A texture of one colour (SIDE, SIDE, 4)."""
    grey = np.full((SIDE, SIDE, 3), linear_to_srgb(np.array(level)) * 255)
    return np.dstack([np.round(grey).astype(np.uint8), np.full((SIDE, SIDE), 255, np.uint8)])


def lined(head) -> tuple[np.ndarray, np.ndarray]:
    """A plain texture with dark lines, two texels wide, every 32 rows; and where they are."""
    texture, rows = plain(), np.zeros((SIDE, SIDE), bool)
    rows[16::32], rows[17::32] = True, True
    texture[rows, :3] = np.round(linear_to_srgb(np.array(0.15)) * 255)
    return texture, rows


def depth(texture: np.ndarray, rows: np.ndarray, where: np.ndarray) -> float:
    """How much darker lines are than what is between them, log units."""
    light = np.log(srgb_to_linear(texture[..., 1] / 255.0))
    return float(light[where & ~rows].mean() - light[where & rows].mean())


@pytest.fixture
def skin(head) -> np.ndarray:
    """Texels well within the cheeks, where lines may go."""
    prior, atlas = prior_of(head, SIDE), atlas_of(head, SIDE)
    place = atlas.interpolate(head.mean_vertices)
    cheeks = (np.abs(place[..., 0]) > 30) & (np.abs(place[..., 0]) < 50) & (place[..., 1] < -20) & (place[..., 1] > -60)
    return cheeks & (prior.mask > 0.9) & (prior.lips < 0.1)


def test_lines_go_by_the_share_that_is_asked_for(head, skin):
    texture, rows = lined(head)
    before, after = (depth(each, rows, skin) for each in (texture, with_lines_gone(texture, head, 0.8)))
    assert before == pytest.approx(np.log(2), abs=0.05)
    assert after < 0.5 * before
    assert depth(with_lines_gone(texture, head, 0.4), rows, skin) == pytest.approx((before + after) / 2, abs=0.08)


def test_red_furrows_and_folds_between_the_brows_go_with_the_lines(head, skin):
    texture, rows = lined(head)
    texture[rows, :3] = np.round(linear_to_srgb(np.array([0.25, 0.12, 0.1])) * 255)
    after = srgb_to_linear(with_lines_gone(texture, head, 0.8)[..., :3] / 255.0)
    red = np.log(after[..., 0] / after[..., 2])
    assert red[skin & rows].mean() < 0.4 * np.log(2.5)
    place = atlas_of(head, SIDE).interpolate(head.mean_vertices)
    brows = np.asarray(prior_of(head, SIDE).brows) > 0.5
    frown = brows & (np.abs(place[..., 0]) < 6) & (place[..., 2] > 60)
    assert frown.any() and depth(with_lines_gone(texture, head, 0.8), rows, frown) < 0.6 * depth(texture, rows, frown)


def test_lines_that_come_with_an_age_are_no_gashes_in_a_photos_skin(head, skin):
    change = np.zeros((SIDE, SIDE, 3), np.float32)
    rows = lined(head)[1]
    change[rows] = -0.7
    soft = softened(change, head)
    drawn = (soft[skin & ~rows].mean() - soft[skin & rows].mean()) / 0.7
    assert 0.15 < drawn < 0.45
    change[rows] = -0.05
    soft = softened(change, head)
    assert soft[skin & ~rows].mean() - soft[skin & rows].mean() > 0.04


def test_brows_lips_eyes_and_plain_skin_stay(head):
    texture, _ = lined(head)
    prior = prior_of(head, SIDE)
    kept = (prior.lips > 0.99) | prior.hard
    after = with_lines_gone(texture, head, 0.8)
    assert np.abs(after[kept].astype(int) - texture[kept]).max() <= 1
    even = with_lines_gone(plain(), head, 0.8)
    assert np.abs(even.astype(int) - plain()).max() <= 2


def test_lines_deepen_on_skins_that_grow_older_and_plain_skin_stays_plain(head, skin):
    young, old = (skin_set(head.albedo, {"wrinkles": sd}) for sd in (-1.0, 2.0))
    assert lines_gone(head, young, old) == -MOST_DEEPER
    assert lines_gone(head, old, young) == MOST
    texture, rows = lined(head)
    before, after = (depth(each, rows, skin) for each in (texture, with_lines_gone(texture, head, -MOST_DEEPER)))
    assert 1.2 * before < after < 1.6 * before
    assert np.abs(with_lines_gone(plain(), head, -MOST_DEEPER).astype(int) - plain()).max() <= 2


def test_lines_of_necks_that_no_photo_shows_go_with_age(head):
    old, young = (skin_set(head.albedo, {"wrinkles": sd}) for sd in (2.5, -1.0))
    neck = (atlas_of(head, SIDE).part == head.part_names.index("skin")) & (prior_of(head, SIDE).mask < 0.01)
    made = np.dstack([linear_to_srgb(model_texture(head, old, SIDE)) * 255, plain()[..., 3]]).astype(np.uint8)
    wanted = linear_to_srgb(model_texture(head, young, SIDE)) * 255
    assert np.abs(retouched(made, head, old, young)[..., :3] - wanted)[neck].mean() < 2


def test_the_models_own_lines_leave_no_pale_ones_in_a_photos_skin(head):
    old, young = (skin_set(head.albedo, {"wrinkles": sd}) for sd in (2.5, -1.0))
    after = retouched(plain(), head, old, young)
    skin = prior_of(head, SIDE).mask > 0.99
    light = np.log(srgb_to_linear(after[..., 1] / 255.0))
    steps = np.abs(np.diff(light, axis=0))[skin[1:] & skin[:-1]]
    assert np.quantile(steps, 0.999) < 0.05  # a level or two of 255; the lines would be 0.3
