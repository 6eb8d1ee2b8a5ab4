"""What words take off, deny or make less, and what laughter is."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.headwear_words import takes_off_headwear
from facegpt.language.reading.laughter import with_laughter
from facegpt.language.reading.turned_round import denied_clauses, turned_round, without_denied
from facegpt.language.targets import ATTRIBUTES

NONE = np.zeros(len(ATTRIBUTES))


def request(**said):
    return HeadRequest(NONE, NONE, **said)


@pytest.mark.parametrize(
    "text", ["take off the hat", "no hat", "take his beanie off", "remove her headscarf", "hood off"]
)
def test_headwear_comes_off(text):
    assert takes_off_headwear(text)


@pytest.mark.parametrize("text", ["put a hat on him", "a man with a cap", "his hat is red"])
def test_headwear_that_is_asked_for_does_not_come_off(text):
    assert not takes_off_headwear(text)


def test_a_denied_sex_is_the_other_one():
    assert denied_clauses("not a man, not old") == ["a man", "old"]
    assert without_denied(request(man=0.95), request(man=0.95)).man == pytest.approx(0.05)


def test_denied_years_are_left_open():
    assert without_denied(request(age_years=(60, 100)), request(age_years=(60, 100))).age_years is None


def test_a_denied_trait_says_nothing_of_the_sex_beside_it():
    fat = HeadRequest(NONE + 1.0, NONE, man=0.95)  # "not a fat man" is a man
    assert without_denied(request(man=0.95), fat).man == 0.95


def test_a_denied_adjective_says_nothing_of_the_sex_beside_it():
    assert without_denied(request(man=0.95), request(man=0.95), "a handsome man").man == 0.95
    assert without_denied(request(man=0.95), request(man=0.95), "a man").man == pytest.approx(0.05)


def test_pronouns_behind_a_denial_name_nobody():
    assert denied_clauses("not her nose") == []


def test_less_of_an_emotion_is_less_of_what_the_face_does():
    worn = np.zeros(52)
    worn[ARKIT_NAMES.index("browDownLeft")] = 0.8
    less = turned_round(request(emotion="anger", is_edit=True), request(emotion="anger"), -0.6, worn)
    assert less.emotion == "" and 0.2 < less.expression[ARKIT_NAMES.index("browDownLeft")] < 0.5


def test_laughter_opens_the_mouth_and_a_smile_does_not():
    jaw = ARKIT_NAMES.index("jawOpen")
    assert with_laughter(request(emotion="happiness"), "make her laugh").expression[jaw] > 0.3
    assert with_laughter(request(emotion="happiness"), "a smile").expression[jaw] == 0
    assert with_laughter(request(emotion="happiness"), "laughing with closed lips").expression[jaw] == 0
