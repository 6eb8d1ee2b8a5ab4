"""Labels become arrays, and numbers in a text are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.numbers import find_numbers
from facegpt.language.targets import ASKABLE, ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN, NETWORK_ATTRIBUTES, typical_mm
from facegpt.morphable.measure import MEASURES
from facegpt_lab.synthesis.text_targets import stack_targets, target_from_labels


def of(array, names, name):
    return array[list(names).index(name)]


def test_named_attributes_have_their_degree_and_the_others_are_open():
    target = target_from_labels({"attributes": {"nose_size": 1.5, "beard": -1}}, "big nose, no beard")
    assert of(target.attribute_mean, ATTRIBUTES, "nose_size") == 1.5
    assert of(target.attribute_mean, ATTRIBUTES, "beard") == -1
    assert target.attribute_mask.sum() == 2


def test_an_explicit_average_is_named_and_not_open():
    target = target_from_labels({"attributes": {"mouth_width": 0}}, "a mouth of average width")
    assert of(target.attribute_mask, ATTRIBUTES, "mouth_width") == 1
    assert target.attribute_mean.sum() == 0


def test_a_denial_excludes_one_side_and_names_nothing():
    target = target_from_labels({"not": {"nose_size": 1}}, "not a big nose")
    assert of(target.attribute_excluded, ATTRIBUTES, "nose_size") == 1
    assert target.attribute_mask.sum() == 0


def test_relations_of_attributes_and_of_movements_are_kept_apart():
    labels = {"relations": [["jaw_width", ">", "forehead_width"], ["mouthSmileLeft", ">", "mouthSmileRight"]]}
    target = target_from_labels(labels, "")
    assert [ATTRIBUTES[k] for k in target.relations[0]] == ["jaw_width", "forehead_width"]
    assert [ARKIT_NAMES[k] for k in target.expression_relations[0]] == ["mouthSmileLeft", "mouthSmileRight"]


def test_only_named_movements_pass_the_gate_and_closed_ones_are_zero():
    labels = {"emotion": "happiness", "expression": {"eyeBlinkLeft": 1}, "expression_off": ["jawOpen"]}
    target = target_from_labels(labels, "a happy wink, mouth closed")
    assert of(target.expression, ARKIT_NAMES, "eyeBlinkLeft") == 1
    assert of(target.expression_gate, ARKIT_NAMES, "jawOpen") == 1
    assert of(target.expression, ARKIT_NAMES, "jawOpen") == 0
    assert target.expression_gate.sum() == 2  # the smile comes from the emotion


def test_emotions_with_fair_alternatives_accept_each_of_them():
    target = target_from_labels({"emotion": "fear", "emotion_also": ["surprise"], "intensity": 0.5}, "")
    accepted = {EMOTIONS[k] for k in np.flatnonzero(target.emotion_accepted)}
    assert EMOTIONS[target.emotion] == "fear"
    assert accepted == {"fear", "surprise"}
    assert target.intensity == 0.5


def test_contradictions_are_not_scored():
    target = target_from_labels({"conflict": ["nose_size", "age_years"]}, "huge tiny nose, twelve and eighty")
    assert of(target.attribute_scored, ATTRIBUTES, "nose_size") == 0
    assert target.age_scored == 0
    assert target.sex_scored == 1


def test_a_question_asks_and_trains_no_face():
    target = target_from_labels({"asks": ["nose_breadth", "unusual"]}, "how wide is the nose?", "describe")
    assert {ASKABLE[k] for k in np.flatnonzero(target.asks)} == {"nose_breadth", "unusual"}
    assert (target.face, target.known) == (0, 0)


@pytest.mark.parametrize(
    ("text", "mm", "found"),
    [
        ("nose 3 mm narrower", {"nose_breadth": {"change": -3}}, ["3 mm"]),
        ("ears half a centimetre shorter", {"ear_length": {"change": -5}}, ["half a centimetre"]),
        ("neck 35 to 37 cm around", {"neck_circumference": {"min": 350, "max": 370}}, ["35", "37 cm"]),
        ("two inch mouth", {"lip_length": {"value": 50.8}}, ["two inch"]),
        ("cut the ears by a fifth", {"ear_length": {"percent": -20}}, ["fifth"]),
        ("lip thickness x1.5", {"upper_vermilion_height": {"percent": 50}}, ["x1.5"]),
        ("intercanthal from 38 to 32", {"inner_canthal_distance": {"value": 32}}, ["32"]),
        ("set nose breadth thirty-six", {"nose_breadth": {"value": 36}}, ["thirty-six"]),
        ("collar 38", {"neck_circumference": {"value": 380}}, ["38"]),
        ("top lip half of that", {"upper_vermilion_height": {"value": 6}}, [""]),
    ],
)
def test_each_goal_in_millimetres_finds_its_number(text, mm, found):
    target = target_from_labels({"mm": mm}, text)
    spans = [text[t.start : t.end] if t.start >= 0 else "" for t in target.millimetres]
    assert [s.strip() for s in spans] == found
    kinds = [(MEASURES_SPOKEN[t.measure], MILLIMETRE_KINDS[t.kind], t.amount) for t in target.millimetres]
    assert kinds == [(m, k, x) for m, goal in mm.items() for k, x in goal.items()]


def test_two_lips_share_one_number():
    change = {"change": 1.5}
    labels = {"mm": {"upper_vermilion_height": change, "lower_vermilion_height": change}}
    target = target_from_labels(labels, "both lips 1.5 mm thicker")
    assert len({(t.start, t.end) for t in target.millimetres}) == 1


def test_equal_numbers_are_told_apart_by_their_order():
    labels = {"mm": {"minimum_frontal_breadth": {"change": 3}, "bigonial_breadth": {"change": -3}}}
    first, second = target_from_labels(labels, "forehead 3 mm wider, jaw 3 mm narrower").millimetres
    assert first.start < second.start
    assert (first.sign, second.sign) == (1, -1)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3,5 mm", 3.5, "mm"),
        ("2 cm", 20, "mm"),
        ("an inch", 25.4, "mm"),
        ("a quarter inch", 6.35, "mm"),
        ("ten percent", 10, "percent"),
        ("a hundred and five mm", 105, "mm"),
        ("one and a half mm", 1.5, "mm"),
        ("40 years", 40, "years"),
        ("-4mm", 4, "mm"),
        ("3/8 inch", 9.525, "mm"),
        ("2 1/2 mm", 2.5, "mm"),
        ("2½ inches", 63.5, "mm"),
        ("⅜ in", 9.525, "mm"),
        ("a fifteen-and-a-half-inch neck", 393.7, "mm"),
        ("ears 2.5 in tall", 63.5, "mm"),
    ],
)
def test_numbers_have_a_value_and_a_unit(text, value, unit):
    (number,) = find_numbers(text)
    assert (number.value, number.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    ("text", "values"),
    [("63 × 34 mm", [63, 34]), ("ear 6.4 cm x 3.5 cm", [64, 35]), ("310±10 mm", [310, 10]), ("60 by 30 mm", [60, 30])],
)
def test_numbers_side_by_side_share_their_unit(text, values):
    assert [(n.value, n.unit) for n in find_numbers(text)] == [(pytest.approx(v), "mm") for v in values]


def test_words_without_numbers_have_none():
    assert find_numbers("someone alone, nineteenth-century looks, often tense, a tenor") == []


@given(st.text(max_size=80))
def test_any_text_can_be_searched_for_numbers(text):
    for number in find_numbers(text):
        assert 0 <= number.start < number.end <= len(text)
        assert number.value >= 0


def test_a_bare_number_is_read_in_the_unit_that_gives_a_usual_size():
    (number,) = find_numbers("38")
    assert number.amount_for(typical_mm("neck_circumference")) == 380
    assert number.amount_for(typical_mm("nose_breadth")) == 38


def test_every_measure_of_the_head_can_be_spoken_of():
    assert set(MEASURES) <= set(MEASURES_SPOKEN)


def test_stacked_targets_keep_their_rows():
    labels = [{"sex": "M"}, {"relations": [["jaw_width", ">", "chin_width"]]}, {"age_years": [30, 39]}]
    stacked = stack_targets([target_from_labels(one, "") for one in labels])
    assert stacked["sex"].tolist() == [1, 0, 0]
    assert stacked["relations"][0, 0] == 1
    assert stacked["age_years"][2].tolist() == [30, 39]
    assert stacked["attribute_mean"].shape == (3, len(NETWORK_ATTRIBUTES))
