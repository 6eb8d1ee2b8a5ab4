"""Requests in the fewest words: their labels against what stands in them."""

import re

import pytest

from facegpt_lab.synthesis.texts.terse import terse_requests
from facegpt_lab.train.words.turn_examples import example_of_turn


@pytest.fixture(scope="module")
def turns():
    return terse_requests(1200, seed=2)


def test_they_are_the_same_for_the_same_seed_and_differ_for_another(turns):
    assert terse_requests(20, seed=2) == turns[:20] != terse_requests(20, seed=3)
    assert len({turn.key for turn in turns}) == len(turns)


def test_each_makes_one_head_with_a_sex_and_a_trait(turns):
    for turn in turns:
        (labels,) = turn.labels
        assert labels["sex"] in ("F", "M") and labels["attributes"]
        target = example_of_turn(turn).target
        assert not target.is_edit and target.face == 1.0


def test_the_age_is_the_number_that_stands_there(turns):
    aged = [turn for turn in turns if "age_years" in turn.labels[0]]
    assert len(aged) > 700
    for turn in aged:
        low, _ = turn.labels[0]["age_years"]
        if re.search(r"\d", turn.text):
            assert re.search(rf"(?<!\d){low}(?!\d)", turn.text), turn.text


def test_a_single_letter_beside_a_number_tells_the_sex(turns):
    found = [(turn, re.search(r"(?<![a-z])([fm])[ /]?\d\d\b|\b\d\d[ /]?([fm])\b", turn.text.lower())) for turn in turns]
    told = [(turn, (match[1] or match[2]).upper()) for turn, match in found if match]
    assert len(told) > 20
    assert all(turn.labels[0]["sex"] == letter for turn, letter in told)
