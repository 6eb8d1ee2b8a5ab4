"""Hair before a face: curtains and sides that a photo shows, and the fringe and locks that tied hair leaves free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.generate.draw_hair import Wearer, draw_hair
from facegpt.hair.bare_view import packed, packed_ways
from facegpt.hair.body import HIGH, LOW, STEP
from facegpt.hair.from_photo.hairline import other_way, with_part
from facegpt.hair.grow import DETAIL, locks_of
from facegpt.hair.left_free import left_free
from facegpt.hair.lines.off_bare import towards_seen
from facegpt.hair.lines.over_face import OVER_MM, laid_on_skin
from facegpt.hair.plan import inside_line, planned
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.hair.scalp import scalp_of
from facegpt.language.hair_wish import HairWish
from facegpt.morphable.makehuman.head import load
from facegpt.types import HAIRLINE_DEG, Groom, SeenBare

HEAD = load()
NOBODY = np.zeros(HEAD.sizes.identity, np.float32)
SEEN = SeenBare("", (1, 1), (0.0,) * 12)
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


def places(groom, lod=0):
    """All points (N, 3) of the locks of a groom, mm."""
    return np.concatenate([locks.lines.reshape(-1, 3) for locks in locks_of(groom, HEAD, NOBODY, lod).sets])


def beside_face(points):
    """How many points lie beside the cheeks, before the ears and above the jaw."""
    x, y, z = points.T
    return int(((np.abs(x) > 55) & (y > -45) & (y < 20) & (z > 5)).sum())


@pytest.mark.parametrize("style", ["ponytail", "bun", "updo", "braid"])
def test_a_fringe_hangs_over_the_forehead_before_tied_hair(style):
    tied = PRESETS[style].groom

    def over_forehead(groom):
        x, y, z = places(groom).T
        return int(((np.abs(x) < 30) & (y > 45) & (y < 75) & (z > 60)).sum())

    assert over_forehead(tied) < 5 and over_forehead(replace(tied, fringe_mm=62.0, sweep_back=0.0)) > 50


def test_hair_that_is_not_sleek_leaves_locks_beside_the_face_and_no_photos_hair_does():
    tied = PRESETS["bun"].groom
    loose = replace(tied, frizz=0.5)
    few, many = beside_face(places(tied)), beside_face(places(loose))
    assert many > few + 40
    assert 0 < beside_face(places(loose, len(DETAIL) - 1)) < many
    assert left_free(loose, scalp_of(HEAD), planned(scalp_of(HEAD), loose), 1.0)
    shown = replace(loose, bare=SEEN)
    assert not left_free(shown, scalp_of(HEAD), planned(scalp_of(HEAD), loose), 1.0)


def test_women_wear_a_bun_with_free_locks_unless_it_is_to_be_sleek_and_men_without():
    def worn(man, **said):
        rng = np.random.default_rng(4)
        return groom_of(draw_hair({}, Wearer(man, 30.0), rng, HairWish({"kind": "bun", **said})))

    assert worn(False).parted > 0.5 and beside_face(places(worn(False))) > beside_face(places(worn(True))) + 40
    assert worn(False, finish="sleek").frizz == 0.0 and worn(False, part="none").parted == 0.0
