"""The base's own words: whole sentences as long as it is sure of them, no circles, else an honest line."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from facegpt.language.dialogue.own_words import MOST_RUNS, SURE, in_own_words, sentences_of
from facegpt.language.dialogue.small_talk import UNKNOWN


class Speaker:
    """Says some pieces; is as sure of a sentence as a table says, of all others fully."""

    def __init__(self, *pieces: str, sure: dict[str, float] | None = None) -> None:
        self.pieces, self.sure, self.judged = pieces, sure or {}, []

    def stream(self, messages):
        yield from self.pieces

    def least_sure(self, text, said, more):
        self.judged.append((text, said, more))
        return self.sure.get(more.strip(), 0.0)


def answer(speaker: Speaker) -> tuple[str, list[str]]:
    said: list[str] = []
    return in_own_words(SimpleNamespace(language=speaker), "what?", said.append), said


def test_pieces_become_whole_sentences():
    assert list(sentences_of(Speaker("It is", " so. And", " so! Then"), "")) == ["It is so.", " And so!"]
    assert list(sentences_of(Speaker("only this"), "")) == ["only this"]


def test_an_answer_ends_before_the_first_sentence_that_the_base_doubts():
    speaker = Speaker("Rome. It has", " nine hills. Many", " go there.", sure={"It has nine hills.": SURE - 0.01})
    assert answer(speaker) == ("Rome.", ["Rome."])
    assert speaker.judged == [("what?", "", "Rome."), ("what?", "Rome.", " It has nine hills.")]


def test_where_it_doubts_at_once_it_says_that_it_does_not_know():
    text, said = answer(Speaker("The United States won.", sure={"The United States won.": SURE - 2}))
    assert text == UNKNOWN["off_topic"] and not said


def test_what_is_sure_is_said_as_it_comes():
    assert answer(Speaker("Paris.", " It lies", " on a river.")) == (
        "Paris. It lies on a river.",
        ["Paris.", " It lies on a river."],
    )


def test_circles_are_left():
    circle = [" so it goes on and on."] * (MOST_RUNS + 3)
    assert len(answer(Speaker(*circle))[1]) <= MOST_RUNS


@pytest.mark.slow
def test_how_sure_it_is_is_the_least_of_the_softmax():
    from facegpt.language.loading import load_language_model

    language = load_language_model()
    tokens = language.processor.tokenizer(" Paris. Yes", add_special_tokens=False).input_ids
    said = language.processor.tokenizer(" Paris.", add_special_tokens=False).input_ids
    given = language.processor("What is the capital of France?", ask_face=False).ids
    least = math.inf
    for k in range(len(said), len(tokens)):
        with torch.inference_mode():
            logits = language.model(torch.tensor([[*given, *tokens[:k]]])).logits[0, -1].float()
        least = min(least, float(logits.log_softmax(-1)[tokens[k]]))
    assert language.least_sure("What is the capital of France?", " Paris.", " Yes") == pytest.approx(least, abs=1e-3)
