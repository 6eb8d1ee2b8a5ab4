"""Somebody to talk with: a head, a manner and a voice from words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from stand_in_words import word_model

from facegpt.errors import FaceGPTError
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.who.persona import opening
from facegpt.language.talkers.base import Spoken

WORDS = "a man with a narrow nose, dry humour"


@dataclass
class Listening:
    """A small talker that notes what it hears."""

    sees = takes_facts = False
    name = "listening"
    heard: list = field(default_factory=list)

    def speak(self, messages, say, tools=()) -> Spoken:
        self.heard.append(list(messages))
        say("Aye.")
        return Spoken("Aye.", sure=0.0)


@pytest.fixture
def talker() -> Listening:
    return Listening()


@pytest.fixture
def conversation(talker) -> Conversation:
    model = replace(word_model(), make_talker=lambda language: talker)
    return Conversation(model, opening=opening(model, WORDS))


def test_a_persona_has_a_head_before_anything_is_said(conversation):
    assert conversation.speaker is conversation.face is not None
    mean = word_model().mean_face().measure()["nose_breadth"].value_mm
    assert conversation.face.measure()["nose_breadth"].value_mm < mean


@pytest.mark.parametrize("text", ["hello", "Who wrote Hamlet?"])
def test_the_talker_is_told_who_it_is_and_answers_small_talk_too(conversation, talker, text):
    assert conversation.say(text).text == "Aye."
    assert talker.heard[0][0]["role"] == "system" and WORDS in talker.heard[0][0]["content"]
    assert talker.heard[0][-1]["content"] == text


def test_the_head_of_a_persona_can_be_changed_and_still_speaks(conversation):
    before = conversation.face.measure()["nose_breadth"].value_mm
    conversation.say("make his nose broader")
    assert conversation.speaker.measure()["nose_breadth"].value_mm > before + 1


def test_a_step_back_never_takes_the_persona(conversation):
    conversation.say("hello")
    assert conversation.undo() and not conversation.undo()
    assert conversation.speaker is not None


@pytest.mark.parametrize("words", ["", "  . "])
def test_a_persona_of_no_words_is_told(words):
    with pytest.raises(FaceGPTError, match="empty"):
        opening(word_model(), words)
