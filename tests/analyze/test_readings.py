"""Action units, expressions and likelihoods from numbers whose meaning is known."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.analyze.action_units import action_units, sided_units, units_of
from facegpt.analyze.conditions import CONDITIONS
from facegpt.analyze.likeness import likeness_model
from facegpt.analyze.record import Table
from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.describe.expression import expression_of
from facegpt.generate.draw_expression import emotion_expression

REST = dict.fromkeys(ARKIT_NAMES, 0.0)
CLEAR = {"size_px": 300.0, "sharpness": 0.1}


def conditions(**changed: float) -> np.ndarray:
    return np.array([({**dict.fromkeys(CONDITIONS, 0.0), **CLEAR} | changed)[name] for name in CONDITIONS])


def test_a_face_at_rest_has_no_action_units_and_is_neutral():
    assert set(action_units(REST).values()) == {0.0}
    found = expression_of(REST)
    assert found.name == "neutral" and found.confidence > 0.99


def test_every_blendshape_but_those_that_facs_has_no_unit_for_is_a_unit():
    assert set(ARKIT_NAMES) - set(units_of()) == {"mouthLeft", "mouthRight", "mouthShrugUpper"}


@pytest.mark.parametrize(
    ("weights", "unit", "value"),
    [
        ({"mouthSmileLeft": 0.7, "mouthSmileRight": 0.5}, "AU12", 0.7),
        ({"browInnerUp": 0.4}, "AU1", 0.4),
        ({"jawOpen": 0.5}, "AU26", 0.5),
        ({"jawOpen": 0.5}, "AU25", 1.0),
        ({"jawOpen": 0.5, "mouthClose": 0.5}, "AU25", 0.0),
        ({"eyeBlinkLeft": 0.9}, "AU46", 0.9),
        ({"eyeBlinkLeft": 0.9}, "AU45", 0.0),
        ({"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.5}, "AU61", 0.6),
    ],
)
def test_a_movement_is_its_action_unit(weights, unit, value):
    assert action_units(REST | weights)[unit] == pytest.approx(value)


def test_a_mirrored_face_has_the_same_units_on_the_other_side():
    weights = REST | {"mouthSmileLeft": 0.7, "browOuterUpRight": 0.3, "eyeLookOutLeft": 0.5}
    mirrored = {mirror_arkit_name(name): value for name, value in weights.items()}
    own, other = sided_units(weights), sided_units(mirrored)
    assert own["AU12"] == {"left": 0.7, "right": 0.0}
    assert all(own[unit] == {"left": v["right"], "right": v["left"]} for unit, v in other.items())
    assert action_units(weights)["AU61"] == action_units(mirrored)["AU62"] == 0.5


@pytest.mark.parametrize("emotion", ["happiness", "sadness", "surprise", "fear", "anger", "disgust"])
def test_a_clear_emotion_is_named(emotion):
    weights = dict(zip(ARKIT_NAMES, emotion_expression(emotion, 0.8), strict=True))
    found = expression_of(weights)
    assert found.name == emotion and found.confidence >= 0.5
    assert sum(found.probabilities.values()) == pytest.approx(1)


def test_a_faint_movement_is_neutral_and_not_sure():
    found = expression_of(REST | {"browInnerUp": 0.2, "mouthFrownLeft": 0.2})
    assert found.name == "neutral" and found.confidence < 0.9


def test_the_nearer_two_descriptors_are_the_likelier_they_are_one_person():
    odds = [likeness_model().log_odds(d, conditions(), conditions())[0] for d in (0.2, 0.4, 0.55, 0.7, 0.9)]
    assert sorted(odds, reverse=True) == odds and odds[0] > 2 and odds[-1] < -2


def test_worse_pictures_say_less():
    clear, tiny = conditions(), conditions(size_px=20.0, sharpness=0.01, covered=0.4)
    near = [likeness_model().log_odds(0.3, clear, other)[0] for other in (clear, tiny)]
    far = [likeness_model().log_odds(0.9, clear, other)[0] for other in (clear, tiny)]
    assert near[0] - far[0] > near[1] - far[1] > 0


def test_the_order_of_two_pictures_does_not_matter():
    one, other = conditions(yaw_deg=30.0, size_px=40.0), conditions(covered=0.2)
    assert likeness_model().log_odds(0.5, one, other) == likeness_model().log_odds(0.5, other, one)


def test_a_table_has_every_column_that_any_row_has(tmp_path):
    rows = Table(tmp_path)
    rows.add([{"photo": "a", "age": 3}, {"photo": "b", "error": "broken"}])
    lines = rows.write(tmp_path / "rows.csv").read_text("utf-8").splitlines()
    assert lines == ["photo,age,error", "a,3,", "b,,broken"]
