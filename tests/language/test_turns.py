"""The grammar of a turn: new or changed, how many, which of several."""

from __future__ import annotations

import pytest

from facegpt.language.dialogue import turns
from facegpt.language.dialogue.questions.turn_questions import asks_of_the_head, asks_of_you
from facegpt.language.dialogue.who.counts import how_many


@pytest.mark.parametrize(
    "text",
    ["another man", "an old woman with a wide nose", "imagine a sad boy", "three bald men", "someone with jug ears"],
)
def test_a_new_person_is_asked_for(text):
    assert turns.asks_for_new(text)


@pytest.mark.parametrize(
    "text",
    [
        *("make her an old woman", "a wider nose", "turn him into a boy", "older", "now as a man", "another 2 mm"),
        *("give him the nose of a boxer", "what would she look like as a man?", "the same woman, sad"),
    ],
)
def test_a_change_is_asked_for(text):
    assert not turns.asks_for_new(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *(
            ("a man", 1),
            ("an old Japanese couple", 2),
            ("a woman with a couple of freckles", 1),
            ("three different old men", 3),
            ("five bald women with big noses", 5),
            ("a pair of sisters", 2),
        ),
        *(("a mother and a daughter", 2), ("2 versions of an old king", 2), ("people with big ears, two of them", 2)),
        *(("the nose 3 mm wider and two big eyes", 1), ("there are two thousand people out there", 1)),
        *(
            ("twenty years old", 1),
            ("half a dozen monks", 6),
            ("a trio of bald bankers", 3),
            ("mum, dad and a baby", 3),
        ),
        *(("a widow with three sons", 1), ("he has seen two ghosts", 1), ("my boss needs four henchmen", 4)),
        *(("a row of five judges", 5), ("the king in two versions", 2), ("lips like a pair of slugs", 1)),
    ],
)
def test_heads_are_counted(text, count):
    assert how_many(text) == count


@pytest.mark.parametrize(
    "text", ["a 3D head of this photo", "I want a bust from my picture", "do a face for every one of us"]
)
def test_a_head_of_who_is_there_is_nobody_new(text):
    assert not turns.asks_for_new(text)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        *(("how thick are her lips?", True), ("neck circumference in inches", True), ("does he smile?", True)),
        *(("why do noses run?", False), ("which muscles close the lips?", False), ("what's the time in Oslo?", False)),
        *(("how do I export the head to blender", False), ("how many vertices does this head have?", False)),
    ],
)
def test_questions_that_measuring_answers_are_told_from_questions_about_the_world(text, about):
    assert asks_of_the_head(text) is about


def test_questions_about_the_one_who_answers_are_about_no_face():
    assert asks_of_you("So, who are you?")
    assert asks_of_you("what are u")
    assert not asks_of_you("who is she?")
    assert not asks_of_you("how old are they?")
