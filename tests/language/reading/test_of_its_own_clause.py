"""What a clause says stays its own: lengths, whiskers, callings, the form of lips; and news of a death."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.understood import understood
from facegpt.language.reading.clauses import read_clauses

OPEN, SMILE = ARKIT_NAMES.index("jawOpen"), ARKIT_NAMES.index("mouthSmileLeft")
DOWN, SCOWL = ARKIT_NAMES.index("mouthFrownLeft"), ARKIT_NAMES.index("browDownLeft")


def whole(words, text, is_edit=True):
    def read(each):
        return words.read(each, is_edit=is_edit)

    return read_clauses(text, read(text), read, understood).request


@pytest.mark.parametrize(
    ("text", "measure", "others"),
    [
        ("a tad wider mouth, 3 mm longer nose", "nose_height_nasion_subnasale", "lip_length"),
        ("wider mouth, longer nose by 3 mm", "nose_height_nasion_subnasale", "lip_length"),
    ],
)
def test_a_length_is_of_the_part_in_its_clause(shipped_words, text, measure, others):
    request = whole(shipped_words, text)
    asked = {goal.measure: goal.amount for goal in request.millimetres}
    assert asked == {measure: 3.0} and others not in asked
    assert understood(request)[0] and any("mouth" in each for each in understood(request))


@pytest.mark.parametrize("text", ["Moustache only, no beard", "only the moustache, no beard please"])
def test_a_moustache_that_is_named_beside_no_beard_stays(shipped_words, text):
    said = whole(shipped_words, text).hair.said
    assert said["beard"] == "none" and said.get("moustache") != "none"


@pytest.mark.parametrize("text", ["no beard", "no beard or moustache", "shave off the beard and the moustache"])
def test_without_a_beard_there_is_no_moustache_that_nobody_named(shipped_words, text):
    said = whole(shipped_words, text).hair.said
    assert said["beard"] == "none" and said["moustache"] == "none"


@pytest.mark.parametrize(
    ("text", "is_edit", "calling"),
    [
        ("like a witch", True, "witch"),
        ("turn her into a witch", True, "witch"),
        ("witch, ugly, warts", False, "witch"),
        ("pirate, missing teeth, tanned", False, "pirate"),
        ("a troll girl with freckles", False, "orc"),
        ("a nose like a witch's", False, ""),
        ("a nose like a pirate", True, ""),
        ("a girl with a wart", False, ""),
    ],
)
def test_somebody_like_a_calling_is_of_it_and_a_part_like_its_is_not(shipped_words, text, is_edit, calling):
    assert shipped_words.read(text, is_edit=is_edit).request.character == calling


@pytest.mark.parametrize("text", ["thick pouty lips", "a blonde with pouty lips and freckles"])
def test_the_form_of_lips_brings_no_scowl(shipped_words, text):
    request = shipped_words.read(text).request
    assert not request.expression[SCOWL] and not request.expression[DOWN]


@pytest.mark.parametrize(
    "text",
    [
        "her father just died",
        "he was just told that his wife passed away",
        "a girl who just heard that her rabbit is dead",
        "she got the news that her uncle has died",
    ],
)
def test_news_of_a_death_makes_nobody_look_surprised(shipped_words, text):
    request = shipped_words.read(text).request
    mourns = request.emotion == "sadness" or (not request.emotion and request.expression[DOWN] > 0.2)
    assert mourns and not request.expression[OPEN] and not request.expression[SMILE]


@pytest.mark.parametrize("text", ["she just heard that she won a house", "he just got the news that he is a father"])
def test_other_news_makes_nobody_grieve(shipped_words, text):
    request = shipped_words.read(text).request
    assert request.emotion and not np.any(request.expression[DOWN] > 0)
