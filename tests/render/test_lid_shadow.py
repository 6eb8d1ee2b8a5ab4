"""What lids take from the light on eyeballs: more above than below, nothing elsewhere, whichever way the head leans."""

import numpy as np
import pytest

from facegpt.render.lid_shadow import darken_eyes, light_past_lids

PIXEL_MM = 0.25
UP = np.array([0.0, -1.0])


def opening(height_mm: float = 10.0, width_mm: float = 28.0) -> tuple[np.ndarray, np.ndarray]:
    """An ellipse of eyeball in a square of skin."""
    y, x = (np.mgrid[:160, :160] - 79.5) * PIXEL_MM
    eye = (x / (width_mm / 2)) ** 2 + (y / (height_mm / 2)) ** 2 < 1
    return eye, ~eye


def test_the_upper_lid_takes_most_and_the_middle_of_a_wide_eye_stays_as_it_is():
    share = light_past_lids(*opening(), UP, PIXEL_MM)
    upper, middle, lower = share[62, 79], share[80, 79], share[97, 79]
    assert upper < 0.35
    assert upper < lower < 0.95
    assert middle > 0.95
    assert (share[110:] == 1).all()


def test_the_skin_beside_the_upper_lid_is_darker_where_lashes_grow_and_nowhere_else():
    eye, lid = opening()
    share = light_past_lids(eye, lid, UP, PIXEL_MM)
    above, below = share[eye[:, 79].argmax() - 1, 79], share[160 - eye[::-1, 79].argmax(), 79]
    assert above < 0.75
    assert below == 1
    assert share[eye[:, 79].argmax() - 16, 79] > 0.99  # 4 mm above


def test_a_narrow_eye_is_darker_throughout():
    wide, narrow = (light_past_lids(*opening(height), UP, PIXEL_MM)[80, 79] for height in (10.0, 4.0))
    assert narrow < 0.6 * wide


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_it_turns_with_the_head(turns):
    eye, lid = opening()
    up = [np.array(way, float) for way in ((0, -1), (-1, 0), (0, 1), (1, 0))][turns]
    turned = light_past_lids(np.rot90(eye, turns), np.rot90(lid, turns), up, PIXEL_MM)
    assert np.allclose(turned, np.rot90(light_past_lids(eye, lid, UP, PIXEL_MM), turns), atol=1e-5)


def test_nothing_far_from_the_eye_is_darkened():
    part = np.where(opening()[0], 1, 0)
    image = np.ones((*part.shape, 3), np.float32)
    darken_eyes(part, ("skin", "left_eye"), np.full(part.shape, 600.0), np.diag([1.0, -1.0, -1.0]), 2400.0, image)
    assert (image[:46] > 0.99).all()  # 3.5 mm above the lid
    assert (image[110:] == 1).all()
    assert image[part == 1].min() < 0.4
    assert image[part == 1].max() > 0.9


def test_what_eyes_get_past_their_lids_is_told_by_eye_and_nowhere_else():
    part = np.where(opening()[0], 1, 0)
    image = np.ones((*part.shape, 3), np.float32)
    eyes = darken_eyes(part, ("skin", "left_eye"), np.full(part.shape, 600.0), np.diag([1.0, -1, -1]), 2400.0, image)
    [(window, share)] = eyes
    eye = part[window] == 1
    assert np.allclose(share[eye], image[window][eye][:, :1])
    assert (share[~eye] == 0).all()


def test_without_a_lid_in_the_picture_nothing_changes():
    eye = np.ones((20, 20), bool)
    assert (light_past_lids(eye, ~eye, UP, PIXEL_MM) == 1).all()
