"""Changes of several people in one turn: amounts for the other one, who stays, whose part is asked, shirts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageColor
from stand_in_words import word_model

from facegpt.conventions import srgb_to_linear
from facegpt.language.dialogue.changes.changed_mind import settled
from facegpt.language.dialogue.changing import wishes
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.turn_pieces import parts_of
from facegpt.language.dialogue.who.people_in_words import wanted_people
from facegpt.language.reading.edits.shirt_words import shirt_wish


def couple() -> Conversation:
    """A man and a woman whom words made."""
    conversation = Conversation(word_model())
    conversation.say("a man and a woman")
    return conversation


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("make his nose 4 mm longer and 2 for her", "2 mm longer"),
        ("make his nose 4 mm longer and 2 mm for the other", "2 mm longer"),
        ("make him 10 years younger and 5 for the woman", "5 years younger"),
    ],
)
def test_an_amount_for_somebody_else_is_of_the_change_before_it(text, amount):
    conversation = couple()
    cast = replace(conversation.cast, focus=(1,))
    first, second = wishes(conversation.model, text, cast, (1,))
    assert (first.number, second.number) == (1, 2)
    assert amount in second.text and amount not in first.text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("make his nose wider. No, I meant the woman", "make the woman's nose wider"),
        ("he should smile. no, i meant the woman", "the woman should smile"),
        ("give both of them a hat? no sorry, only the woman", "give the woman a hat"),
        ("his beard and hair longer. No wait, just the moustache", "the moustache longer"),
        ("both of them smile - no, just the woman", "the woman smile"),
        ("lips darker - wait, not the lips, the brows", "the brows darker"),
    ],
)
def test_a_turn_that_puts_right_whom_or_what_it_means_is_done_of_that(text, left):
    assert settled(text, couple().cast) == left


def test_who_is_to_stay_is_not_put_back():
    conversation = couple()
    conversation.say("make his nose wider and her mouth smile")
    man, woman = conversation.cast.people
    conversation.say("go back, but leave her as she is")
    after = conversation.cast
    assert after.person(1).face is man.first and after.person(2).face is woman.face


def test_each_part_is_told_of_whose_it_is_asked():
    conversation = couple()
    answer = conversation.say("what is the width of her mouth and the length of his nose?").text
    man, woman = (person.face.measure() for person in conversation.cast.people)
    assert f"{woman['lip_length'].value_mm:.1f} mm" in answer
    assert f"{man['nose_height_nasion_subnasale'].value_mm:.1f} mm" in answer
    assert f"{man['lip_length'].value_mm:.1f} mm" not in answer


def test_both_parts_of_a_question_are_told():
    conversation = couple()
    answer = conversation.say("how wide are her mouth and nose?").text
    told = conversation.cast.person(2).face.measure()
    assert all(f"{told[name].value_mm:.1f} mm" in answer for name in ("lip_length", "nose_breadth"))


@pytest.mark.parametrize(
    "text", ["give him a red shirt", "make his shirt red", "make him laugh and give him a red jumper"]
)
def test_a_shirt_is_put_on_in_the_step_of_what_is_asked_beside_it(text):
    conversation = couple()
    before = conversation.cast.person(1).face
    conversation.say(text)
    red = srgb_to_linear([value / 255 for value in ImageColor.getrgb("red")])
    assert np.allclose(conversation.cast.person(1).face.params.shirt.colour, red)
    conversation.say("undo that")
    assert conversation.cast.person(1).face is before


@pytest.mark.parametrize(
    ("text", "colour", "rest"),
    [
        ("take off his glasses and give him a green shirt", "green", "take off his glasses"),
        ("give her a dark blue jumper and a hat", "darkblue", "give her a hat"),
        ("no shirt", None, ""),
    ],
)
def test_words_for_a_shirt_are_told_from_the_rest(text, colour, rest):
    wish = shirt_wish(text)
    assert (wish.colour, wish.rest) == (colour, rest)


def test_a_shirt_is_put_on_whom_its_words_name():
    conversation = couple()
    was = [person.face.params.shirt for person in conversation.cast.people]
    conversation.say("make him laugh and give her a blue jumper")
    now = [person.face.params.shirt for person in conversation.cast.people]
    assert now[0] == was[0] and now[1] != was[1]


def test_people_who_are_counted_and_named_are_told_apart_by_their_names():
    people = wanted_people("two sisters: Mia, 25, black hair; and Zoe, 40, broad nose", [])
    assert [each.names for each in people] == [("mia",), ("zoe",)]
    assert "25" in people[0].text and "40" not in people[0].text


def test_a_question_of_somebody_by_name_is_a_part_of_its_own():
    assert len(parts_of("how wide is Mia's mouth, and does Zoe wear glasses?")) == 2


@pytest.mark.parametrize("text", ["what colour is his shirt?", "grey hair", "a man in a shirt"])
def test_shirts_without_a_colour_are_no_wish(text):
    assert shirt_wish(text) is None
