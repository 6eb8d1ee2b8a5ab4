"""Questions of the program itself (files, motion, speech, rights) are answered; nothing else is taken for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.doing import asked_beside
from facegpt.language.dialogue.set_answers import set_answer, small_answer

CORPUS = Path(__file__).parents[4] / "corpus"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("thanks, can I get this as a file for Blender?", "GLB"),
        ("how do I put this in my Unity project", "GLB"),
        ("am I allowed to sell it in a paid game", "commercial"),
        ("could my printer make this", "STL"),
        ("does anyone else see my picture", "leaves"),
        ("please animate her", "animate"),
        ("I have a video of him, can you use it", "track"),
    ],
)
def test_what_people_ask_of_the_program_is_answered(text, told):
    assert told in small_answer(text, "ability")


def test_requests_for_heads_are_not_taken_for_questions_of_the_program():
    """Turns and sentences of people who wrote for the corpus, labelled as requests for a head or a change of one."""
    lines = [json.loads(line) for line in (CORPUS / "looks" / "comparisons_and_denials.jsonl").open(encoding="utf-8")]
    texts = [line["text"] for line in lines if line["task"] in ("imagine", "edit")]
    assert len(texts) > 100
    assert sum(bool(asked_beside(text)) for text in texts) <= 0.01 * len(texts)
    assert sum(set_answer(text) is not None for text in texts) <= 0.01 * len(texts)


def test_a_head_is_made_and_the_rest_of_the_wish_has_an_answer():
    model = word_model()
    reply = model.chat([{"role": "user", "content": "make a video of a man who smiles"}])
    assert len(reply.faces) == 1 and "facegpt animate" in reply.text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("is my selfie kept somewhere", "private"),
        ("you really are useless", "insult"),
        ("could you tell me today's date", "clock"),
        ("may my firm sell these heads", "rights"),
        ("will the heads load in maya", "other_programs"),
        ("you did that amazingly, you're great", "compliment"),
    ],
)
def test_wordings_that_nobody_wrote_down_get_their_answer(text, key):
    assert set_answer(text).key == key


@pytest.mark.parametrize(
    "text",
    ["make her look stupid", "what is the date of the battle of Waterloo", "is his nose wide", "thank god he smiles"],
)
def test_requests_and_questions_of_the_world_have_no_set_answer(text):
    assert set_answer(text) is None


@pytest.mark.parametrize("text", ["how do I get this into Unity?", "how can I import her into Unreal"])
def test_a_question_for_the_way_gets_no_yes(text):
    assert not small_answer(text, "ability").startswith(("Yes", "No"))


@pytest.mark.parametrize("text", ["can I use it in Unity?", "thanks, can I load it in Unreal?"])
def test_a_question_for_yes_or_no_gets_it(text):
    assert small_answer(text, "ability").startswith("Yes.")
