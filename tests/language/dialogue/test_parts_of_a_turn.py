"""A turn of several acts and questions, what is told of all turns so far, and wishes that the terminal fulfils."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.deeds import file_wished, view_wished
from facegpt.language.dialogue.questions.glossary import explained
from facegpt.language.dialogue.questions.keys import key_asked
from facegpt.language.dialogue.questions.sights_network import worn_things
from facegpt.language.dialogue.set_answers import HISTORY
from facegpt.language.dialogue.telling import of_history
from facegpt.language.dialogue.turn_pieces import parts_of, without_fillers
from facegpt.language.dialogue.who.called import called
from facegpt.language.dialogue.who.introducing import introduced


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("undo that, and how wide is her nose now?", ["undo that", "how wide is her nose now?"]),
        ("Does it run offline, and do my pictures stay here?", ["Does it run offline", "do my pictures stay here?"]),
        ("make him smile, then tell me how old he looks", ["make him smile", "tell me how old he looks"]),
        ("go back and make the ears bigger", ["go back", "make the ears bigger"]),
        ("is she bald? and is he smiling?", ["is she bald?", "is he smiling?"]),
        ("how long is a rod, and could he grow a beard?", ["how long is a rod", "could he grow a beard?"]),
    ],
)
def test_a_turn_is_cut_where_another_act_or_question_begins(text, parts):
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "who has the longer nose, and by how much?",
        "close her mouth and open the eyes wider",
        "a woman who has red hair and a man who is old",
        "make the chin 3 mm longer, and rounder",
    ],
)
def test_one_request_and_one_question_stay_whole(text):
    assert parts_of(text) == [text]


def test_words_that_say_nothing_go_before_a_request():
    assert without_fillers("ok, so make it wider") == "make it wider" and without_fillers("okay") == "okay"


def two(*texts):
    model = word_model()
    faces = [model.imagine("an old man", seed=k) for k in range(len(texts))]
    return Cast().with_new(faces, sex=["M"] * len(texts), told=texts), faces


def test_a_step_of_two_people_is_taken_back_of_one_alone():
    cast, (first, second) = two("a man", "an old man")
    after = cast.with_changes({1: second, 2: first}, said="glasses for both")
    back = after.undone((2,))
    assert back.person(1).face is second and back.person(2).face is second
    assert [set(step.after) for step in back.past] == [{1}] and [set(step.after) for step in back.future] == [{2}]
    assert back.redone((2,)).person(2).face is first


def test_history_tells_what_is_seen_what_was_taken_back_and_what_came_to_nothing():
    cast, (first, second) = two("a man", "an old man")
    cast = cast.with_changes({1: second}, said="make the face smile").after_turn("x", "make him smile", False)
    cast = cast.with_changes({2: first}, said="older").after_turn("x", "and the other one older", False)
    cast = cast.undone().after_turn("x", "undo", False).after_turn("x", "give him wings", True)
    told = of_history(word_model(), cast, counts=True)
    assert told.startswith("One change. So far I changed this: ") and "make him smile" not in told and " mm" in told
    assert (
        'Taken back since: the second man: "and the other one older"' in told
        and 'Nothing came of "give him wings"' in told
    )


@pytest.mark.parametrize("text", ["how many changes was that?", "what did you change about her?"])
def test_questions_for_the_changes_so_far_are_known(text):
    assert key_asked(text) == HISTORY


@pytest.mark.parametrize("text", ["how many people are there?", "what colour are her eyes?", "who wrote Hamlet?"])
def test_other_questions_ask_for_no_history(text):
    assert key_asked(text) != HISTORY


def test_a_boy_is_called_a_boy():
    cast, _ = two("a boy with freckles", "an old man")
    assert [called(person, cast) for person in cast.people] == ["the boy", "the man"]


def test_a_boy_of_a_photo_is_called_so_by_the_words_that_come_with_it():
    cast, _ = two("")
    cast = introduced("this is the boy from next door", cast, (1,))
    assert called(cast.person(1), cast) == "the boy"


@pytest.mark.parametrize(
    ("text", "ending"),
    [("save it", "/"), ("could you save this as obj?", ".obj"), ("where did you save it", ""), ("make him save", "")],
)
def test_a_wish_to_save_names_its_file(text, ending):
    assert file_wished(text) == ending


@pytest.mark.parametrize(
    ("text", "yaw_deg"),
    [("show me him from the side", 90.0), ("show her from the left", -90.0), ("how do I turn it?", None)],
)
def test_a_wish_for_a_view_names_its_side(text, yaw_deg):
    assert view_wished(text) == yaw_deg


def test_things_worn_beside_the_face_are_no_ears():
    assert worn_things("is she wearing earrings?") == ["earrings"] and not worn_things("are her ears big?")


@pytest.mark.parametrize("text", ["which format should I take for my film?", "do you rig them?"])
def test_a_term_used_as_a_verb_is_not_explained(text):
    assert "motion of a head over time" not in explained(text) and "skeleton" not in explained(text)


def test_a_child_of_two_people_is_a_child_of_the_age_said():
    conversation = Conversation(word_model())
    conversation.say("two old men")
    reply = conversation.say("a mix of both, their child of 5 years")
    assert len(reply.faces) == 1 and "5" in reply.text and "half-way" in reply.text
