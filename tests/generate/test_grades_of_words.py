"""Stronger words show more: what the reader tells of "big", "very big" and "huge" differs on the head."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.describe.attribute_readings import gauge_of
from facegpt.generate.request_to_head import imagine_params
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.local_shapes import shaped

#: Degrees that are read of plain words, "very" and "extremely".
GRADES = (0.5, 1.0, 1.4, 1.85)


def wish(name: str, degree: float) -> HeadRequest:
    mean, spread = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
    mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, 0.3
    return HeadRequest(mean, spread, man=1.0, age_years=(35, 35))


@pytest.mark.parametrize(("name", "side"), [("nose_size", 1), ("mouth_width", -1), ("ear_size", 1), ("heaviness", -1)])
def test_each_grade_of_words_shows_more_than_the_one_before(head, name, side):
    made = [imagine_params(head, wish(name, side * degree), 1) for degree in GRADES]
    column = gauge_of(head).index(name)
    gauges = [gauge_of(shaped(head, one.local)) for one in made]
    read = [gauge.read(one.identity[None].astype(float)) for gauge, one in zip(gauges, made, strict=True)]
    readings = [side * float(each[0, column]) for each in read]
    assert (np.diff(readings) > 0.4).all(), f"{name}: SDs of four grades {np.round(readings, 2)}"


def test_a_huge_nose_is_millimetres_beyond_a_big_one(head):
    big, huge = (head_vertices(head, imagine_params(head, wish("nose_size", degree), 1)) for degree in (1.0, 1.85))
    assert np.abs(huge - big).max() > 3.0
