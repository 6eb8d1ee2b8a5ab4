"""The rules of docs/facegpt-bench.md by which one head is judged, on made-up readings."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_readings import MM, PEOPLE, shown

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_prototypes import CHANNELS, channels, prototypes
from facegpt_lab.evaluate.judges.nearest_emotion import nearest, same_group
from facegpt_lab.evaluate.judges.score_labels import (
    Case,
    Population,
    Shown,
    is_headline,
    score,
    tied_to,
    unasked_changes,
)


def verdicts(labels: dict, head: Shown, before: Shown | None = None, people=PEOPLE) -> dict[tuple[str, str], bool]:
    return {(p.kind, p.name): p.right for p in score(Case(labels, head, people, before))}


@pytest.mark.parametrize(
    ("degree", "z", "right"),
    [
        *((1, 0.5, True), (1, 0.49, False), (1, 5.0, True), (-1, -0.5, True), (-1, 0.5, False), (2, 0.6, True)),
        *(
            (0.5, 0.25, True),
            (0.5, 0.2, False),
            (0.5, 1.6, False),
            (-0.5, -1.0, True),
            (0, 0.5, True),
            (0, -0.6, False),
        ),
    ],
)
def test_attributes_by_direction_and_size(degree, z, right):
    assert verdicts({"attributes": {"nose_width": degree}}, shown({"nose_width": z})) == {
        ("attribute", "nose_width"): right
    }


def test_a_negative_degree_of_a_floored_attribute_means_at_most_the_median():
    people = Population(np.zeros(62), np.ones(62), np.full(62, 0.3), MM, MM)
    for z, right in ((0.2, True), (0.4, False)):
        got = verdicts({"attributes": {"freckles": -1}}, shown({"freckles": z}), people=people)
        assert got["attribute", "freckles"] is right


def test_z_is_relative_to_the_prior_of_the_sex_named():
    women = Population(np.full(62, -1.0), np.full(62, 0.5), np.zeros(62), MM, MM)
    labels = {"attributes": {"jaw_width": 1}}
    head = shown({"jaw_width": -0.5})
    assert verdicts(labels, head, people=women)["attribute", "jaw_width"]
    assert not verdicts(labels, head)["attribute", "jaw_width"]


def test_exclusions_relations_and_conflicts():
    head = shown({"nose_size": 0.4, "jaw_width": 1.0, "forehead_width": 0.4}, {"mouthSmileLeft": 0.6})
    labels = {
        "not": {"nose_size": 1, "ear_size": -1},
        "relations": [["jaw_width", ">", "forehead_width"], ["mouthSmileLeft", ">", "mouthSmileRight"]],
    }
    assert all(verdicts(labels, head).values())
    assert not verdicts({"not": {"nose_size": 1}}, shown({"nose_size": 0.6}))["not", "nose_size"]
    assert verdicts({"attributes": {"hair_length": -2}, "conflict": ["hair_length"]}, head) == {}


@pytest.mark.parametrize(
    ("asked", "age", "right"),
    [([45, 55], 40, True), ([45, 55], 61, False), ([30, 30], 35, True), ([30, 30], 36, False)],
)
def test_age_has_five_years_of_slack(asked, age, right):
    assert verdicts({"age_years": asked}, shown(age=age))["age", "age_years"] is right


def test_children_are_counted_apart_and_sex_is_the_sign_of_masculinity():
    assert ("child age", "age_years") in verdicts({"age_years": [4, 12]}, shown(age=18))
    assert verdicts({"sex": "M"}, shown({"masculinity": 0.1}))["sex", "sex"]
    assert not verdicts({"sex": "F"}, shown({"masculinity": 0.1}))["sex", "sex"]


@pytest.mark.parametrize(
    ("goal", "mm", "right"),
    [
        *(({"value": 33}, 32.1, True), ({"value": 33}, 31.9, False), ({"change": 3}, 33.9, True)),
        *(({"change": -3}, 30.0, False), ({"percent": 10}, 33.5, True), ({"min": 35}, 34.1, True)),
        *(({"min": 35}, 33.0, False), ({"max": 28}, 20.0, True), ({"max": 28}, 29.5, False)),
    ],
)
def test_millimetres_are_met_within_one(goal, mm, right):
    before = shown()
    labels = {"mm": {"nose_breadth": goal}}
    for case in (None, before):
        assert verdicts(labels, shown(mm={"nose_breadth": mm}), case)["mm", "nose_breadth"] is right


def test_units_need_half_of_the_label_and_a_pair_counts_once():
    labels = {"expression": {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "jawOpen": 0.35}}
    got = verdicts(labels, shown(expression={"mouthSmileLeft": 0.35, "mouthSmileRight": 0.3, "jawOpen": 0.2}))
    assert got == {("expression", "mouthSmile"): False, ("expression", "jawOpen"): True}


def test_a_unit_that_is_worn_moves_at_least_half_way():
    before = shown(expression={"jawOpen": 0.8})
    for seen, right in ((0.55, False), (0.5, True)):
        assert verdicts({"expression": {"jawOpen": 0.2}}, shown(expression={"jawOpen": seen}), before) == {
            ("expression", "jawOpen"): right
        }
    assert verdicts({"expression_off": ["jawOpen"]}, shown(expression={"jawOpen": 0.4}), before) == {
        ("expression_off", "jawOpen"): True
    }
    assert not verdicts({"expression_off": ["jawOpen"]}, shown(expression={"jawOpen": 0.4}))[
        "expression_off", "jawOpen"
    ]


def test_a_unit_that_an_edit_must_leave_stays_within_what_counts_as_rest():
    before, pair = (
        shown(expression={"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7}),
        ("mouthSmileLeft", "mouthSmileRight"),
    )
    for left, right in ((0.6, True), (0.4, False)):
        after = shown(expression={"mouthSmileLeft": left, "mouthSmileRight": 0.75})
        assert verdicts({"expression_keep": pair}, after, before) == {("expression_keep", "mouthSmile"): right}


def of_prototype(name: str) -> dict[str, float]:
    """Weights whose channels are the prototype's."""
    names, rows = prototypes()
    weights = {}
    for value, (_, stem) in zip(rows[names.index(name)], CHANNELS, strict=False):
        sides = (stem,) if stem in ARKIT_NAMES else (f"{stem}Left", f"{stem}Right")
        weights |= dict.fromkeys(sides, float(value))
    if name == "contempt":
        weights |= {"mouthSmileLeft": 1.0, "mouthSmileRight": 0.0, "mouthDimpleLeft": 1.0, "mouthDimpleRight": 0.0}
    return weights


@pytest.mark.parametrize("name", prototypes()[0])
def test_every_prototype_is_nearest_to_itself_at_any_strength(name):
    for strength in (1.0, 0.4):
        weights = {unit: strength * value for unit, value in of_prototype(name).items()}
        assert nearest(shown(expression=weights).expression) == name


def test_emotions_count_exactly_also_and_by_group():
    head = shown(expression=of_prototype("hatred"))
    got = verdicts({"emotion": "appalled", "emotion_also": ["hatred"]}, head)
    assert got == {
        ("emotion", "appalled"): False,
        ("emotion or also", "appalled"): True,
        ("emotion group", "appalled"): True,
    }
    assert verdicts({"emotion": "neutral"}, shown(expression={"jawOpen": 0.15}))["neutral", "neutral"]
    assert not verdicts({"emotion": "neutral"}, shown(expression={"jawOpen": 0.16}))["neutral", "neutral"]
    assert same_group("fear", "awed") and not same_group("fear", "anger")


def test_channels_average_left_and_right_and_know_a_side():
    seen = channels(shown(expression={"mouthSmileLeft": 1.0, "browInnerUp": 0.6}).expression)
    assert seen[0] == 0.6 and seen[8] == 0.5 and seen[-1] == 1.0


def test_an_edit_is_judged_by_the_change():
    before = shown({"nose_width": 2.0})
    labels = {"attributes": {"nose_width": -1}, "keep": True}
    got = verdicts(labels, shown({"nose_width": 1.0}), before)
    assert got == {("attribute", "nose_width"): True, ("keep", "keep"): True}
    moved = verdicts(labels, shown({"nose_width": 1.0, "jaw_width": 0.31}), before)
    assert not moved["keep", "keep"]
    assert not verdicts(labels, shown({"nose_width": 1.0}, mm={"lip_length": 30.7}), before)["keep", "keep"]


def test_tied_attributes_may_move_along():
    case = Case({"attributes": {"nose_size": 1}}, shown({"nose_width": 2.0, "jaw_width": 1.0}), PEOPLE, shown())
    changes = unasked_changes(case)
    assert "nose_width" not in changes and changes["jaw_width"] == 1.0
    assert tied_to({"cheek_fullness"}) >= {"heaviness", "age"}
    assert unasked_changes(Case({"attributes": {"masculinity": 1}}, shown(), PEOPLE, shown())) == {}


def test_the_headline_is_core_shape_and_the_lightness_of_the_skin():
    assert all(is_headline(n) for n in ("nose_width", "skin_lightness", "heaviness", "masculinity"))
    assert not any(is_headline(n) for n in ("beard", "freckles", "chin_cleft", "brow_thickness"))
