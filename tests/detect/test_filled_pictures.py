"""Pictures that were filled up to a square by repeating their edge show nothing there."""

import numpy as np
import pytest

from facegpt.detect.windows import Photo, Window


@pytest.mark.parametrize("left, top, right, bottom", [(0, 25, 0, 0), (7, 0, 11, 3), (0, 0, 0, 0), (5, 5, 5, 5)])
def test_repeated_edges_are_beyond_the_ends(left, top, right, bottom):
    picture = np.random.default_rng(3).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    filled = np.pad(picture, ((top, bottom), (left, right), (0, 0)), "edge")
    assert Photo(filled).ends == (left, top, left + 120, top + 90)


def test_an_even_picture_ends_where_its_pixels_do():
    assert Photo(np.full((40, 60, 3), 128, np.uint8)).ends == (0, 0, 60, 40)


@pytest.mark.parametrize("colour", [0, 128, 255])
@pytest.mark.parametrize("left, top, right, bottom", [(0, 25, 0, 25), (40, 0, 40, 0), (12, 9, 7, 5)])
def test_bars_of_one_colour_are_beyond_the_ends(left, top, right, bottom, colour):
    picture = np.random.default_rng(6).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    filled = np.pad(picture, ((top, bottom), (left, right), (0, 0)), constant_values=colour)
    assert Photo(filled).ends == (left, top, left + 120, top + 90)


def test_a_head_before_a_white_wall_has_the_wall():
    picture = np.full((100, 100, 3), 255, np.uint8)
    rows, columns = np.indices((100, 100))
    picture[np.hypot(rows - 55, columns - 50) < 30] = 90
    assert Photo(picture).ends == (0, 0, 100, 100)


def test_a_picture_of_stripes_keeps_most_of_its_pixels():
    stripes = np.random.default_rng(4).integers(0, 256, (1, 50, 3), dtype=np.uint8).repeat(40, 0)
    left, top, right, bottom = Photo(stripes).ends
    assert (left, right) == (0, 50) and bottom - top >= 4


def test_a_picture_of_one_row_has_it():
    assert Photo(np.random.default_rng(5).integers(0, 256, (1, 50, 3), dtype=np.uint8)).ends == (0, 0, 50, 1)


@pytest.mark.parametrize("mode", ["edge", "constant"])
@pytest.mark.parametrize("side", [30.0, 90.0, 260.0])
def test_windows_see_filled_pictures_as_they_see_the_picture_alone(mode, side):
    picture = np.random.default_rng(7).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    filled = np.pad(picture, ((32, 16), (16, 48), (0, 0)), mode)
    for repeated in (True, False):
        alone = Photo(picture).crop(Window(60.0, 50.0, side, 0.3), 40, repeated)
        np.testing.assert_allclose(Photo(filled).crop(Window(76.0, 82.0, side, 0.3), 40, repeated), alone, atol=1e-5)
