"""Questions whether lengths are as words asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stand_in_words import word_model

from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.questions.as_wanted import as_wanted
from facegpt.language.head_request import MillimetreGoal


def asked(text, short_mm):
    """An answer after a nose was to be wider by some mm more than it has become."""
    model = word_model()
    face = model.imagine("a woman")
    after = model.edit(face, "a much wider nose")
    was, now = (each.measure()["nose_breadth"].value_mm for each in (face, after))
    goal = MillimetreGoal("nose_breadth", "change", now - was + short_mm)
    cast = Cast().with_new([face], sex=["F"])
    cast = cast.with_changes({1: after}, {1: replace(no_change(), millimetres=(goal,))}, "wider")
    return as_wanted(Context(model, text, cast, (), 0, lambda piece: None))


@pytest.mark.parametrize("text", ["is it as wide as I wanted?", "is that what I asked for?", "Is it like I said?"])
def test_a_change_that_fell_short_is_not_as_wanted(text):
    told = asked(text, 7.0)
    assert told.startswith("No.") and "7.0 mm from what you asked for" in told


def test_a_change_that_went_as_far_is_as_wanted():
    assert asked("is it as wide as I wanted?", 0.0).startswith("Yes.")


@pytest.mark.parametrize("text", ["is it wide?", "as I wanted, thanks", "is her mouth as wide as I wanted?"])
def test_other_turns_are_no_such_question(text):
    assert asked(text, 7.0) == ""
