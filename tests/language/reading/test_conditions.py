"""Conditions beside emotions: what is drawn for tired or strict people, and for whom none is read."""

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.conditions_network import Named, is_open, load_conditions, with_condition
from facegpt.language.targets import ATTRIBUTES

NONE = np.zeros(len(ATTRIBUTES))


def test_every_condition_has_a_look_of_known_units_within_bounds():
    for name, look in load_conditions().items():
        assert set(look.units) <= set(ARKIT_NAMES), name
        assert all(0 < weight <= 1 for weight in look.units.values()), name
        assert set(look.skin) <= set(ATTRIBUTES), name
        assert look.units or look.skin, name


def test_a_condition_is_drawn_where_the_expression_is_open():
    found = with_condition(HeadRequest(NONE, NONE + 1), Named("tired", False, 0.99))
    assert found.expression[ARKIT_NAMES.index("eyeBlinkLeft")] == pytest.approx(0.35) and found.expression_named.any()
    assert found.attribute_mean[ATTRIBUTES.index("eye_bags")] > 0


def test_the_skin_of_a_condition_is_drawn_whatever_the_face_does():
    squints = np.isin(ARKIT_NAMES, ["eyeSquintLeft", "eyeSquintRight"])
    asked = HeadRequest(NONE, NONE + 1, expression=0.7 * squints, expression_named=squints)
    found = with_condition(asked, Named("sunburnt", False, 0.99))
    assert found.attribute_mean[ATTRIBUTES.index("skin_redness")] > 1
    assert np.array_equal(found.expression, asked.expression)


def test_a_denied_condition_is_taken_back():
    found = with_condition(HeadRequest(NONE, NONE, is_edit=True), Named("tired", True, 0.99))
    shut = ARKIT_NAMES.index("eyeBlinkLeft")
    assert found.expression_named[shut] and found.expression[shut] == 0
    assert found.attribute_mean[ATTRIBUTES.index("eye_bags")] < 0


def test_calm_beside_rest_ends_what_the_face_shows():
    asked = HeadRequest(NONE, NONE, is_edit=True, emotion="neutral")
    assert with_condition(asked, Named("calm", False, 0.99)) is asked


@pytest.mark.parametrize("request_", [HeadRequest(NONE, NONE, emotion="anger")])
def test_an_expression_that_is_named_stays(request_):
    assert not is_open(request_) and is_open(HeadRequest(NONE, NONE, emotion="neutral"))


@pytest.mark.parametrize(
    ("text", "closes_eyes"),
    [("an exhausted gardener", True), ("a sad and tired gardener", False), ("a heartbroken gardener", False)],
)
def test_a_condition_is_not_its_nearest_emotion_unless_words_name_that(shipped_words, text, closes_eyes):
    request = shipped_words.read(text).request
    assert (request.emotion == "") == closes_eyes
    assert bool(request.expression[ARKIT_NAMES.index("eyeBlinkLeft")] > 0.2) == closes_eyes


@pytest.mark.parametrize(
    ("text", "closes_eyes"),
    [
        ("retired fisherman, weathered face, white beard", False),
        ("a tired old man", True),
        ("a tired retired teacher", True),
        ("a tired fisherman of sixty", True),
    ],
)
def test_a_word_that_tells_the_age_is_no_condition(shipped_words, text, closes_eyes):
    request = shipped_words.read(text).request
    assert request.age_years is not None
    assert bool(request.expression[ARKIT_NAMES.index("eyeBlinkLeft")] > 0) == closes_eyes


@pytest.mark.slow
@pytest.mark.parametrize("text", ["a jealous husband", "a woman green with envy"])
def test_jealousy_is_no_smile_and_looks_aside(shipped_words, text):
    request = shipped_words.read(text).request
    weights = dict(zip(ARKIT_NAMES, request.expression, strict=True))
    assert weights["eyeLookOutLeft"] > 0.3 and weights["browDownLeft"] > 0.3 and weights["mouthSmileLeft"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("text", ["she treats him like dirt", "she dislikes her colleague", "he finds him pathetic"])
def test_other_feelings_towards_somebody_are_no_jealousy(shipped_words, text):
    request = shipped_words.read(text).request
    assert dict(zip(ARKIT_NAMES, request.expression, strict=True))["eyeLookOutLeft"] < 0.3


def test_worry_is_a_fear_with_the_mouth_shut():
    afraid = HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES)), emotion="fear", intensity=0.5)
    worried = with_condition(afraid, Named("worried", False, 0.95))
    jaw = ARKIT_NAMES.index("jawOpen")
    assert worried.emotion == "fear" and worried.expression_named[jaw] and worried.expression[jaw] == 0
    assert worried.expression[ARKIT_NAMES.index("browInnerUp")] > 0.5
    terrified = replace(afraid, intensity=1.0)
    assert not with_condition(terrified, Named("worried", False, 0.95)).expression_named.any()
