"""Words without a face are told from short descriptions: with a scripted model, and with the shipped one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from stand_in_words import WordList

from facegpt.language.dialogue.face_wanted import speaks_of_no_face
from facegpt.language.head_request import HeadRequest
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request


@dataclass(frozen=True)
class Scripted:
    """A reading of an open request, unless told."""

    request: HeadRequest
    face_probability: float = 0.02
    emotion_probability: float = 0.0


NOBODY = [
    "quarterly report",
    "asdf",
    "the weather in Paris",
    "What is the capital of France?",
    "Write a poem about autumn",
    "a recipe for tomato soup",
    "hello",
    "import numpy as np",
    "stock prices fell sharply today",
    "how do I install python",
    "a house on a hill",
    "invoice number 4711",
    "shipping costs to Norway",
    "a table of contents",
    "solar panels on a roof",
]
SOMEBODY = [
    "a woman",
    "someone",
    "old",
    "angry",
    "a pirate",
    "Grandma",
    "make me a face",
    "portrait of a baker",
    "sad",
    "a man",
    "surprise me",
    "anybody",
    "a nurse",
    "young",
    "beautiful",
    "a Viking",
    "my neighbour",
    "a tired student",
    "freckles",
    "bald",
    "smiling",
    "a witch",
    "king",
    "a child",
    "random face",
    "detective from a film noir",
    "she just won the lottery",
    "CEO",
    "a mechanic",
    "barista",
]
TEXT = "the quarterly report of the third quarter of the year"


def test_words_in_which_nothing_is_read_and_no_face_is_expected_speak_of_none():
    assert speaks_of_no_face(WordList(), Scripted(open_request()), TEXT)


def test_whatever_is_read_or_expected_makes_it_a_description():
    nothing, felt = open_request(), replace(open_request(), emotion="fear")
    for reading in (
        Scripted(replace(nothing, man=0.95)),
        Scripted(replace(nothing, age_years=(20.0, 30.0))),
        Scripted(nothing, face_probability=0.999),
        Scripted(felt, emotion_probability=0.999),
    ):
        assert not speaks_of_no_face(WordList(), reading, TEXT)
    assert speaks_of_no_face(WordList(), Scripted(felt, emotion_probability=0.6), TEXT)  # a guess


def test_the_base_model_is_asked_about_a_few_words_without_their_article():
    class Base(WordList):
        def leaning(self, text, words, others):
            self.heard.append(text)
            return 3.0 if "mechanic" in text else -3.0

    base = Base()
    assert not speaks_of_no_face(base, Scripted(open_request()), "a mechanic")
    assert "The mechanic smiled." in base.heard[0]
    assert speaks_of_no_face(base, Scripted(open_request()), "{0} kettle {")


@pytest.mark.slow
def test_the_shipped_model_tells_words_without_a_face_from_short_descriptions(shipped_words):
    refused = [text for text in NOBODY + SOMEBODY if speaks_of_no_face(shipped_words, shipped_words.read(text), text)]
    assert [text for text in SOMEBODY if text in refused] == []
    assert len([text for text in NOBODY if text not in refused]) <= 1
