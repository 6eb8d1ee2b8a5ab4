"""What words ask of hair, after what came before: the network tells what "longer" is of, the classifier what kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.reading.hair.join import with_hair
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES


def reading(**degrees: float) -> Reading:
    """What a network would have read: these attributes surely, no others."""
    mean, probability = np.zeros(len(ATTRIBUTES)), np.zeros(len(ATTRIBUTES))
    for name, degree in degrees.items():
        mean[ATTRIBUTES.index(name)], probability[ATTRIBUTES.index(name)] = degree, 0.95
    request = HeadRequest(mean, np.zeros(len(ATTRIBUTES)), is_edit=True)
    return Reading(request, attribute_probability=probability)


def degree(found: Reading, name: str) -> float:
    return float(found.request.attribute_mean[ATTRIBUTES.index(name)])


def test_longer_after_a_beard_is_of_the_beard():
    found = with_hair(reading(beard=1.0), "longer", True, alone=False)
    assert degree(found, "beard") == 1.0 and "length_change" not in found.request.hair.said
    alone = with_hair(reading(), "longer hair", True)
    assert alone.request.hair.said["length_change"] == "longer"


@pytest.mark.parametrize("text", ["let it grow", "like two months worth"])
def test_what_only_the_turns_before_tell_is_not_taken_off(text):
    assert degree(with_hair(reading(beard=1.0), text, True, alone=False), "beard") == 1.0


def test_words_that_surely_say_nothing_of_hair_ask_for_none_when_they_stand_alone():
    assert degree(with_hair(reading(hair_length=1.0), "make the nose wider", True), "hair_length") == 0.0


def test_who_asks_for_more_of_a_beard_is_not_shaved():
    found = with_hair(reading(beard=1.0), "crescendo on the beard", True)
    assert found.request.hair.said.get("beard") != "none" and (
        degree(found, "beard") > 0 or found.request.hair.said.get("beard_change") == "longer"
    )


def test_kinds_of_hair_are_the_classifiers():
    found = with_hair(reading(hair_length=-1.0), "give her a pixie cut", True, alone=False)
    assert found.request.hair.said["kind"] == "pixie" and degree(found, "hair_length") == 0.0


def test_a_number_that_surely_is_a_measure_of_the_face_is_no_length_of_hair():
    goal = MillimetreGoal("ear_length", "value", 66.0)
    before = replace(reading(), request=replace(reading().request, millimetres=(goal,)))
    assert with_hair(before, "ear length 66 mm", False).request.millimetres == ()
    found = with_hair(replace(before, measured=frozenset((66.0,))), "ear length 66 mm", False).request
    assert found.millimetres == (goal,) and found.hair.lengths == ()
