"""Doubtful beards of photos: drawn on maps of parts of which everything is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import linear_to_srgb
from facegpt.detect.outlines import in_hull
from facegpt.encode.parts import BEARD, HAIR, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.hair.from_photo.beards.agreed import MOUTH, agreed_beard
from facegpt.hair.from_photo.beards.seen import CHIN, JAWS, beard_seen

EVEN = np.concatenate([np.full((1, 3), np.sqrt(4 * np.pi)), np.zeros((8, 3))]).astype(np.float32)
FAIR, BLACK = (0.45, 0.28, 0.2), (0.02, 0.015, 0.012)
COLUMNS, ROWS = np.meshgrid(np.arange(MAP_PX), np.arange(MAP_PX))
GRID = np.stack([COLUMNS, ROWS], -1).astype(float)


@pytest.fixture
def points(head):
    """The detector's points of a head that looks into a camera (478, 2), px of a map of parts."""
    places = head.embedding("mediapipe478")(head.mean_vertices)
    return np.column_stack([96 + places[:, 0] * 0.42, 90 - places[:, 1] * 0.42])


def within(points, *rings):
    return np.any([in_hull(GRID, points[list(ring)]) for ring in rings], axis=0)


def photo(points, where, belief=1.0, colour=BLACK):
    """A face with a colour somewhere (S, S), which the network takes for a beard with a belief."""
    picture = np.broadcast_to(np.float32(FAIR), (MAP_PX, MAP_PX, 3)).copy()
    picture[where] = colour
    beliefs = np.zeros((MAP_PX, MAP_PX, len(PARTS)), np.float32)
    beliefs[..., SKIN] = 1 - belief * where
    beliefs[..., BEARD] = belief * where
    srgb = np.round(linear_to_srgb(picture) * 255).astype(np.uint8)
    return srgb, FaceParts(beliefs, np.ones((MAP_PX, MAP_PX), bool), np.eye(2, 3), None, points)


def test_stubble_of_which_no_pixel_is_seen_is_none(points):
    nowhere = np.zeros((MAP_PX, MAP_PX), bool)
    assert agreed_beard(*photo(points, nowhere), 0.35) == 0
    assert agreed_beard(*photo(points, nowhere), 0.7) == 0.7


def test_faint_stubble_stays(points):
    assert agreed_beard(*photo(points, within(points, *CHIN, *JAWS), 0.1, FAIR), 0.35) == 0.35


def test_shade_over_chin_and_mouth_is_no_beard(points):
    lower = points[[61, 291], 1].min() - 5 < ROWS
    assert agreed_beard(*photo(points, lower & ~within(points, *MOUTH)), 0.39) >= 0.39
    assert agreed_beard(*photo(points, lower), 0.39) == 0


def test_dark_hair_that_covers_chin_and_jaws_is_a_beard_and_no_stubble(points):
    covers = within(points, *CHIN, *JAWS)
    assert agreed_beard(*photo(points, covers), 0.35) >= 0.5
    assert agreed_beard(*photo(points, covers, 0.5), 0.35) >= 0.5
    told = [agreed_beard(*photo(points, covers, share), 0.35) for share in (0.3, 0.38, 0.42, 0.46, 0.55)]
    assert told == sorted(told) and np.diff(told).max() < 0.1  # no photo stands on the edge of another beard
    assert agreed_beard(*photo(points, covers, colour=(0.25, 0.15, 0.1)), 0.35) == 0.35


def test_hair_of_the_chin_alone_is_a_goatee(points):
    assert beard_seen(*photo(points, within(points, *CHIN), 0.5), EVEN, 0.4, 0.0).shape == "goatee"
    assert beard_seen(*photo(points, within(points, *CHIN, *JAWS), 0.5), EVEN, 0.4, 0.0) is None


def test_a_grey_chin_under_grey_hair_is_a_beard_at_any_age(points):
    chin = within(points, *CHIN)
    picture, parts = photo(points, chin, 0.0, FAIR)
    stripes = chin & ((ROWS + COLUMNS) % 2 == 0)
    picture[chin], picture[stripes] = (150, 145, 140), (190, 189, 188)
    young = beard_seen(picture, parts, EVEN, 0.08, 0.03)
    assert young is None or young.amount == 0
    top = points[10, 1] > ROWS
    picture[top] = 185
    picture[top & (COLUMNS % 7 == 0)] = 180  # of one colour it would be a bar that fills the picture up
    beliefs = parts.probabilities.copy()
    beliefs[top] = np.eye(len(PARTS), dtype=np.float32)[HAIR]
    found = beard_seen(picture, replace(parts, probabilities=beliefs), EVEN, 0.08, 0.03)
    assert found.shape == "goatee" and found.amount > 0
