"""What comes back of the words: what was understood of them, and what of them a head cannot show."""

from __future__ import annotations

import re

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.told.words import in_words, phrase, phrases
from facegpt.generate.understood import understood
from facegpt.language.hair_wish import HAIR_SLOTS
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES


def request(degrees=None, weights=None, is_edit=False, **others) -> HeadRequest:
    """A request that names some degrees (SDs) and weights, and nothing else."""
    mean, spread = np.zeros(len(ATTRIBUTES)), np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    for name, degree in (degrees or {}).items():
        mean[ATTRIBUTES.index(name)] = degree
        spread[ATTRIBUTES.index(name)] = 0.0 if is_edit else 0.3
    expression, named = np.zeros(len(ARKIT_NAMES)), np.zeros(len(ARKIT_NAMES), bool)
    for name, weight in (weights or {}).items():
        expression[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    return HeadRequest(mean, spread, expression=expression, expression_named=named, is_edit=is_edit, **others)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (request(), []),
        (request(is_edit=True), []),
        (request(man=0.02), ["sex: woman"]),
        (request(man=0.97, age_years=(60.0, 80.0)), ["sex: man", "age: 60 to 80 years"]),
        (request(age_years=(50.0, 50.0)), ["age: 50 years"]),
        (request({"nose_width": 1.0, "eye_size": -1.55}), ["nose_width +1 SD", "eye_size -1.6 SD"]),
        (request({"nose_width": 0.0}), ["nose_width average"]),
        (request({"beard": 1.0}), ["beard +1 step"]),
        (request({"jaw_width": -0.5}, is_edit=True, keeps=True), ["jaw_width -0.5 SD", "all else stays"]),
        (request(emotion="happiness", intensity=0.8), ["emotion: happiness 0.8"]),
        (request(emotion="neutral", intensity=0.0), ["emotion: neutral"]),
        (request(weights={"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7}), ["mouthSmile 0.7"]),
        (request(weights={"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.0}), ["eyeBlinkLeft 0.9", "eyeBlinkRight 0"]),
        (request(weights={"jawLeft": 0.5, "jawOpen": 0.0}), ["jawLeft 0.5", "jawOpen 0"]),
        (request(peoples=("east_asian",)), ["people: east asian"]),
    ],
)
def test_a_request_is_told_in_short_strings(asked, told):
    assert sorted(understood(asked)) == sorted(told)


def test_numbers_are_told_with_their_unit_and_kind():
    goals = [("value", 52.0), ("change", -3.0), ("min", 50.0), ("max", 40.5), ("percent", 10.0)]
    asked = request(millimetres=tuple(MillimetreGoal("lip_length", *goal) for goal in goals))
    assert understood(asked) == [
        "lip_length 52 mm",
        "lip_length -3 mm",
        "lip_length at least 50 mm",
        "lip_length at most 40.5 mm",
        "lip_length +10 %",
    ]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("nose_width +1 SD", "wider nose"),
        ("upper_lip_fullness -2 SD", "thinner upper lip"),
        ("age -1 SD", "younger"),
        ("cheekbone_prominence +0.8 SD", "high cheekbones"),
        ("hair_length +2 step", "longer hair"),
        ("mouthSmile 0.6", "smiling"),
        ("nose_breadth +3 mm", "nose 3 mm wider"),
        ("sex: woman", "a woman"),
    ],
)
def test_a_part_is_said_as_people_say_it(label, said):
    assert in_words(label) == said


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("nose_width +1 SD", "a wider nose, clearly"),
        ("upper_lip_fullness -2 SD", "a thinner upper lip, extremely"),
        ("nose_size +1.4 SD", "a larger nose, very much"),
        ("nose_size +1.8 SD", "a larger nose, extremely"),
        ("ear_size +0.4 SD", "larger ears, slightly"),
        ("eye_height -1 SD", "narrow eyes, clearly"),
        ("mouthSmile 0.3", "smiling, slightly"),
        ("jawOpen 0", "mouth closed"),
        ("eyeBlinkLeft 0.9", "left eye closed"),
        ("age: 48 years", "48 years"),
        ("emotion: fear 0.9", "afraid, strongly"),
        ("emotion: surprise 0.4", "surprised, slightly"),
        ("lip_length at least 50 mm", "mouth at least 50 mm wide"),
        ("head_circumference -3 mm", "head circumference 3 mm less"),
        ("glasses: round, dark lenses", "round glasses with dark lenses"),
        ("beard: none", "no beard"),
    ],
)
def test_a_part_is_said_with_its_degree(label, said):
    assert phrase(label) == said


def test_what_is_said_of_one_head_of_hair_is_said_in_one():
    labels = ["age: 48 years", "hair curl: wavy", "hair length: shoulder", "hair grey: full", "hair fringe: blunt"]
    assert phrases(labels) == ["48 years", "grey, shoulder-length, wavy hair", "a blunt fringe"]


def test_no_part_is_told_by_the_name_that_programs_use():
    labels = [f"{name} {side}1 SD" for name in ATTRIBUTES for side in "+-"] + [f"{name} 0.5" for name in ARKIT_NAMES]
    labels += [f"hair {slot}: {value}".replace("_", " ") for slot in HAIR_SLOTS for value in HAIR_SLOTS[slot]]
    for label in labels:
        told = phrase(label)
        assert told and not re.search(r"_|SD|[a-z][A-Z]|: |[+-]\d", told), (label, told)
