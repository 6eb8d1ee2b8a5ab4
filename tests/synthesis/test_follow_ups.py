"""Turns that need those before them: generated ones against what they say, written ones with their history."""

import pytest

from facegpt.conventions import mirror_arkit_name
from facegpt.language.numbers import find_numbers
from facegpt_lab.synthesis.texts.conversations import conversation_turns, scored_turns, told_turns
from facegpt_lab.synthesis.texts.follow_ups import follow_ups
from facegpt_lab.train.words.turn_examples import example_of_turn


@pytest.fixture(scope="module")
def turns():
    return follow_ups(1500, seed=3)


def test_they_are_the_same_for_the_same_seed_and_differ_for_another(turns):
    assert follow_ups(20, seed=3) == turns[:20] != follow_ups(20, seed=4)
    assert len({turn.key for turn in turns}) == len(turns)


def test_each_has_a_change_before_it_and_says_something_itself(turns):
    assert all(turn.earlier and turn.text.strip() and turn.labels[0] for turn in turns)
    assert all(example_of_turn(turn).target.is_edit for turn in turns)


def test_amounts_of_millimetres_stand_in_their_text(turns):
    found = [(turn, turn.labels[0]["mm"]) for turn in turns if "mm" in turn.labels[0]]
    assert len(found) > 200
    told = 0
    for turn, goals in found:
        values = [number.value for number in find_numbers(turn.text)]
        amounts = [abs(amount) for goal in goals.values() for amount in goal.values()]
        told += all(any(abs(v * unit - a) < 0.06 for v in values for unit in (1, 10, 25.4)) for a in amounts)
    assert told > 0.93 * len(found)  # the others are told in shares ("a third")


def test_the_other_way_is_the_opposite_of_what_was_changed(turns):
    found = [turn for turn in turns if turn.text.strip(" .!").lower() == "other direction"]
    assert found
    for turn in found:
        (name, degree), *_ = turn.labels[0]["attributes"].items()
        before = next(each for each in reversed(turn.earlier) if each.note != "small talk")
        way = "more" if degree < 0 else "less"
        assert f"{way} {name.replace('_', ' ')}" in before.note


def test_the_other_side_mirrors_the_one_that_moved(turns):
    found = [turn for turn in turns if "other side" in turn.text.lower() and turn.worn]
    assert found
    for turn in found:
        assert {mirror_arkit_name(unit) for unit in turn.labels[0]["expression"]} == set(turn.worn)


def test_a_written_conversation_tells_each_turn_what_came_before():
    talk = {
        "id": "x-1",
        "turns": [
            {"user": "a man", "given": "nothing", "act": "new_head", "who": 1, "labels": {"sex": "M"}, "measures": []},
            {
                "user": "wider jaw",
                "given": "nothing",
                "act": "edit",
                "who": 1,
                "labels": {"attributes": {"jaw_width": 1}},
            },
            {"user": "more", "given": "nothing", "act": "edit", "who": 1, "labels": {"attributes": {"jaw_width": 1}}},
        ],
    }
    first, second, third = told_turns(talk)
    assert first.earlier == () and first.people == 0 and third.people == 1
    assert [each.text for each in third.earlier] == ["a man", "wider jaw"]
    assert third.earlier[-1].note == "more jaw width" and second.earlier[-1].note == "new head"


def test_a_scored_conversation_knows_what_is_worn_and_where_a_turn_goes_back():
    turns = [
        {"user": "a man who winks", "expect": {"action": "new", "new": {"h1": {"expression": {"eyeBlinkLeft": 1.0}}}}},
        {"user": "both", "expect": {"action": "edit", "edit": {"h1": {"expression": {"eyeBlinkRight": 1.0}}}}},
        {"user": "and angry", "expect": {"action": "edit", "edit": {"h1": {"emotion": "anger"}}}},
        {"user": "as he came", "expect": {"action": "restore", "restore": {"h1": 1}}},
        {"user": "no, angry", "expect": {"action": "restore", "restore": {"h1": 3}}},
    ]
    found = list(scored_turns({"id": "x-2", "people": {}, "turns": turns}))
    assert found[1].worn == {"eyeBlinkLeft": 1.0} and found[2].worn == {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    assert [turn.act for turn in found] == ["new_head", "edit", "edit", "back", "redo"]


def test_no_conversation_that_measures_is_learnt_from():
    def talks(turns):
        return {turn.key.rsplit("/", 1)[0] for turn in turns}

    learnt, measuring = talks(conversation_turns()), talks(conversation_turns(measuring=True))
    assert learnt and measuring and learnt.isdisjoint(measuring)
    assert any(name.startswith("cb-") for name in measuring) and not any(name.startswith("cb-") for name in learnt)
