"""Replies to changes say what differs on the head from before, and what stayed and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in import picture
from stand_in_words import word_model

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.changes.told import is_moved, of_changes, wanted_mm
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Glasses, Measure

NOTHING = np.zeros(len(ATTRIBUTES))


@pytest.fixture(scope="module")
def model():
    return word_model()


def asked(**fields) -> HeadRequest:
    return HeadRequest(NOTHING, NOTHING, is_edit=True, **fields)


def moving(**weights: float) -> HeadRequest:
    values = np.array([weights.get(name, 0.0) for name in ARKIT_NAMES])
    return asked(expression=values, expression_named=values > 0)


def told(model, before, after, request) -> str:
    cast = Cast((Person(1, before, before, "F"),))
    return of_changes(model, cast, cast.with_changes({1: after}), {1: request})


def test_the_same_change_again_is_said_to_change_nothing(model):
    conversation = Conversation(model)
    conversation.say("a woman")
    assert "smile" in conversation.say("make her smile").text
    steps = len(conversation.cast.past)
    again = conversation.say("make her smile").text
    assert again.startswith("Nothing changed") and "smile" in again and len(conversation.cast.past) == steps


def test_words_that_moved_nothing_are_not_reported_as_done(model):
    face = model.imagine("a woman")
    smile = moving(mouthSmileLeft=0.8, mouthSmileRight=0.8)
    text = told(model, face, face, smile)
    assert "Nothing changed" in text and "smile" not in text


def test_of_two_movements_the_one_that_is_not_seen_is_named(model):
    face = model.imagine("a woman")
    worn = np.array([0.8 if name.startswith("mouthSmile") else 0.0 for name in ARKIT_NAMES], np.float32)
    after = replace(face, params=face.params.replace(expression=worn))
    text = told(model, face, after, moving(mouthSmileLeft=0.8, mouthSmileRight=0.8, tongueOut=0.7))
    assert "a smile" in text and "nothing is seen: the tongue out" in text


def test_glasses_that_were_worn_before_are_no_change(model):
    face = model.imagine("a woman")
    worn = replace(face, params=face.params.replace(glasses=Glasses("round")))
    on = asked(glasses=GlassesWish())
    assert "as before" in told(model, worn, worn, on) and "as before" not in told(model, face, worn, on)


def test_what_changed_beside_the_words_is_told_where_nothing_asked_for_did(model):
    face = model.imagine("a woman")
    other = replace(face, params=face.params.replace(identity=face.params.identity + 1.5))
    assert "mm" in told(model, face, other, asked(irises=""))


@pytest.mark.parametrize(
    ("kind", "amount", "wanted"),
    [("change", 4.0, 34.0), ("percent", 10.0, 33.0), ("value", 41.0, 41.0), ("min", 25.0, 30.0), ("max", 25.0, 25.0)],
)
def test_the_length_a_goal_asks_for(kind, amount, wanted):
    assert wanted_mm(MillimetreGoal("nose_breadth", kind, amount), 30.0) == pytest.approx(wanted)


def test_a_length_that_falls_short_says_by_how_much(model):
    face = model.imagine("a woman")
    after = model.edit(face, "a much wider nose")
    was, now = (each.measure()["nose_breadth"].value_mm for each in (face, after))
    goal = MillimetreGoal("nose_breadth", "change", now - was + 7.0)
    assert "That is 7.0 mm from what you asked for" in told(model, face, after, asked(millimetres=(goal,)))
    reached = replace(goal, amount=now - was)
    assert "asked for" not in told(model, face, after, asked(millimetres=(reached,)))


def test_a_trait_is_moved_by_what_is_measured_not_by_what_was_asked():
    was, now = Facts({"nose_breadth": Measure(30.0, 50.0)}), Facts({"nose_breadth": Measure(30.04, 50.0)})
    assert not is_moved("nose_width", was, now)
    assert is_moved("nose_width", was, Facts({"nose_breadth": Measure(31.0, 60.0)}))


def test_glasses_off_the_head_of_a_photo_are_said_of_the_head_and_kept_in_the_photo(model):
    face = model.reconstruct(picture((100, 60, 180, 150)))[0]
    worn = replace(face, params=face.params.replace(glasses=Glasses("round")))
    off = replace(worn, params=worn.params.replace(glasses=None))
    text = told(model, worn, off, asked(glasses=GlassesWish(on=False)))
    assert "The head wears no glasses now" in text and "She" not in text


def test_the_photo_is_given_back_with_its_head_as_it_shows_it(model):
    conversation = Conversation(model)
    conversation.say("", images=[picture((100, 60, 180, 150))])
    first = conversation.face
    conversation.say("make her smile")
    reply = conversation.say("send the original picture back please, that photo")
    assert reply.faces == [first] and "Here is the photo" in reply.text
    (photo,) = model.chat([*conversation.messages[:-2], conversation.messages[-2]]).pictures
    assert np.array_equal(np.asarray(photo), first.photo)
