"""Generated turns on how strong a movement should be: labels against what their words say of the weight before."""

import re

import pytest

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt_lab.synthesis.texts.movement_turns import movement_turns
from facegpt_lab.train.words.turn_examples import example_of_turn


@pytest.fixture(scope="module")
def turns():
    return movement_turns(3000, seed=5)


def _saying(turns, pattern):
    found = [turn for turn in turns if re.fullmatch(pattern, turn.text.lower().strip(" .!?"))]
    assert found, pattern
    return found


def test_they_are_the_same_for_the_same_seed_and_differ_for_another(turns):
    assert movement_turns(20, seed=5) == turns[:20] != movement_turns(20, seed=6)
    assert len({turn.key for turn in turns}) == len(turns)


def test_every_unit_is_known_and_only_what_is_shown_or_its_mirror_changes(turns):
    for turn in turns:
        labels = turn.labels[0]
        units = {*labels.get("expression", {}), *labels.get("expression_off", ())}
        assert units and units <= set(ARKIT_NAMES)
        assert units <= {*turn.worn, *map(mirror_arkit_name, turn.worn)}
        assert all(0.0 < weight <= 1.0 for weight in labels.get("expression", {}).values())
        assert example_of_turn(turn).target.is_edit


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("half|halve it|½|50%", lambda weight: weight / 2),
        ("double it|x2", lambda weight: min(1.0, 2 * weight)),
        ("maximum|all the way", lambda weight: 1.0),
    ],
)
def test_shares_are_of_the_weight_before(turns, said, becomes):
    for turn in _saying(turns, said):
        for unit, weight in turn.labels[0]["expression"].items():
            assert weight == pytest.approx(becomes(turn.worn[unit]), abs=0.006)


def test_numbers_are_the_weight_itself(turns):
    for turn in _saying(turns, r"(to|at|set it to|try) 0?\.\d+"):
        said = float(re.search(r"0?\.\d+", turn.text)[0])
        assert set(turn.labels[0]["expression"].values()) == {said}


def test_more_is_more_and_less_is_less(turns):
    for said, sign in (("more|stronger|harder", 1), ("less|weaker|not so much", -1)):
        for turn in _saying(turns, said):
            for unit, weight in turn.labels[0]["expression"].items():
                assert (weight - turn.worn[unit]) * sign > 0 or turn.worn[unit] == weight == 1.0


def test_what_stops_is_what_was_called_by_its_name(turns):
    for turn in _saying(turns, "no tongue|tongue off|tongue gone|lose the tongue"):
        assert set(turn.labels[0]["expression_off"]) == {"tongueOut", "jawOpen"}


def test_sides_are_swapped_or_joined(turns):
    for turn in _saying(turns, "mirror it|swap sides|flip it"):
        labels = turn.labels[0]
        assert {mirror_arkit_name(unit) for unit in labels["expression"]} == set(labels["expression_off"])
    for turn in _saying(turns, "both|both sides"):
        labels = turn.labels[0]
        assert set(labels) == {"expression"}
        assert {mirror_arkit_name(unit) for unit in labels["expression"]} <= set(turn.worn)
    for turn in _saying(turns, "left side only|just the left"):
        assert all(unit.endswith("Right") for unit in turn.labels[0]["expression_off"])
