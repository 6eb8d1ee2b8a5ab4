"""Hair that a photo shows before a face: curtains at the forehead's corners, sides that fall over cheeks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.bare_view import packed, packed_ways
from facegpt.hair.body import HIGH, LOW, STEP
from facegpt.hair.from_photo.hairline import other_way, with_part
from facegpt.hair.lines.off_bare import towards_seen
from facegpt.hair.lines.over_face import OVER_MM, laid_on_skin
from facegpt.hair.plan import inside_line
from facegpt.hair.presets import PRESETS
from facegpt.types import HAIRLINE_DEG, Groom, SeenBare

RADIUS_MM = 80.0
EYE = np.array([0.0, 0.0, 1000.0])


@pytest.fixture(scope="module")
def ball():
    """The distances from a ball about the head's origin."""
    cells = [np.arange(low, high + STEP, STEP) for low, high in zip(LOW, HIGH, strict=True)]
    at = np.stack(np.meshgrid(*cells, indexing="ij"), -1)
    return (np.linalg.norm(at, axis=-1) - RADIUS_MM).astype(np.float32)


def test_what_is_moved_into_a_ball_lies_on_it_where_the_eye_sees_it(ball):
    places = np.array([[[50.0, 0.0, 0.0], [0.0, 40.0, 10.0], [10.0, -30.0, 15.0]]])
    laid = laid_on_skin(places + 60.0, places, EYE, ball)
    assert np.abs(np.linalg.norm(laid, axis=2) - RADIUS_MM - OVER_MM).max() < 1.5
    assert (laid[..., 2] > 0).all()
    sight, told = EYE - places, EYE - laid  # both lie on one line of sight
    np.testing.assert_allclose(sight[..., :2] / sight[..., 2:], told[..., :2] / told[..., 2:], atol=1e-6)


def test_what_lies_outside_of_a_ball_stays(ball):
    places = np.array([[[90.0, 0.0, 0.0], [0.0, 95.0, 10.0]]])
    np.testing.assert_array_equal(laid_on_skin(places + 5.0, places, EYE, ball), places)


def test_a_tip_that_hardly_enters_a_ball_is_not_torn_off_to_its_front(ball):
    beside = np.array([[[82.0, 0.0, 0.0], [82.0, -8.0, 0.0]]])
    places = beside - np.array([6.0, 0.0, 0.0])
    np.testing.assert_array_equal(laid_on_skin(beside, places, EYE, ball), beside)
    far = laid_on_skin(beside, beside - np.array([30.0, 0.0, 0.0]), EYE, ball)
    assert (far[..., 2] > 50).all()


def test_a_lock_beside_a_cheek_is_drawn_before_it(ball):
    ways = np.zeros((200, 200, 2))
    ways[60:, 150:] = -25, 0  # a pixel is a millimetre: the photo has hair so far towards the middle
    matrix = np.array([[1000.0, 0, 0, 0], [0, -1000, 0, 0], [0, 0, 0, 0]])
    matrix += np.outer([100, 100, 1], [0, 0, -1.0, 1000.0])
    skin = np.zeros((2, 200, 200), bool)
    skin[0, :2, :2] = True
    bare = SeenBare(packed(*skin), (200, 200), tuple(matrix.ravel().tolist()), packed_ways(ways))
    lock = np.stack([np.full(18, 78.0), np.linspace(90, -60, 18), np.full(18, 5.0)], 1)[None].astype(np.float32)
    low = towards_seen(lock, bare, ball)[0, 10:14]
    np.testing.assert_allclose(low[:, 0] * 1000 / (1000 - low[:, 2]), 53 * np.ones(4), atol=3.0)
    assert (np.linalg.norm(low, axis=1) > RADIUS_MM).all() and (low[:, 2] > 30).all()


def test_corners_between_low_hairlines_are_not_bare():
    groom = Groom(hairline=tuple(-25.0 if abs(turn) in (30, 45) else -16.0 for turn in HAIRLINE_DEG))
    turn = np.linspace(-45, 45, 91)
    place = np.zeros((len(turn), 3))
    low, usual = (inside_line(place, turn, np.zeros(len(turn)), each) for each in (groom, Groom()))
    assert (low - usual).min() > 14.0
    fringed = inside_line(place, turn, np.zeros(len(turn)), replace(groom, fringe_mm=60.0))
    np.testing.assert_allclose((fringed - usual)[np.abs(turn) == 30], 0.0, atol=1e-6)  # the fringe covers them


def test_the_other_side_of_a_part_leaves_the_hairline_that_was_seen():
    line = tuple(float(k) for k in range(len(HAIRLINE_DEG)))
    groom = replace(PRESETS["long_side"].groom, hairline=line, bulge=tuple(float(k) for k in range(72)))
    turned = other_way(groom)
    assert turned.part == -groom.part and turned.hairline == line and turned.bulge == groom.bulge
    assert with_part(replace(groom, part=0.5, parted=1.0), -0.5).hairline == line
