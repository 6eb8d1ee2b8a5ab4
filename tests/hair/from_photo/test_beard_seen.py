"""Full beards of photos: drawn on a map of parts of which everything is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import linear_to_srgb
from facegpt.describe.hair_words import beard_words
from facegpt.detect.outlines import in_hull
from facegpt.encode.parts import BEARD, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.hair.beard import CARDS_MM, beard_mm, moustache_mm
from facegpt.hair.from_photo.beards.seen import (
    AT_CHIN_MM,
    CHIN,
    JAWS,
    BeardSeen,
    beard_seen,
    below_chin_mm,
    coloured_beard,
    is_salted,
)
from facegpt.hair.from_photo.looks import FULL_BEARD, bearded
from facegpt.types import Hair

EVEN = np.concatenate([np.full((1, 3), np.sqrt(4 * np.pi)), np.zeros((8, 3))]).astype(np.float32)
FAIR, WHITE, BLACK = (0.45, 0.28, 0.2), (0.5, 0.47, 0.43), (0.02, 0.015, 0.012)


@pytest.fixture
def points(head):
    """The detector's points of a head that looks into a camera (478, 2), px of a map of parts."""
    places = head.embedding("mediapipe478")(head.mean_vertices)
    return np.column_stack([96 + places[:, 0] * 0.42, 90 - places[:, 1] * 0.42])


def photo(points, chin, hangs_px=0, dark=False):
    """A face whose chin and jaws, and so many pixels below, have a colour: the picture and the map of its parts."""
    picture = np.broadcast_to(np.float32(FAIR), (MAP_PX, MAP_PX, 3)).copy()
    ring = points[[i for one in CHIN + JAWS for i in one]]
    low, high = ring.min(0), ring.max(0)
    rows = slice(int(points[17, 1]), int(high[1]) + hangs_px)
    picture[rows, int(low[0]) : int(high[0])] = chin
    kinds = np.full((MAP_PX, MAP_PX), SKIN)
    if dark:
        kinds[rows, int(low[0]) : int(high[0])] = BEARD
    beliefs = np.eye(len(PARTS), dtype=np.float32)[kinds]
    srgb = np.round(linear_to_srgb(picture) * 255).astype(np.uint8)
    return srgb, FaceParts(beliefs, np.ones((MAP_PX, MAP_PX), bool), np.eye(2, 3), None, points)


def test_a_white_beard_is_seen_though_the_network_calls_it_skin(points):
    found = beard_seen(*photo(points, WHITE, 20), EVEN, 0.3, 0.8)
    assert found.mm > 12
    assert found.albedo[0] / found.albedo[1] < 1.2 and min(found.albedo) > 0.25


def test_longer_beards_are_longer(points):
    lengths = [beard_seen(*photo(points, BLACK, hangs, dark=True), EVEN, 0.5).mm for hangs in (12, 20, 35)]
    assert lengths == sorted(set(lengths))


def test_short_dark_beards_stay_paint(points):
    assert beard_seen(*photo(points, BLACK, 0, dark=True), EVEN, 0.5).mm == 0


def test_a_dark_beard_over_chin_and_jaws_is_told_as_a_beard_and_what_covers_less_may_be_stubble(points):
    image, parts = photo(points, BLACK, 0, dark=True)
    full = bearded(Hair("bald"), None, beard_seen(image, parts, EVEN, 0.4))
    assert "beard" in beard_words(full) and "stubble" not in beard_words(full)
    assert bearded(Hair("bald"), None, beard_seen(*photo(points, BLACK), EVEN, 0.4)).beard == 0


@pytest.mark.parametrize("chin", [FAIR, (0.3, 0.17, 0.11), (0.55, 0.35, 0.25)])
def test_bare_chins_in_any_light_have_no_beard(points, chin):
    assert beard_seen(*photo(points, chin), EVEN, 0.3, 0.8) is None


def test_a_dark_chin_is_no_beard_on_a_face_that_seems_to_wear_none(points):
    image, parts = photo(points, BLACK, 20, dark=True)
    assert beard_seen(image, parts, EVEN, 0.02) is None
    assert beard_seen(image, replace(parts, points=None), EVEN, 0.9) is None


def test_a_full_beard_grows_as_hair(points):
    shown = beard_seen(*photo(points, BLACK, 35, dark=True), EVEN, 0.5)
    assert bearded(Hair("bald"), None, shown) == Hair("bald", beard=FULL_BEARD, moustache=FULL_BEARD, beard_mm=shown.mm)
    assert bearded(Hair("short"), None, None) == Hair("short")


def salted(points, hairs, rings=CHIN + JAWS, hangs_px=0):
    """A dark face on whose chin and jaws hairs of a colour lie at random over skin, which the network calls skin.

    They hang so many pixels below the tip of the chin.
    """
    skin = np.float32((0.2, 0.1, 0.06))
    picture = np.broadcast_to(skin, (MAP_PX, MAP_PX, 3)).copy()
    rng = np.random.default_rng(3)
    grid = np.stack(np.meshgrid(np.arange(MAP_PX), np.arange(MAP_PX)), -1).astype(float)
    where = np.any([in_hull(grid, points[list(ring)]) for ring in rings], axis=0) & (rng.random(grid.shape[:2]) < 0.6)
    row, column = points[152].astype(int)[::-1]
    where[row : row + hangs_px, column - 8 : column + 9] = True
    picture[where] = np.float32(hairs) * rng.uniform(0.8, 1.2, (where.sum(), 1))
    beliefs = np.eye(len(PARTS), dtype=np.float32)[np.full((MAP_PX, MAP_PX), SKIN)]
    srgb = np.round(linear_to_srgb(picture.clip(0, 1)) * 255).astype(np.uint8)
    return srgb, FaceParts(beliefs, np.ones((MAP_PX, MAP_PX), bool), np.eye(2, 3), None, points)


@pytest.mark.parametrize(("rings", "shape"), [(CHIN + JAWS, "full"), (CHIN, "goatee")])
def test_short_grey_beards_are_painted_where_they_are_seen(points, rings, shape):
    found = beard_seen(*salted(points, (0.3, 0.28, 0.26), rings), EVEN, 0.2, 0.5)
    assert found.shape == shape and found.mm == 0
    assert found.albedo[0] / found.albedo[1] < 1.4
    worn = bearded(Hair("buzz"), None, found)
    assert worn.beard_shape == shape and 0 < beard_mm(worn) < CARDS_MM and moustache_mm(worn) < CARDS_MM


def test_grey_beards_are_as_long_as_they_hang(points):
    px_per_mm = np.linalg.norm(points[263] - points[33]) / 92
    for hangs_mm in (20, 40):
        found = beard_seen(*salted(points, (0.3, 0.28, 0.26), hangs_px=round(hangs_mm * px_per_mm)), EVEN, 0.2, 0.5)
        assert abs(found.mm - AT_CHIN_MM - hangs_mm) <= 3


def test_dark_stubble_and_young_faces_grow_no_grey_beard(points):
    assert beard_seen(*salted(points, (0.06, 0.05, 0.045)), EVEN, 0.2, 0.5) is None
    young = beard_seen(*salted(points, (0.3, 0.28, 0.26)), EVEN, 0.2, 0.1)
    assert young is None or young.mm == 0  # what is lighter than its skin may be paint


def test_grey_hairs_among_dark_ones_are_told_on_faces_old_enough(points):
    grey, dark = salted(points, (0.3, 0.28, 0.26)), salted(points, (0.06, 0.05, 0.045))
    assert is_salted(*grey, 0.3) and not is_salted(*grey, 0.0)
    assert not is_salted(*dark, 0.3)


@pytest.mark.parametrize("hangs_mm", [5, 15])
def test_how_far_a_beard_goes_on_below_the_chin_is_told(points, hangs_mm):
    px_per_mm = np.linalg.norm(points[263] - points[33]) / 92
    found = below_chin_mm(*photo(points, BLACK, round(hangs_mm * px_per_mm), dark=True))
    assert abs(found - hangs_mm) <= 3
    assert below_chin_mm(*photo(points, BLACK)) == 0


def test_a_beard_of_cards_has_its_own_colour_and_more_of_it_on_an_old_face():
    hair, white = Hair("short", (0.03, 0.02, 0.014), beard=0.8, beard_mm=20.0), BeardSeen(20.0, (0.4, 0.39, 0.37))
    young, old = (np.mean(coloured_beard(hair, white, greyness).beard_colour) for greyness in (0.0, 0.8))
    assert np.mean(hair.colour) < young < old < np.mean(white.albedo)
    assert old > 0.6 * np.mean(white.albedo)
    painted = Hair("short", hair.colour, beard=0.4)
    assert coloured_beard(painted, white, 0.8) == painted
