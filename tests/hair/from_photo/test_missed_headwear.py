"""What is said of something on a head that no network takes for headwear: pictures of which everything is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import linear_to_srgb
from facegpt.encode.parts import BACKGROUND, HAIR, HAT, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.hair.from_photo.colours_alike import plainly_unlike, unlike
from facegpt.hair.from_photo.missed_headwear import misses_headwear, with_disputed_cloth

SKIN_COLOUR, HAIR_COLOUR, WALL, STRAW = (0.45, 0.28, 0.2), (0.02, 0.015, 0.012), (0.1, 0.2, 0.4), (0.6, 0.5, 0.1)
ROWS, COLUMNS = np.indices((MAP_PX, MAP_PX))


@pytest.fixture
def points(head):
    """The detector's points of a head that looks into a camera (478, 2), px of a map of parts."""
    places = head.embedding("mediapipe478")(head.mean_vertices)
    return np.column_stack([96 + places[:, 0] * 0.42, 90 - places[:, 1] * 0.42])


def photo(points, above, disputed=True, wall=None, belief=0.5):
    """A face with dark hair and a ring of a colour above it: the picture and the map of its parts.

    belief: in a hat, of the ring where it is disputed.
    """
    low, high = points[:468].min(0), points[:468].max(0)
    sizes = np.linalg.norm((np.stack([COLUMNS, ROWS], -1) - (low + high) / 2) / (high - low) * 2, axis=-1)
    eyes = points[33, 1]
    face, hair = sizes < 0.95, (sizes < 1.25) & (eyes > ROWS)
    ring = (sizes < 1.6) & (eyes - 8 > ROWS) & ~hair & ~face
    picture = np.broadcast_to(np.float32(WALL), (MAP_PX, MAP_PX, 3)).copy() if wall is None else wall.copy()
    kinds = np.full((MAP_PX, MAP_PX), BACKGROUND)
    for where, colour, kind in ((ring, above, BACKGROUND), (hair, HAIR_COLOUR, HAIR), (face, SKIN_COLOUR, SKIN)):
        kinds[where] = kind
        if colour is not None:
            picture[where] = colour
    srgb = np.round(linear_to_srgb(picture) * 255).astype(np.uint8)
    beliefs = np.eye(len(PARTS), dtype=np.float32)[kinds]
    if disputed:
        beliefs[ring] = 0
        beliefs[ring, HAT], beliefs[ring, BACKGROUND] = belief, 1 - belief
    return srgb, FaceParts(
        beliefs, np.ones_like(ring), np.eye(2, 3), None, points, ring if disputed else np.zeros_like(ring)
    )


def patches():
    """A wall of many colours (S, S, 3)."""
    cells = np.random.default_rng(0).uniform(0.02, 0.7, (12, 12, 3)).astype(np.float32)
    return cells.repeat(16, 0).repeat(16, 1)


def test_straw_above_hair_that_the_networks_disagree_on_is_told_before_any_wall(points):
    assert misses_headwear(*photo(points, STRAW))
    assert misses_headwear(*photo(points, STRAW, wall=np.full((MAP_PX, MAP_PX, 3), WALL, np.float32)))


@pytest.mark.parametrize("colour", [HAIR_COLOUR, SKIN_COLOUR, WALL])
def test_a_dispute_on_hair_skin_or_wall_is_none(points, colour):
    assert not misses_headwear(*photo(points, colour, wall=None if colour == WALL else patches()))


def test_another_colour_above_hair_is_told_before_an_even_wall_alone(points):
    assert misses_headwear(*photo(points, STRAW, disputed=False))
    assert not misses_headwear(*photo(points, None, disputed=False, wall=patches()))


def test_where_points_or_the_dispute_are_not_told_nothing_is(points):
    picture, parts = photo(points, STRAW)
    assert not misses_headwear(picture, replace(parts, disputed=None))
    assert not misses_headwear(picture, replace(parts, points=None))


def test_cloth_that_the_networks_disagree_on_is_headwear(points):
    picture, parts = photo(points, STRAW)
    worn = with_disputed_cloth(picture, parts)
    ring = parts.disputed
    assert (worn.share(HAT)[ring] > 0.8).mean() > 0.9
    assert np.array_equal(worn.probabilities[~ring], parts.probabilities[~ring])
    assert np.allclose(worn.probabilities.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("colour", [HAIR_COLOUR, SKIN_COLOUR])
def test_a_dispute_on_hair_or_skin_is_no_headwear(points, colour):
    picture, parts = photo(points, colour, wall=patches())
    assert with_disputed_cloth(picture, parts) is parts
    assert with_disputed_cloth(*photo(points, STRAW, disputed=False)).share(HAT).max() == 0


def test_what_our_network_hardly_takes_for_headwear_is_none(points):
    picture, parts = photo(points, STRAW, belief=0.2, wall=patches())
    assert not misses_headwear(picture, parts)
    assert with_disputed_cloth(picture, parts) is parts


@pytest.mark.parametrize(("share", "off"), [(0.001, 4.0), (0.03, 6.0), (0.5, 20.0)])
def test_unlike_colours_are_those_of_the_slow_way(share, off):
    draw = np.random.default_rng(int(off))
    colours, region = draw.normal(0, 12, (400, 3)), draw.normal(3, 8, (700, 3))
    assert np.array_equal(unlike(colours, region, share, off), plainly_unlike(colours, region, share, off))
