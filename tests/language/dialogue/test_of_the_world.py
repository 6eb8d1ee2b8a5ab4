"""Questions of the world beside a face go to the talker; those of who is here do not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.dialogue import telling
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.part_undone import taken_back
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.portraits import UNKNOWN_PERSON, asks_of_another
from facegpt.language.dialogue.questions.turn_questions import asks_of_the_head, of_people_at_large
from facegpt.language.dialogue.responding import asks_of_the_world, is_off_topic
from facegpt.language.dialogue.turns import refers_back
from facegpt.language.reading.clauses import things_in

OF_THE_WORLD = (
    "who was president of the US when he was thirty?",
    "who wrote Hamlet?",
    "who won the world cup?",
    "who painted the Mona Lisa?",
    "who was chancellor of Germany when she was a girl?",
    "who is the queen of the Netherlands?",
    "who scored the winning goal in 1966?",
)
OF_SOMEBODY_HERE = (
    "who is he?",
    "who is this?",
    "who's that bloke?",
    "who is the old man?",
    "who is the person on the left?",
    "so who are they?",
    "who was she?",
)


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture(scope="module")
def couple(model) -> Cast:
    heads = [model.imagine("an old man", seed=1), model.imagine("a woman", seed=2)]
    return Cast().with_new(heads, photo=True, sex=["M", "F"])


@pytest.mark.parametrize("text", OF_THE_WORLD)
def test_who_did_something_in_the_world_is_not_asked_of_a_face(couple, text):
    assert asks_of_another(text, couple)
    context = SimpleNamespace(text=text, cast=couple, sights=())
    assert is_off_topic(context, "decline") and not is_off_topic(context, "new_head")


@pytest.mark.parametrize("text", OF_SOMEBODY_HERE)
def test_who_somebody_here_is_stays_a_question_of_the_face(couple, text):
    assert not asks_of_another(text, couple)
    assert not is_off_topic(SimpleNamespace(text=text, cast=couple, sights=()), "decline")


@pytest.mark.parametrize("text", ["who has the wider nose?", "who is happier?", "who looks older?", "who is smiling?"])
def test_who_has_more_of_something_is_no_question_of_the_world(couple, text):
    assert not is_off_topic(SimpleNamespace(text=text, cast=couple, sights=()), "question")


@pytest.mark.parametrize("text", ["why do people have eyebrows?", "why do men go bald?", "are women taller than men?"])
def test_people_as_such_are_nobody_here(couple, text):
    assert of_people_at_large(text)
    assert is_off_topic(SimpleNamespace(text=text, cast=couple, sights=()), "question")


@pytest.mark.parametrize("text", ["why are the women sad?", "are these people happy?", "do people in the photo smile?"])
def test_the_people_of_a_photo_are(text):
    assert not of_people_at_large(text)


@pytest.mark.parametrize("text", OF_THE_WORLD)
def test_nobody_is_said_to_be_unknown_where_the_world_is_asked_of(model, text):
    conversation = Conversation(model)
    conversation.say("", faces=[model.imagine("an old man")])
    assert UNKNOWN_PERSON not in conversation.say(text).text


def test_he_in_a_side_clause_makes_no_question_of_the_face(couple):
    context = SimpleNamespace(text=OF_THE_WORLD[0], cast=couple)
    assert asks_of_the_world(context)


def test_who_has_the_bigger_nose_gets_a_verdict_before_the_lengths(model, couple):
    conversation = Conversation(model)
    conversation.say("", faces=[person.face for person in couple.people])
    told = conversation.say("who has the bigger nose, and by how much?").text
    first, *lengths = told.split(". ")
    assert "nose size" in first and "taken together" in first and "eer" not in first and len(lengths) > 1
    sizes = []
    for person in couple.people:
        measures = person.face.measure()
        names = ("nose_breadth", "nose_height_nasion_subnasale")
        sizes.append(measures[names[0]].value_mm * measures[names[1]].value_mm)
    assert ("same" in first) or first.startswith(("The man", "The woman")[sizes[1] > sizes[0]])


@pytest.mark.parametrize(
    ("text", "is_smile"),
    [
        ("undo the smile but keep the nose", True),
        ("undo the smile, not the nose", True),
        ("undo the smile and leave the nose", True),
        ("undo the nose but keep the smile", False),
    ],
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_to_be_kept_is_not_taken_back(model, text, is_smile, order, at_once):
    conversation = Conversation(model)
    conversation.say("an old man")
    said = [("make the nose 4 mm wider", "make him smile")[k] for k in order]
    for each in [" and ".join(said)] if at_once else said:
        conversation.say(each)
    first, changed = conversation.cast.person(1).first, conversation.face
    told = conversation.say(text).text
    after = conversation.face
    assert told.startswith('Taken back: "') and ("smile" in told.split('"')[1]) == is_smile
    nose_as, smile_as = (changed, first) if is_smile else (first, changed)
    assert np.allclose(after.params.expression, smile_as.params.expression, atol=0.05)
    assert after.measure()["nose_breadth"].value_mm == pytest.approx(
        nose_as.measure()["nose_breadth"].value_mm, abs=1.0
    )


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("keep the eyes but undo the eyebrows", "undo the eyebrows"),
        ("undo the beard, leave the hair and undo the hat", "undo the beard and undo the hat"),
        ("undo the glasses", "undo the glasses"),
    ],
)
def test_what_a_step_back_keeps_is_told_from_what_it_takes(text, taken):
    assert things_in(taken_back(text)) == things_in(taken)


def test_a_photo_that_settles_no_sex_is_of_a_face(model, monkeypatch):
    cast = Cast().with_new([model.imagine("an old man")], photo=True, sex=["F"])
    monkeypatch.setattr(telling, "manliness", lambda face: -0.5)
    assert "Her " not in telling.shown_photo(model, cast, (1,))
    monkeypatch.setattr(telling, "manliness", lambda face: -4.0)
    assert "Her " in telling.shown_photo(model, cast, (1,))


@pytest.mark.parametrize("text", ["how long does it take to fly to Rome?", "how long does light need to reach us?"])
def test_it_and_us_of_the_world_are_nobody_here(text):
    assert not refers_back(text) and not asks_of_the_head(text)
    assert refers_back("does it look older?") and refers_back("give us a smile")
