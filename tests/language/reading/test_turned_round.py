"""Years as numbers, and clauses that are turned round: no change goes the opposite way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import with_traits
from facegpt.language.reading.edits.years_more import with_years_more, years_more
from facegpt.language.reading.turned_round import (
    LESS,
    SLIGHTLY_LESS,
    slight_clauses,
    turned_round,
    with_slight,
    without_turns,
)
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request

AGE, SKIN, NOSE = (ATTRIBUTES.index(name) for name in ("age", "skin_lightness", "nose_width"))


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("two years younger", -2),
        ("make her ten years younger please", -10),
        ("30 years older", 30),
        ("a decade older", 10),
        ("two decades younger", -20),
        ("add five years", 5),
        ("take 15 years off him", -15),
        ("younger by 15 years", -15),
        ("older, about 20 years", 20),
        ("older, 50 years old", None),
        ("twenty-five years later", 25),
        ("how will she look in fifteen years?", 15),
        ("and twenty years from now?", 20),
        ("him a decade ago", -10),
        ("make him fifty years old", None),
        ("a 30 year old woman", None),
        ("make the nose 3 mm narrower", None),
        ("younger", None),
    ],
)
def test_years_are_read_as_a_number_with_a_direction(text, years):
    assert years_more(text) == years


def asked(**degrees: float):
    request = replace(open_request(), is_edit=True, attribute_spread=np.zeros(len(ATTRIBUTES)))
    mean = np.zeros(len(ATTRIBUTES))
    for name, degree in degrees.items():
        mean[ATTRIBUTES.index(name)] = degree
    return replace(request, attribute_mean=mean)


def test_the_age_that_is_reached_is_the_present_one_and_the_years():
    changed = with_years_more(asked(age=-1.5), "ten years younger", now=52.0)
    assert changed.age_years == (42.0, 42.0) and changed.attribute_mean[AGE] == 0
    assert with_years_more(asked(age=-1.5), "ten years younger", now=float("nan")).age_years is None


@pytest.mark.parametrize(
    ("text", "clause", "share"),
    [
        ("less dark skin", "dark skin", -LESS),
        ("a wider nose and make the skin less dark, please", "make the skin dark", -LESS),
        ("a man whose nose is not so wide", "a man whose nose is wide", -LESS),
        ("the opposite of a round face", "a round face", -1.0),
        ("a wide nose", None, None),
        ("less", None, None),
        ("a little less nose please", "bigger nose please", -SLIGHTLY_LESS),
        ("much less chin", "bigger chin", -LESS),
        ("a bit less of the ears", "bigger ears", -SLIGHTLY_LESS),
        ("a smaller nose, less dark circles", "dark circles", -LESS),
    ],
)
def test_a_turned_clause_is_found_without_its_turn(text, clause, share):
    assert without_turns(text) == ([] if clause is None else [(clause, share)])


def test_every_turned_clause_is_found():
    assert [clause for clause, _ in without_turns("less dark circles and a bit less pale")] == [
        "dark circles",
        "pale",
    ]


def test_less_of_a_movement_is_less_than_the_face_shows():
    smile = [k for k, name in enumerate(ARKIT_NAMES) if name.startswith("mouthSmile")]
    worn, weights, named = np.zeros(52), np.zeros(52), np.zeros(52, bool)
    worn[smile], weights[smile], named[smile] = 0.25, 0.5, True
    read = replace(asked(), expression=weights, expression_named=named)
    less = turned_round(read, read, -LESS, worn)
    assert (less.expression[smile] < 0.25).all() and (less.expression[smile] > 0).all()
    assert np.array_equal(turned_round(read, read, -LESS).expression, weights)  # of a head whose face is not known


def test_what_goes_the_wrong_way_is_turned_and_what_goes_the_right_way_stays():
    wrong = turned_round(asked(skin_lightness=-1.0, nose_width=1.0), asked(skin_lightness=-1.2), -LESS)
    assert wrong.attribute_mean[SKIN] == pytest.approx(1.2 * LESS) and wrong.attribute_mean[NOSE] == 1.0
    right = turned_round(asked(skin_lightness=0.4), asked(skin_lightness=-1.2), -LESS)
    assert right.attribute_mean[SKIN] == 0.4


@pytest.mark.parametrize(
    ("text", "slight"),
    [
        ("a slightly bigger mouth", ["a slightly bigger mouth"]),
        ("a bit more manly", ["a bit more manly"]),
        ("a little wider nose, full lips", ["a little wider nose"]),
        ("a little nose", []),
        ("a bigger mouth", []),
    ],
)
def test_slight_words_make_the_degrees_of_their_clause_slight(text, slight):
    assert slight_clauses(text) == slight


def test_a_slight_degree_is_half_a_step_and_other_traits_keep_theirs():
    start = replace(open_request(True), is_edit=True)
    asked = with_traits(start, {"mouth_width": 0.9, "nose_width": -1.0}, 0.3)
    found = with_slight(asked, with_traits(start, {"mouth_width": 0.8}, 0.3))
    assert found.attribute_mean[ATTRIBUTES.index("mouth_width")] == 0.5 and found.attribute_mean[NOSE] == -1.0
