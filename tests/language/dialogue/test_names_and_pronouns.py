"""Names that words give somebody, and whom "them" means."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.talking import NOT_KNOWN, _NotAgain
from facegpt.language.dialogue.who.people_in_words import name_given
from facegpt.language.dialogue.who.references import meant


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hi! this is my buddy jonas", "jonas"),
        ("she is called mia, by the way", "mia"),
        ("his name is otto", "otto"),
        ("this is my sister smiling", ""),
        ("here is my dad again", ""),
        ("this is my mum", ""),
    ],
)
def test_names_need_no_capital_behind_whom_they_are_of(text, name):
    assert name_given(text) == name


def test_them_are_all_where_each_is_a_he_or_a_she():
    face = word_model().mean_face()
    cast = Cast().with_new([face], photo=True, sex=["M"]).with_new([face], photo=True, sex=["F"])
    assert set(meant("what's behind them?", cast)) == {1, 2}


def test_an_answer_that_was_given_before_is_not_given_again():
    told: list[str] = []
    fresh = _NotAgain(told.append, ["Canberra is the capital."])
    for piece in ("Canberra ", "is the ", "capital."):
        fresh(piece)
    assert fresh.ended("Canberra is the capital.") == NOT_KNOWN and "".join(told) == NOT_KNOWN
    told.clear()
    other = _NotAgain(told.append, ["Canberra is the capital."])
    for piece in ("Canberra ", "has many ", "people."):
        other(piece)
    assert other.ended("Canberra has many people.") == "".join(told) == "Canberra has many people."
