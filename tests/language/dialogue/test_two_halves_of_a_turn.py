"""Remarks beside requests, shares beside requests, comparatives that name somebody, and words of the world."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.answering import _is_remark
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.asking import asks_how_many
from facegpt.language.dialogue.questions.keys import key_asked
from facegpt.language.dialogue.set_answers import HISTORY, RELATED
from facegpt.language.dialogue.turn_pieces import parts_of, with_country
from facegpt.language.dialogue.who.references import meant
from facegpt.language.glosses.reading import glossed


def somebody(age: float) -> Any:
    looks = {"age_years": age, "masculinity": 0.5, "heaviness": 0.5}
    return SimpleNamespace(attributes=looks, blendshapes={}, params=SimpleNamespace(hair=None))


@pytest.fixture
def father_and_son() -> Cast:
    return Cast().with_new([somebody(61), somebody(24)], sex=["M", "M"], photo=True)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("make the younger 10 years older", (2,)),
        ("turn the elder 30 years younger please", (1,)),
        ("give the older man a wider chin", (1,)),
        (glossed("Mach den Jüngeren 15 Jahre älter").text, (2,)),
        (glossed("Lass den Älteren bitte lächeln").text, (1,)),
    ],
)
def test_a_comparative_noun_names_who_is_meant(father_and_son, text, who):
    assert meant(text, father_and_son) == who


@pytest.mark.parametrize(
    "text",
    [
        "oh sorry, my mistake.",
        "are you kidding me?",
        "are you blind or something?!",
        "alright, my apologies",
        "doesn't look a bit like her.",
    ],
)
def test_excuses_and_insults_are_remarks(text):
    assert _is_remark(text)


@pytest.mark.parametrize("text", ["a bigger nose", "no beard", "darker", "too wide", "her eyes are wrong", "older"])
def test_wishes_are_no_remarks(text):
    assert not _is_remark(text)


def test_a_remark_is_cut_off_from_the_request_beside_it():
    text = "oops, my bad. a wider chin and red hair. thanks"
    assert parts_of(text, _is_remark) == ["oops, my bad.", "a wider chin and red hair.", "thanks"]


def test_less_beside_a_request_is_a_share_of_the_last_change():
    talk = Conversation(word_model())
    talk.say("a woman")
    first = talk.face.measure()["nose_breadth"].value_mm
    talk.say("make the nose much wider")
    wide = talk.face.measure()["nose_breadth"].value_mm
    answer = talk.say("hmm, less. and make her smile")
    now = talk.face.measure()["nose_breadth"].value_mm
    assert abs(now - (first + wide) / 2) < 0.3 and talk.face.blendshapes["mouthSmileLeft"] > 0.2
    assert "nothing" not in answer.text


def test_the_country_is_nobody_here():
    assert with_country("how heavy is a US pound") == "how heavy is a USA pound"
    assert with_country("show both of us") == "show both of us"
    assert not asks_how_many("how many pecks are in a bushel?") and asks_how_many("how many of them are there?")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Könnten das Mutter und Sohn sein?", "could these mother and son be?"),
        (
            "Wie ist das Verhältnis von Mundbreite zu Kinnbreite?",
            "how is this proportion of mouth width to chin width?",
        ),
        ("seine Nase ist zu lang", "his nose is too long"),
    ],
)
def test_german_ratios_and_kin_are_put_into_english(text, english):
    assert glossed(text).text == english


def test_kin_and_lists_of_changes_are_known_as_questions():
    assert key_asked("could these be uncle and nephew?") == RELATED
    assert key_asked("show me a list of your changes") == HISTORY
