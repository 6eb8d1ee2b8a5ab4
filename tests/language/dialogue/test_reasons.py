"""Who somebody is, why something was done or looks so, and what an answer rests on."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changing import clauses
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.keys import OF_REASONS, key_asked
from facegpt.language.dialogue.set_answers import ACCURACY, GROUNDS, WHY_DONE, WHY_SO


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture
def couple(model) -> Conversation:
    conversation = Conversation(model)
    conversation.say("an old man and a young woman")
    return conversation


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("why did you add the freckles?", (WHY_DONE,)),
        ("how come you gave the second one a moustache", (WHY_DONE,)),
        ("why is he grinning like that?", (WHY_SO,)),
        ("what is she so cheerful about", (WHY_SO,)),
        ("how do you know that she is 40", (GROUNDS, ACCURACY)),
        ("what gives you the idea that she is sad", (GROUNDS, ACCURACY)),
        ("how certain are you about the width of the chin", (GROUNDS, ACCURACY)),
    ],
)
def test_questions_for_reasons_in_other_words_are_known(text, keys):
    assert key_asked(text) in keys


@pytest.mark.parametrize("text", ["why is the grass green", "is she happy?", "who looks happier?", "how old is he?"])
def test_other_questions_ask_for_no_reason(text):
    assert key_asked(text) not in OF_REASONS


def test_why_something_was_done_is_told_from_the_record(couple):
    couple.say("make the man's nose 4 mm wider")
    couple.say("make the woman smile")
    told = couple.say("why did you change his nose?").text
    assert "nose 4 mm wider" in told and "smile" not in told


def test_what_nothing_changed_is_said_to_be_unchanged(couple):
    couple.say("make the man's nose 4 mm wider")
    assert "I did not change that on the man" in couple.say("why did you change his ears?").text


def test_why_a_face_looks_so_is_told_by_what_is_seen_and_no_reason_is_made_up(model):
    conversation = Conversation(model)
    conversation.say("", faces=[model.imagine("a happy old man")])
    told = conversation.say("why is he so happy?").text
    assert "smile" in told
    assert told.endswith("happiness. Why that is so, a face does not tell.")


def test_a_feeling_that_is_not_seen_is_not_explained(couple):
    assert couple.say("why is she sad?").text.startswith("I see it otherwise")


def test_how_sure_an_age_is_follows_from_both_standard_deviations(couple):
    couple.say("who looks older?")
    told = couple.say("how sure are you about the ages?").text
    assert told.count("give or take") == 2 and "% sure" in told


def test_a_measure_rests_on_the_head_it_was_measured_on(couple):
    length = couple.say("how wide is his nose?").text.split(" mm")[0]
    told = couple.say("how do you know that?").text
    assert length in told and "exact" in told


def test_who_somebody_is_is_not_guessed_and_what_is_seen_is_told(couple):
    told = couple.say("who are they?").text
    assert "The man: a man of about" in told and "The woman: a woman of about" in told and "Nobody real" in told
    assert " mm" not in told


def test_the_other_one_is_whoever_the_clause_before_does_not_name(model):
    faces = [model.imagine("an old man", seed=k) for k in range(2)]
    cast = Cast().with_new(faces, photo=True, sex=["M", "M"])
    said = clauses("make the left one smile and the other one frown", cast, (1, 2))
    assert [who for _, who in said] == [(1,), (2,)]


def test_two_wishes_for_two_people_go_to_one_each(couple):
    cast = couple.say("make the man smile and the other one sad").cast
    assert cast.person(1).face.blendshapes["mouthFrownLeft"] < 0.1 < cast.person(1).face.blendshapes["mouthSmileLeft"]
    assert cast.person(2).face.blendshapes["mouthSmileLeft"] < 0.1 < cast.person(2).face.blendshapes["mouthFrownLeft"]


def test_a_thing_to_wear_takes_no_part_from_the_clause_before(model):
    faces = [model.imagine("an old man", seed=k) for k in range(2)]
    cast = Cast().with_new(faces, photo=True, sex=["M", "M"])
    said = clauses("give the first one a beard and the second one glasses", cast, (1, 2))
    assert said == [("give the first one a beard", (1,)), ("the second one glasses", (2,))]


@pytest.mark.parametrize("text", ["how sure are you?", "and how sure are you about that?"])
def test_how_sure_an_answer_is_is_told_of_what_it_spoke_of(couple, text):
    couple.say("how old is he?")
    told = couple.say(text).text
    assert "years" in told and " mm" not in told
