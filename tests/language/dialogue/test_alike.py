"""Whether people look alike, are kin or one person: never refused, and told by what their heads share."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from stand_in import picture
from stand_in_words import word_model

from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.alike import held_together
from facegpt.language.dialogue.questions.keys import key_asked
from facegpt.language.dialogue.set_answers import ALIKE, OF_LIKENESS, RELATED, SAME_PERSON
from facegpt.types import Hair, Measure


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture
def couple(model) -> Conversation:
    conversation = Conversation(model)
    conversation.say("an old man and a young woman")
    return conversation


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("might those two be sisters?", RELATED),
        ("do you think she is his niece?", RELATED),
        ("could he be her dad", RELATED),
        ("is that one and the same man?", SAME_PERSON),
        ("are the two photos of the same lady?", SAME_PERSON),
        ("how similar are these two?", ALIKE),
        ("do the faces look alike?", ALIKE),
    ],
)
def test_questions_for_likeness_are_known_in_other_words(text, key):
    assert key_asked(text) == key


@pytest.mark.parametrize(
    "text", ["now her sister", "make them look alike", "who has the wider nose?", "the same man, but older"]
)
def test_other_turns_ask_for_no_likeness(text):
    assert key_asked(text) not in OF_LIKENESS


def facts(**percentiles: float) -> Facts:
    return Facts({name: Measure(50.0, value) for name, value in percentiles.items()}, hair=Hair("short"))


def test_what_both_have_far_from_the_average_is_shared_and_what_lies_apart_differs():
    one = facts(nose_breadth=97.0, bigonial_breadth=5.0, lip_length=50.0)
    other = facts(nose_breadth=95.0, bigonial_breadth=96.0, lip_length=52.0)
    held = held_together(one, other)
    assert "wide nose" in held.shared[0] and "jaw width" in held.different[0]
    assert not any("mouth" in phrase for phrase in (*held.shared, *held.different))


def test_the_order_of_two_people_does_not_matter():
    one, other = facts(nose_breadth=97.0, ear_length=2.0), facts(nose_breadth=90.0, ear_length=99.0)
    assert held_together(one, other).shared == held_together(other, one).shared


def test_kin_of_two_heads_is_answered_by_what_they_share(couple):
    reply = couple.say("are they cousins?")
    assert not reply.faces and "made up" in reply.text and "I can't" not in reply.text


def test_a_woman_is_no_brother(couple):
    assert couple.say("could those two be brothers?").text.startswith("Hardly: ")


def test_two_photos_are_held_against_each_other_by_the_recognition_network(model, monkeypatch):
    asked = []
    found = SimpleNamespace(likelihood=0.03, interval=(0.01, 0.09), same=False, reasons=())
    monkeypatch.setattr(type(model), "_likeness", lambda self, a, b: asked.append((a, b)) or found)
    conversation = Conversation(model)
    conversation.say("", images=[picture((100, 60, 180, 150))])
    conversation.say("", images=[picture((60, 60, 170, 170))])
    told = conversation.say("is it the same man in both?").text
    assert told.startswith("No") and "3 %" in told and "1 to 9 %" in told
    assert all(face.photo is not None for face in asked[-1])


def test_heads_without_a_photo_have_no_likelihood(model):
    head = model.imagine("a man")
    assert model._likeness(head, replace(head)) is None
