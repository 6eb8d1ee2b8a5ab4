"""Which photos of a person are taken of many, and what is said of those that are missing."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import rotation_from_euler_deg
from facegpt.reconstruct.photo_choice import advice, refusals, spread_out
from facegpt.types import Detection


def face(yaw_deg: float, width: float = 200.0) -> Detection:
    points = np.zeros((478, 3))
    points[1] = [width, width * 1.3, 0]
    return Detection(points, np.zeros(52), 1.0, rotation_from_euler_deg(yaw_deg, 0, 0))


def test_of_two_hundred_photos_twelve_are_taken_that_are_turned_differently():
    yaws = [*np.random.default_rng(0).normal(0, 3, 196), 35.0, -35.0, 20.0, -20.0]
    chosen = spread_out([face(yaw) for yaw in yaws], 12)
    assert len(chosen) == 12 == len(set(chosen)) and chosen == sorted(chosen)
    assert {196, 197, 198, 199} <= set(chosen)


def test_a_large_face_is_taken_before_a_small_one_of_the_same_turn():
    faces = [face(0), face(30, 40), face(30), face(-30), face(-30, 40)]
    assert spread_out(faces, 3) == [0, 2, 3]


def test_few_photos_are_all_taken():
    assert spread_out([face(0), face(0.1)], 12) == [0, 1]


@pytest.mark.parametrize(
    ("yaws", "agreed", "says"),
    [
        ((0, 3, -4), True, "from the front"),
        ((0, 25), True, "the person's right"),
        ((0, -25), True, "the person's left"),
        ((0, 25, -25), False, "could not be matched"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(yaws, agreed, says):
    (sentence,) = advice([rotation_from_euler_deg(yaw, 0, 0) for yaw in yaws], agreed)
    assert says in sentence


def test_nothing_is_said_where_nothing_is_missing():
    assert advice([rotation_from_euler_deg(yaw, 0, 0) for yaw in (0, 25, -25)], True) == []


def test_photos_that_do_not_match_are_named():
    assert refusals([]) == []
    assert refusals(["b.jpg"])[0].startswith("b.jpg does not match the other photos")
    assert refusals(["a.jpg", "b.jpg", "c.jpg"])[0].startswith("a.jpg, b.jpg and c.jpg do not match")
