"""Two lengths of one head, or of two people, are held against each other by what is measured on them."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.comparing import side_of, two_sides


@pytest.fixture(scope="module")
def couple() -> Conversation:
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    return talk


@pytest.fixture(scope="module")
def woman() -> Conversation:
    talk = Conversation(word_model())
    talk.say("a woman")
    return talk


def lengths(face) -> dict[str, float]:
    return {name: each.value_mm for name, each in face.measure().items()}


@pytest.mark.parametrize("text", ["how much longer than wide is her nose?", "is her nose longer than it is wide?"])
def test_a_part_named_once_has_both_dimensions(woman, text):
    has = lengths(woman.face)
    long, wide = has["nose_height_nasion_subnasale"], has["nose_breadth"]
    told = woman.say(text).text
    assert f"{long:.1f} mm, is larger than the nose width, {wide:.1f} mm, by {long - wide:.1f} mm" in told


def test_a_ratio_is_that_of_both_lengths(woman):
    has = lengths(woman.face)
    ratio = has["lip_length"] / has["nose_breadth"]
    assert f"The ratio is {ratio:.2f}." in woman.say("what is the ratio of her mouth width to her nose width?").text
    assert f"The ratio is {1 / ratio:.2f}." in woman.say("what's the proportion of nose width to mouth width?").text


def test_twice_as_long_is_held_against_twice_the_width(woman):
    has = lengths(woman.face)
    factor = has["nose_height_nasion_subnasale"] / has["nose_breadth"]
    told = woman.say("is her nose twice as long as it is wide?").text
    assert told.startswith("Yes." if abs(factor / 2 - 1) <= 0.05 else "No.")


def test_a_nose_is_held_against_somebody_elses_mouth(couple):
    man, woman = (lengths(person.face) for person in couple.cast.people)
    told = couple.say("is her nose wider than his mouth?").text
    assert told.startswith("Yes." if woman["nose_breadth"] > man["lip_length"] else "No.")
    assert f"{woman['nose_breadth']:.1f} mm" in told and f"{man['lip_length']:.1f} mm" in told


def test_the_sum_and_the_mean_are_those_of_both(couple):
    both = [round(lengths(person.face)["nose_breadth"], 1) for person in couple.cast.people]  # as they are told
    told = couple.say("what is the average nose width of both of them?").text
    assert all(f"{length:.1f} mm" in told for length in both) and f"{sum(both):.1f} mm, on average" in told
    mean = float(told.split("on average ")[1].split(" mm")[0])
    assert mean == pytest.approx(sum(both) / 2, abs=0.051)


def test_no_length_of_a_head_answers_how_tall_somebody_is(couple):
    for text in ("who's taller?", "how tall is she?", "is he taller than 180 cm?"):
        told = couple.say(text).text
        assert "height or weight" in told and not any(c.isdigit() for c in told)


def test_the_largest_lengths_are_listed_in_their_order(woman):
    longest = sorted(lengths(woman.face).values(), reverse=True)[:3]
    told = woman.say("give me her three largest measurements").text
    assert [told.find(f"{value:.1f} mm") for value in longest] == sorted(told.find(f"{v:.1f} mm") for v in longest)
    assert all(f"{value:.1f} mm" in told for value in longest) and told.count(" mm") == 3


@pytest.mark.parametrize(
    ("text", "side"),
    [("whose nose is narrower?", -1), ("is it wide?", 1), ("less wide", -1), ("less narrow", 1), ("and his?", 0)],
)
def test_adjectives_tell_which_side_is_asked_for(text, side):
    assert side_of(text) == side


def test_one_thing_is_no_two():
    assert two_sides("how wide is her nose?") is None
    assert two_sides("who is older than him?") is None


def test_the_same_colour_is_told_as_such(couple):
    eyes = [couple.model.facts(person.face).irises for person in couple.cast.people]
    told = couple.say("do they have the same eye colour?").text
    assert "hooded" not in told and "eyes" in told and all(each is not None for each in eyes)


def test_upper_and_lower_lips_in_a_question_lower_nothing(woman):
    before = woman.face
    told = woman.say("how thick are her lips, upper and lower?")
    assert not told.faces and woman.face is before


def test_after_a_change_now_is_held_against_before():
    talk = Conversation(word_model())
    talk.say("an old man and a young woman")
    talk.say("whose nose is wider?")
    was = lengths(talk.cast.person(2).face)["nose_breadth"]
    talk.say("make her nose wider")
    now = lengths(talk.cast.person(2).face)["nose_breadth"]
    told = talk.say("how much wider is it now?").text
    assert f"{now:.1f} mm now" in told and f"than the {was:.1f} mm" in told
