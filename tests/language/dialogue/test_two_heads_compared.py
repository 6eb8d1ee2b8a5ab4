"""What lies between two heads is told by what is measured on both, though nothing was changed."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.asking import answer_question
from facegpt.language.dialogue.questions.comparing import by_age
from facegpt.language.dialogue.questions.of_before import two_heads
from facegpt.language.dialogue.questions.question import Question


def test_what_changed_from_one_head_to_another_is_told():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    assert two_heads("what is different between the man and the woman?", talk.cast) == (1, 2)
    assert two_heads("what did you change so far?", talk.cast) == ()
    reply = talk.say("what did you change from the man to the woman?")
    assert "Nothing was changed" not in reply.text and " mm" in reply.text and not talk.cast.past


def test_the_years_between_two_are_told():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    man, woman = (round(person.face.attributes["age_years"]) for person in talk.cast.people)
    assert f"by about {abs(man - woman)} years" in talk.say("which one is older, and by how many years?").text


@pytest.mark.parametrize(("years", "sure"), [((31.0, 21.0), False), ((70.0, 30.0), True)])
def test_who_is_older_is_not_sure_where_both_ages_may_be_that_far_off(years, sure):
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    facts = {k + 1: Facts({}, {"age_years": each}, {"age_years": 9.0}) for k, each in enumerate(years)}
    told = by_age((1, 2), facts, talk.cast, "who is older?")
    assert "give or take 9 years" in told and ("not sure who is older" in told) != sure


def test_the_left_one_and_the_right_one_of_two_people_are_no_halves_of_one():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    question = Question("who is older, the left one or the right one?", (1, 2), ("age_years",), kind="compare")
    assert "halves" not in answer_question(talk.model, question, talk.cast)


def test_who_is_the_younger_one_compares_and_asks_for_no_name():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    assert talk.say("who's the younger one?").text.startswith("The woman looks younger")
