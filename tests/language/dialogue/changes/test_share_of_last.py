"""A share of the last change lies on the way between the heads before and after it, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.changes.share_of_last import share_asked, share_in, share_made
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.set_answers import SHARE, asks_for


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("whoa, too far, half of it would do", 0.5),
        ("a third of that please", 1 / 3),
        ("40% of that", 0.4),
        ("double it", 2.0),
        ("overdone", 0.5),
        ("a bit less", 0.7),
    ],
)
def test_a_share_and_nothing_else_moves_the_last_change(model, text, share):
    talk = Conversation(model)
    talk.say("a woman")
    first = talk.face.params
    talk.say("a much wider nose please")
    wide = talk.face.params
    talk.say(text)
    now = talk.face.params
    wanted = first.identity + share * (np.asarray(wide.identity) - first.identity)
    assert np.allclose(now.identity, wanted, atol=1e-3)
    assert now.hair == first.hair and np.allclose(now.expression, first.expression)
    assert len(talk.cast.past) == 1 and talk.cast.undone().person(1).face.params is first


def test_a_share_is_told_by_what_is_measured(model):
    talk = Conversation(model)
    talk.say("a man")
    talk.say("a much wider nose please")
    reply = talk.say("no no, that's far too much. only half")
    assert reply.text.startswith("Half of that, then.") and "nose" in reply.text and " mm" in reply.text


@pytest.mark.parametrize("text", ["a wider nose", "more", "he smiles", "open his eyes", "half closed eyes"])
def test_other_words_ask_for_no_share(text):
    assert not asks_for(SHARE, text)


@pytest.mark.parametrize(("text", "share"), [("two thirds of it", 2 / 3), ("reduce it by 30 percent", 0.7)])
def test_shares_are_numbers(text, share):
    assert share_in(text) == pytest.approx(share)


def test_what_is_left_of_a_share_must_name_nothing_new(model):
    talk = Conversation(model)
    talk.say("a woman")
    talk.say("a much wider nose please")
    wide = talk.face.measure()["nose_breadth"].value_mm
    talk.say("too much hair, cut it short")
    assert talk.face.measure()["nose_breadth"].value_mm == wide


@pytest.mark.parametrize(
    ("text", "share"),
    [("go back halfway", 0.5), ("a bit of that back", 0.7), ("give a third of it back", 2 / 3), ("half as wide", 0.5)],
)
def test_what_goes_back_is_taken_from_the_change(model, text, share):
    talk = Conversation(model)
    talk.say("a woman")
    first = talk.face.params.identity
    talk.say("a much wider nose please")
    wide = talk.face.params.identity
    talk.say(text)
    wanted = first + share * (np.asarray(wide) - first)
    assert np.allclose(talk.face.params.identity, wanted, atol=1e-3)


def test_a_share_of_one_thing_leaves_what_was_asked_beside_it(model):
    talk = Conversation(model)
    talk.say("a woman")
    first = talk.face
    talk.say("a much wider nose please")
    (wide,) = talk.cast.past
    smiles = wide.after[1].with_expression({"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6})
    step = replace(wide, before={1: first}, after={1: smiles}, said="a much wider nose and a smile")
    cast = replace(talk.cast, past=(step,), change=replace(talk.cast.change, text=step.said))
    done = share_made(Context(model, "the smile is too much, half of it", cast, (), 0, print))
    now = done.cast.person(1).face
    assert now.blendshapes["mouthSmileLeft"] == pytest.approx(0.3, abs=0.02)
    assert np.allclose(now.params.identity, smiles.params.identity, atol=0.02)


def test_no_share_is_taken_of_what_was_asked_before_a_change_that_moved_nothing(model):
    talk = Conversation(model)
    talk.say("a woman")
    talk.say("a much wider nose please")
    assert share_asked(Context(model, "half of that", talk.cast, (), 0, print)) == 0.5
    idle = replace(talk.cast, change=replace(talk.cast.change, text="a faint smile"))
    assert share_asked(Context(model, "half of that", idle, (), 0, print)) == 0.0
