"""What written conversations tell of their heads: what they wear and what was asked, through changes and steps back."""

import pytest

from facegpt_lab.synthesis.heads_so_far import HeadsSoFar, asked_of_attributes, worn_after
from facegpt_lab.synthesis.texts.conversations import scored_turns

SMILE = {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7}


def test_what_rests_goes_and_the_rest_stays():
    worn = worn_after(SMILE, {"expression": {"jawOpen": 0.4}, "expression_off": ["mouthSmileLeft"]})
    assert worn == {"mouthSmileRight": 0.7, "jawOpen": 0.4}


def test_a_feeling_ends_what_was_worn_and_neutral_ends_all():
    sad = worn_after(SMILE, {"emotion": "sadness"})
    assert "mouthSmileLeft" not in sad and sad["mouthFrownLeft"] > 0.1
    assert worn_after(sad, {"emotion": "neutral"}) == {}


def test_a_step_back_ends_later_changes():
    heads = HeadsSoFar()
    heads.came("h1", 1, {"attributes": {"nose_width": 1}})
    heads.changed("h1", 2, {"expression": SMILE})
    heads.changed("h1", 4, {"attributes": {"nose_width": -0.5}})
    assert heads.asked("h1") == ({"nose_width": 1.0}, {}, {"nose_width": -0.5})
    heads.put_back("h1", 2)
    assert heads.worn("h1") == SMILE and heads.wore("h1") == ({},) and len(heads.asked("h1")) == 2
    heads.put_back("h1", 1)
    assert heads.worn("h1") == {} and heads.wore("h1") == ()
    assert heads.worn("nobody") == {} and heads.asked("nobody") == ()


def test_millimetres_are_a_change_of_the_attribute_that_they_measure():
    assert asked_of_attributes({"mm": {"nose_breadth": {"change": -2}}}) == {"nose_width": -1.0}
    assert asked_of_attributes({"mm": {"nose_breadth": {"value": 40}}}) == {}


def test_turns_know_what_was_before_them():
    talk = {
        "id": "t-1",
        "turns": [
            {"user": "a man", "expect": {"action": "new", "new": {"h1": {"sex": "M"}}}},
            {"user": "smile", "expect": {"action": "edit", "edit": {"h1": {"expression": SMILE}}}},
            {"user": "wider nose", "expect": {"action": "edit", "edit": {"h1": {"attributes": {"nose_width": 1}}}}},
            {"user": "undo", "expect": {"action": "restore", "restore": {"h1": 2}}},
            {"user": "less", "expect": {"action": "edit", "edit": {"h1": {"expression": dict.fromkeys(SMILE, 0.35)}}}},
        ],
    }
    turns = [*scored_turns(talk)]
    assert turns[2].worn == SMILE and turns[2].before.wore == ({},)
    last = turns[-1]
    assert last.worn == SMILE and last.before.asked == ({}, {})
    assert last.before.said == pytest.approx({"nose_width": 1.0})
