"""Somebody else among a person's photos: descriptors that are placed by hand, and what is said of them."""

from __future__ import annotations

import numpy as np

from facegpt import Face, Pose
from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.reconstruct.several_photos import OtherPhotos, PersonViews
from facegpt.reconstruct.strangers import Stranger, other_people, strangers
from facegpt_lab.evaluate.protocols import person


def described(*places: tuple[float, float]) -> np.ndarray:
    """Descriptors (N, 128) that lie so in a plane."""
    out = np.zeros((len(places), 128))
    out[:, :2] = places
    return out


ALL = np.ones(8, bool)


def test_the_one_photo_of_somebody_else_is_found():
    told = strangers(described((0, 0), (0.3, 0), (0.95, 0.6), (0.1, 0.2)), np.full(4, 200.0), ALL[:4])
    assert [one.row for one in told] == [2] and abs(told[0].distance - np.hypot(0.65, 0.6)) < 1e-9


def test_years_a_beard_and_make_up_keep_a_person_together():
    """Each photo is near one that is near the first, or not surely far: .6 to .7 is nobody's bound."""
    assert strangers(described((0, 0), (0.5, 0), (0.0, 0.45), (0.68, 0.0)), np.full(4, 200.0), ALL[:4]) == []


def test_of_two_people_with_as_many_photos_the_larger_faces_are_the_person():
    both = described((0, 0), (0.2, 0), (0, 0.9), (0.2, 0.9))
    assert [one.row for one in strangers(both, np.array([300.0, 280, 90, 80]), ALL[:4])] == [2, 3]
    assert [one.row for one in strangers(both, np.array([30.0, 28, 90, 80]), ALL[:4])] == [0, 1]


def test_a_face_that_is_turned_away_or_covered_is_nobodys_stranger():
    seen = np.array([True, True, False])
    assert strangers(described((0, 0), (0.2, 0), (1.2, 0)), np.full(3, 200.0), seen) == []
    assert strangers(described((1.2, 0)), np.full(1, 200.0), ALL[:1]) == []


def test_a_sentence_names_the_photo_and_why():
    (told,) = other_people(["a.jpg", "b.jpg"], [Stranger(1, 0.812)])
    assert told.startswith("b.jpg looks like somebody else (0.81") and "left out" in told


def test_advice_calls_photos_by_their_names_whichever_are_left_out(head):
    frontal = person.views_of(head, 1)[0].replace(pose=Pose(HEAD_TO_CAMERA_AXES, np.array([0.0, 0.0, 800.0])))
    others = OtherPhotos((Stranger(1, 0.9),), faceless=(2,))
    found = PersonViews([Face(head, frontal)] * 2, [0, 3], None, others=others, names=("1.jpg", "2.jpg", "3", "4"))
    said = found.advice_on(["a.jpg", "b.jpg", "none.jpg", "d.jpg"])
    assert said[0] == "no face was found in none.jpg, so it was left out"
    assert said[1].startswith("b.jpg looks like somebody else")
    assert found.advice[1].startswith("2.jpg looks like somebody else")
