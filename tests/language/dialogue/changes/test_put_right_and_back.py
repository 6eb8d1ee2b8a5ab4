"""What is put right counts from before it, shares of one part leave the others, and what is put back is back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.cast import Said
from facegpt.language.dialogue.changes.corrected import from_before
from facegpt.language.dialogue.changes.share_of_last import share_made
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.doing import do
from facegpt.language.dialogue.takings import takings
from facegpt.language.dialogue.telling import of_history
from facegpt.language.head_request import MillimetreGoal

NOSE, MOUTH = "nose_breadth", "mouth_width"


def of_lengths(**mm: float):
    goals = tuple(MillimetreGoal(name, "change", amount) for name, amount in mm.items())
    return replace(no_change(), millimetres=goals)


@pytest.fixture
def talk():
    """A conversation whose last change was of the nose."""
    talk = Conversation(word_model())
    talk.say("a woman")
    talk.say("a much wider nose please")
    return talk


def with_last(cast, said: str, **mm: float):
    """The people whose last change was asked for otherwise: in lengths."""
    step = replace(cast.past[-1], asked={1: of_lengths(**mm)}, said=said)
    return replace(cast, past=(step,), said=Said("edit", said, (1,)))


def test_what_was_meant_counts_from_before_the_last_change(talk):
    first, cast = talk.cast.past[-1].before[1], with_last(talk.cast, "the nose 3 mm wider", **{NOSE: 3.0})
    asked = of_lengths(**{NOSE: -2.0, MOUTH: 1.0})
    nose, mouth = from_before("wait, I meant 2 mm less", asked, cast, 1).millimetres
    assert nose.kind == "value" and nose.amount == pytest.approx(first.measure()[NOSE].value_mm - 2)
    assert mouth == asked.millimetres[1]
    assert from_before("now 2 mm less", asked, cast, 1) is asked


def test_a_share_of_one_part_is_of_that_part_alone(talk):
    cast = with_last(talk.cast, "nose wider, the mouth is fine and the jaw wider", **{NOSE: 3.0})
    (step,) = cast.past
    moved = step.after[1].measure()[NOSE].value_mm - step.before[1].measure()[NOSE].value_mm
    done = share_made(Context(word_model(), "the nose is too much, half of it", cast, (), 0, print))
    (goal,) = done.cast.said.request.millimetres
    assert (goal.measure, goal.kind) == (NOSE, "change") and goal.amount == pytest.approx(-moved / 2)


def test_nobody_gives_what_nobody_wears():
    pair = Conversation(word_model())
    pair.say("an old man and a young woman")
    assert all(person.face.params.glasses is None for person in pair.cast.people)
    for text in ("give the woman a pair of round glasses", "give her his glasses"):
        assert not takings(text, pair.cast, surely=True)


def test_a_step_back_that_keeps_a_mood_takes_back_the_rest():
    talk = Conversation(word_model())
    talk.say("a woman")
    first = talk.face.params
    talk.say("make the nose much wider and let her smile")
    smiling = talk.face.params.expression
    text = "no, I liked the nose better before. put the nose back but leave her smiling"
    part = do(Context(talk.model, text, talk.cast, (), 0, print), "undo").cast.person(1).face
    talk.say("undo that but leave her smiling")
    now = talk.face.params
    assert np.allclose(part.params.identity, first.identity) and np.allclose(part.params.expression, smiling)
    assert np.allclose(now.identity, first.identity) and np.allclose(now.expression, smiling)


def test_what_was_changed_tells_no_shape_that_nobody_asked_for(talk):
    (step,) = talk.cast.past
    green = replace(no_change(), irises="green")
    cast = replace(talk.cast, past=(replace(step, asked={1: green}, said="green eyes"),))
    told = of_history(talk.model, cast)
    assert " mm" not in told and "nose" not in told
