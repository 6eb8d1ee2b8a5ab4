"""What turns leave out: amounts that are corrected, halves, which thing comes off; and what was changed so far."""

import numpy as np
import pytest

from facegpt.language.dialogue import changing, telling
from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.deciding import tells_to
from facegpt.language.dialogue.set_answers import HISTORY, asks_for
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.reading.beyond.unread_words import _runs
from facegpt.language.targets import ATTRIBUTES

NONE = np.zeros(len(ATTRIBUTES))
SHORTER = HeadRequest(NONE, NONE, millimetres=(MillimetreGoal("nose_length", "change", -10.0),), is_edit=True)


@pytest.mark.parametrize(
    ("text", "said"), [("actually only 5 mm", "5 mm"), ("no, 6 mm", "6 mm"), ("sorry, 2 cm", "2 cm"), ("no, 7", "7 mm")]
)
def test_an_amount_that_is_corrected_takes_the_place_of_the_last_one(text, said):
    assert changing.with_amount(text, Cast(), "the nose 10 mm shorter") == f"the nose {said} shorter"


@pytest.mark.parametrize("text", ["3 mm wider", "no, make the chin 5 mm longer", "actually, older"])
def test_other_changes_correct_no_amount(text):
    assert not changing.with_amount(text, Cast(), "the nose 10 mm shorter")


def test_more_asks_for_the_last_change_once_more():
    again = changing._last_again("even more", Cast(), SHORTER)
    assert again is not None and again.millimetres == SHORTER.millimetres
    assert changing._last_again("a wider nose", Cast(), SHORTER) is None
    assert changing._last_again("ok too much", Cast(), SHORTER) is None


@pytest.mark.parametrize("text", ["what did you change so far?", "what have you changed", "list all the changes"])
def test_questions_for_what_was_changed_are_known(text):
    assert asks_for(HISTORY, text)


@pytest.mark.parametrize("text", ["how wide is her nose?", "is her hair long?", "who wrote Hamlet?", "thanks"])
def test_other_turns_are_no_questions_for_what_was_changed(text):
    assert not asks_for(HISTORY, text)


def test_nothing_is_told_where_nothing_was_changed():
    assert telling.of_history(None, Cast(said=Said())) == "Nothing was changed so far."


def test_polite_requests_are_requests():
    assert tells_to("can you take off his hat?") and not tells_to("can you see his hat?")


def test_words_that_say_one_thing_together_are_left_out_together():
    assert _runs("someone who just smelled rotten eggs, a sailor", ["smelled", "rotten", "eggs", "sailor"]) == [
        ["smelled", "rotten", "eggs"],
        ["sailor"],
    ]
