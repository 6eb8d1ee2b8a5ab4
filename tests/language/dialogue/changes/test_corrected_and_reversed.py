"""A change the other way round, and what was misread put right: the sex of somebody, and who was meant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in import picture
from stand_in_words import word_model

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.dialogue.cast import Said
from facegpt.language.dialogue.changes.corrected import Correction, correction_in, of_side
from facegpt.language.dialogue.changes.reversed import opposite, other_movements
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture
def couple(model) -> Conversation:
    conversation = Conversation(model)
    conversation.say("an old man and a young woman")
    return conversation


def width(conversation: Conversation, number: int) -> float:
    return conversation.cast.person(number).face.measure()["nose_breadth"].value_mm


def weights(**of: float) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([of.get(name, 0.0) for name in ARKIT_NAMES])
    return values, values > 0


def seen(found: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    return {name: weight for name, weight in zip(ARKIT_NAMES, found[0], strict=True) if weight}


def test_a_wider_nose_the_other_way_round_is_narrower_than_at_first(model):
    conversation = Conversation(model)
    conversation.say("a woman")
    first = width(conversation, 1)
    conversation.say("a much wider nose please")
    wide = width(conversation, 1)
    reply = conversation.say("no, it should be the other way round")
    now = width(conversation, 1)
    assert now < first < wide and now - first == pytest.approx(first - wide, abs=0.4)  # mm
    assert reply.faces and ("down from" in reply.text or "went from" in reply.text)
    assert len(conversation.cast.past) == 1


@pytest.mark.parametrize(
    ("of", "against"),
    [
        ({"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}, {"mouthFrownLeft": 0.8, "mouthFrownRight": 0.8}),
        ({"eyeBlinkLeft": 1.0}, {"eyeBlinkRight": 1.0}),
        ({"jawLeft": 0.5}, {"jawRight": 0.5}),
        ({"browInnerUp": 0.6}, {"browDownLeft": 0.6}),
    ],
)
def test_movements_turn_to_the_other_side_or_against_themselves(of, against):
    found = seen(other_movements(*weights(**of)))
    assert {name: found.get(name) for name in against} == against and not set(found) & set(of)


def test_numbers_and_years_turn_about_what_was_there_before():
    nothing = np.zeros(len(ATTRIBUTES))
    goals = (MillimetreGoal("lip_length", "change", 4.0), MillimetreGoal("nose_breadth", "value", 40.0))
    request = HeadRequest(nothing + 0.5, nothing, age_years=(60.0, 60.0), millimetres=goals, is_edit=True)
    other = opposite(request, {"nose_breadth": 35.0}, 45.0)
    assert [goal.amount for goal in other.millimetres] == [-4.0, 30.0]
    assert other.age_years == (30.0, 30.0) and np.all(other.attribute_mean == -0.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no, the woman's", Correction((2,))),
        ("I meant the woman", Correction((2,))),
        ("not him, her", Correction((2,))),
        ("you changed the wrong one", Correction((2,))),
        ("that's a lady, not a man", Correction((1,), "F")),
        ("he is a woman", Correction((1,), "F")),
    ],
)
def test_what_a_turn_corrects(couple, text, expected):
    cast = replace(couple.cast, said=Said("edit", "make his nose wider", (1,)), focus=(1,))
    assert correction_in(text, cast) == expected


@pytest.mark.parametrize("text", ["make him a woman", "no, a bit wider", "the woman smiles", "is that a woman?"])
def test_wishes_and_questions_correct_nothing(couple, text):
    cast = replace(couple.cast, said=Said("edit", "make his nose wider", (1,)), focus=(1,))
    assert correction_in(text, cast) is None


def test_a_change_goes_to_whom_it_was_meant_for_and_is_taken_from_the_other(couple):
    before = [width(couple, 1), width(couple, 2)]
    couple.say("make the man's nose much wider")
    told = couple.say("no, the woman's").text
    assert width(couple, 1) == before[0] and width(couple, 2) > before[1] + 1  # mm
    assert "The man is as before" in told and "woman" in told


def test_the_sex_of_somebody_in_a_photo_is_put_right_without_a_change(model):
    conversation = Conversation(model)
    conversation.say("", images=[picture((100, 60, 180, 150))])
    face, other = conversation.face, {"M": "F", "F": "M"}[conversation.cast.person(1).sex]
    noun, pronoun = {"F": ("woman", "she"), "M": ("man", "he")}[other]
    reply = conversation.say(f"that is a {noun} by the way")
    assert reply.text == f"Sorry: {pronoun}, then." and not reply.faces
    assert conversation.cast.person(1).sex == other and conversation.face is face


def test_a_change_of_both_sides_is_put_right_to_one():
    asked, named = weights(eyeBlinkLeft=0.9, eyeBlinkRight=0.9, jawOpen=0.4)
    none = np.zeros(len(ATTRIBUTES))
    left = of_side(HeadRequest(none, none, expression=asked, expression_named=named, is_edit=True), "Left")
    assert seen((np.asarray(left.expression), left.expression_named)) == {"eyeBlinkLeft": 0.9, "jawOpen": 0.4}
    assert not left.expression_named[ARKIT_NAMES.index("eyeBlinkRight")]


def test_a_change_of_the_wrong_side_goes_over_to_the_other():
    asked, named = weights(eyeBlinkRight=0.9)
    none = np.zeros(len(ATTRIBUTES))
    left = of_side(HeadRequest(none, none, expression=asked, expression_named=named, is_edit=True), "Left")
    assert seen((np.asarray(left.expression), left.expression_named)) == {"eyeBlinkLeft": 0.9}


def test_another_part_than_the_one_that_was_changed_is_put_right(model):
    conversation = Conversation(model)
    conversation.say("a woman")
    first = width(conversation, 1)
    conversation.say("a much wider nose please")
    conversation.say("no, i meant the mouth, not the nose")
    assert width(conversation, 1) == pytest.approx(first, abs=0.3)  # mm


def test_another_try_keeps_the_words_and_changes_the_person(model):
    conversation = Conversation(model)
    conversation.say("an old man")
    first = conversation.face
    reply = conversation.say("do better")
    assert reply.faces and not np.allclose(conversation.face.params.identity, first.params.identity)
    assert conversation.cast.undone().person(1).face is first
