"""Words that are said otherwise before they are read, and those that decide alone."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.rewordings import reword
from facegpt.language.reading.rules.places import settle_places
from facegpt.language.targets import ATTRIBUTES

K = len(ATTRIBUTES)


def request(**given) -> HeadRequest:
    return HeadRequest(np.zeros(K), np.zeros(K), is_edit=True, **given)


def weights(text: str) -> dict[str, float]:
    found = settle_places(request(), text)
    return {n: w for n, w, named in zip(ARKIT_NAMES, found.expression, found.expression_named, strict=True) if named}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("swap the smile for a frown", "a frown, no smile"),
        ("give him prognathism", "give him a jutting chin"),
        ("an old man in a red hat", "an old man"),
        ("a woman with a wreath of flowers in her hair", "a woman"),
        ("a woman with thin pale lips", "a woman with thin lips"),
        ("a man with a broad nose", "a man with a broad nose"),
        ("a girl with red hair and full lips", "a girl with red hair and full lips"),
    ],
)
def test_other_words_are_said_plainly(text, said):
    assert reword(text) == said


@pytest.mark.parametrize(
    ("text", "degree"), [("make her eyes blue", 1.0), ("a green-eyed man", 0.5), ("her eyes should be brown", -1.0)]
)
def test_the_colour_of_eyes_says_nothing_of_the_skin(text, degree):
    given = request()
    given.attribute_mean[ATTRIBUTES.index("skin_lightness")] = 1.0
    found = settle_places(given, text)
    assert found.attribute_mean[ATTRIBUTES.index("iris_lightness")] == degree
    assert found.attribute_mean[ATTRIBUTES.index("skin_lightness")] == 0


def test_a_look_to_one_side_is_none_to_the_other():
    assert {n for n, w in weights("look up").items() if w > 0} == {"eyeLookUpLeft", "eyeLookUpRight"}
    assert {n for n, w in weights("have her look to her left").items() if w > 0} == {"eyeLookOutLeft", "eyeLookInRight"}
    assert weights("she looks like her mother") == {}


def test_openings_have_their_size():
    slight, plain, wide = (weights(f"open the mouth{how}")["jawOpen"] for how in (" slightly", "", " very wide"))
    assert 0 < slight < 0.5 < plain < wide <= 1


def test_a_place_of_the_mouth_is_the_way_from_the_nose():
    (goal,) = settle_places(request(), "mouth 3 mm lower").millimetres
    assert (goal.measure, goal.kind, goal.amount) == ("philtrum_length", "change", 3.0)
    assert settle_places(request(), "raise the mouth by 2 mm").millimetres[0].amount == -2.0


def test_an_edit_into_a_man_changes_the_sex():
    assert settle_places(request(), "turn her into a man").man > 0.9
    assert settle_places(request(), "make the man smile").man == 0.5
