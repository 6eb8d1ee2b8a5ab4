"""Pictures that were filled up to a square by repeating their edge show nothing there."""

import numpy as np
import pytest

from facegpt.detect.windows import Photo


@pytest.mark.parametrize("left, top, right, bottom", [(0, 25, 0, 0), (7, 0, 11, 3), (0, 0, 0, 0), (5, 5, 5, 5)])
def test_repeated_edges_are_beyond_the_ends(left, top, right, bottom):
    picture = np.random.default_rng(3).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    filled = np.pad(picture, ((top, bottom), (left, right), (0, 0)), "edge")
    assert Photo(filled).ends == (left, top, left + 120, top + 90)


def test_an_even_picture_ends_where_its_pixels_do():
    assert Photo(np.full((40, 60, 3), 128, np.uint8)).ends == (0, 0, 60, 40)


def test_a_picture_of_stripes_keeps_most_of_its_pixels():
    stripes = np.random.default_rng(4).integers(0, 256, (1, 50, 3), dtype=np.uint8).repeat(40, 0)
    left, top, right, bottom = Photo(stripes).ends
    assert (left, right) == (0, 50) and bottom - top >= 12


def test_a_picture_of_one_row_has_it():
    assert Photo(np.random.default_rng(5).integers(0, 256, (1, 50, 3), dtype=np.uint8)).ends == (0, 0, 50, 1)
