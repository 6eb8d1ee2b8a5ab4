"""Rules about people: sex and years in wordings that no table quotes."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.ngrams.ages import find_age
from facegpt.language.reading.normalise import normalised
from facegpt.language.reading.rules.sex_rules import SURE_MAN, find_sex, probability_of_man
from facegpt.language.targets import ATTRIBUTES


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("an aunt with a small nose", "F"),
        ("SEX: f / AGE: 40", "F"),
        ("34F, tired", "F"),
        ("she is tall", "F"),
        ("a fisherman", "M"),
        ("Gender male", "M"),
        ("27 yo m", "M"),
        ("a human head", ""),
        ("a Norman nose", ""),
        ("a face like a man's", ""),
        ("a woman and a man", "both"),
    ],
)
def test_sexes(text, sex):
    assert find_sex(normalised(text)) == sex


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Mira, 9, freckled", (9, 9)),
        ("a girl who's six and a half", (6, 7)),
        ("52M, pale", (52, 52)),
        ("a wifie aboot sixty", (57, 63)),
        ("she's only eight", (8, 8)),
        ("a tot of three", (3, 3)),
        ("on the eve of his fiftieth birthday", (49, 50)),
        ("for her 21st birthday", (20, 21)),
        ("looks fifteen but she's 30", (30, 30)),
        ("a gentleman in the middle of life", (40, 60)),
        ("three years off retirement", (58, 70)),
        ("seventy-odd", (70, 79)),
        ("an old woman with a long chin", (60, 100)),
    ],
)
def test_years(text, years):
    found = find_age(text)
    assert found is not None
    assert found == (*years, True)


@pytest.mark.parametrize(
    "text",
    [
        "burnt by thirty summers in the fields",
        "after twenty years of waiting",
        "my five-year-old says make it big",
        "a friend since primary school",
        "AU 12 and 25",
        "twelve + fifteen",
        "a lad with big ears",
    ],
)
def test_numbers_and_words_that_are_no_age_of_the_face(text):
    assert find_age(text) is None


def head_request(**changes):
    size = len(ATTRIBUTES)
    return HeadRequest(np.zeros(size), np.ones(size), **changes)


def test_a_noun_says_the_sex():
    assert probability_of_man(head_request(man=0.5), "a woman with hair to the jaw") == pytest.approx(1 - SURE_MAN)


def test_no_word_for_a_sex_leaves_it_open():
    assert probability_of_man(head_request(man=0.8), "a long chin") == 0.5
    assert probability_of_man(head_request(man=0.99), "a long chin") == 0.99
