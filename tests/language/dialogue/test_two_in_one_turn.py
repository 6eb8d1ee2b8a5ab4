"""Two things in one turn, several heads by number, and questions in other languages."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.set_answers import SHOWING, USUAL, asks_for
from facegpt.language.dialogue.turn_pieces import said_once
from facegpt.language.dialogue.who.introducing import with_sexes_said
from facegpt.language.glosses.reading import glossed


@pytest.mark.parametrize("text", ["is that usual?", "would you call that a lot", "is that normal for a man of his age"])
def test_questions_whether_a_measure_is_usual_are_known(text):
    assert asks_for(USUAL, text)


def test_a_measure_and_whether_it_is_usual_are_both_answered():
    conversation = Conversation(word_model())
    conversation.say("an old man with a broad nose")
    answer = conversation.say("how wide is his nose, and is that normal?").text
    assert "mm" in answer and ("Yes, that is usual" in answer or "No, that is rather" in answer)


@pytest.mark.parametrize(
    ("text", "shows"), [("show me all of them once more", True), ("show her as she was before", False)]
)
def test_heads_that_are_shown_again_are_not_put_back(text, shows):
    assert asks_for(SHOWING, text) is shows


def test_shown_again_heads_keep_their_changes():
    conversation = Conversation(word_model())
    conversation.say("two old men")
    changed = conversation.say("make the second one older").cast.person(2).face
    shown = conversation.say("show me both of them again")
    assert len(shown.faces) == 2 and shown.cast.person(2).face is changed


def test_a_pronoun_after_a_number_tells_the_sex_of_who_has_that_number():
    model = word_model()
    faces = [model.imagine("an old woman", seed=k) for k in range(2)]
    cast = Cast().with_new(faces, photo=True, sex=["F", "F"])
    assert with_sexes_said("I like the second one. make him older", cast).person(2).sex == "M"
    assert with_sexes_said("I like the second one. make her older", cast).person(2).sex == "F"


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("welche Augenfarbe hat sie?", "what eye colour has she?"),
        ("lächelt er?", "is he smiling?"),
        ("¿de qué color son sus ojos?", "what colour are the eyes?"),
        ("¿quién es mayor?", "who is older?"),
        ("quel âge a-t-elle ?", "how old is she?"),
        ("est-ce qu'il sourit ?", "does he smile?"),
    ],
)
def test_questions_in_other_languages_are_put_into_english(text, english):
    assert glossed(text).text == english


def test_a_sentence_is_said_once_in_an_answer():
    assert said_once(("It is red. I can name more.", "", "It is blue. I can name more.")) == [
        "It is red. I can name more.",
        "It is blue.",
    ]


def test_what_is_done_is_told_before_the_next_change_is_made(monkeypatch):
    model, pieces, before = word_model(), [], []
    conversation = Conversation(model)
    conversation.say("two old men")
    change = type(model).changed
    monkeypatch.setattr(type(model), "changed", lambda *given: before.append("".join(pieces)) or change(*given))
    text = conversation.say("make the second man smile. how old is he? make his nose wider", on_text=pieces.append).text
    assert before[0] == "" and "years" in before[-1] and text.startswith(before[-1].strip())
    assert "".join(pieces) == text
