"""What is painted into the corners of the eyes lies where a detector finds them, alike on both sides."""

import numpy as np
import pytest

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.eyes_and_teeth.corners import corners
from facegpt.morphable.makehuman import head as makehuman

SIZE = 1024
#: MediaPipe's corners of the left eye: towards the nose and towards the temple.
INNER, OUTER = 362, 263


@pytest.fixture(scope="module")
def head():
    return makehuman.load()


@pytest.fixture(scope="module")
def painted(head):
    """Places (N, 3) mm of the mean head that are painted, and what is added to the log of their colour (N, 3)."""
    texels, change = corners(head, SIZE)
    atlas = atlas_of(head, SIZE)
    about = np.zeros(SIZE * SIZE, bool)
    about[texels] = True
    place = atlas.interpolate(np.asarray(head.mean_vertices), about.reshape(SIZE, SIZE)).reshape(-1, 3)[texels]
    return place, change


def corner_points(head):
    """The detector's corners of the left eye on the mean head, (2, 3) mm."""
    return np.asarray(head.embedding("mediapipe478")(np.asarray(head.mean_vertices)))[[INNER, OUTER]]


def left_of(painted):
    place, change = painted
    return place[place[:, 0] > 0], change[place[:, 0] > 0]


def test_all_of_it_lies_within_millimetres_of_the_corners_that_a_detector_finds(head, painted):
    place, _ = left_of(painted)
    away = np.linalg.norm(place[:, None, :2] - corner_points(head)[:, :2], axis=-1)
    assert away.min(1).max() < 7.0
    assert (away[:, 0] < 5).any() and (away[:, 1] < 5).any()


def test_towards_the_nose_there_is_pink_flesh_and_towards_the_temple_only_shade(head, painted):
    place, change = left_of(painted)
    inner, outer = corner_points(head)[:, 0]
    nasal = place[:, 0] < (inner + outer) / 2
    redder = change[:, 0] - change[:, 1]
    assert redder[nasal].max() > 0.2
    assert np.abs(change[~nasal] - change[~nasal].mean(1, keepdims=True)).max() < 1e-5
    assert change[~nasal].max() <= 0 and change[~nasal].min() < -0.3
    assert change[:, 1:].max() <= 0  # nothing glows


def test_it_is_painted_on_skin_alone_and_on_both_sides_alike(head, painted):
    texels, change = corners(head, SIZE)
    assert (atlas_of(head, SIZE).part.ravel()[texels] == head.part_names.index("skin")).all()
    place, _ = painted
    left, right = place[:, 0] > 0, place[:, 0] < 0
    assert left.sum() == pytest.approx(right.sum(), rel=0.05)
    assert change[left].sum(0) == pytest.approx(change[right].sum(0), rel=0.05)


def test_a_finer_texture_shows_the_same_in_four_times_as_many_texels(head):
    (few, coarse), (many, fine) = corners(head, SIZE // 2), corners(head, SIZE)
    assert len(many) / len(few) == pytest.approx(4, rel=0.1)
    assert fine.sum(0) / coarse.sum(0) == pytest.approx([4, 4, 4], rel=0.1)
