"""Eyes that words set further apart or closer together move as wholes: pupils and corners alike."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.face import Face
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES

APART = ("interpupillary_distance", "inner_canthal_distance", "outer_canthal_distance")


def request(attributes: dict[str, float] | None = None, is_edit: bool = True, **more) -> HeadRequest:
    mean, spread = np.zeros(len(ATTRIBUTES)), np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    for name, degree in (attributes or {}).items():
        mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, 0.3
    return HeadRequest(mean, spread, is_edit=is_edit, **more)


@pytest.fixture(scope="module")
def somebody(head):
    return imagine_params(head, request(is_edit=False, man=0.0, age_years=(30, 30)), 5)


def changes_mm(head, before, asked: HeadRequest) -> dict[str, float]:
    was, now = (Face(head, each).measure() for each in (before, edit_params(head, before, asked)))
    return {name: now[name].value_mm - was[name].value_mm for name in was}


@pytest.mark.parametrize("measure", ["inner_canthal_distance", "interpupillary_distance"])
def test_five_mm_further_apart_moves_pupils_and_corners_by_five_mm(head, somebody, measure):
    moved = changes_mm(head, somebody, request(millimetres=(MillimetreGoal(measure, "change", 5.0),)))
    assert [moved[name] for name in APART] == pytest.approx([5.0] * 3, abs=0.4)
    assert abs(moved["palpebral_fissure_length"]) < 0.4
    assert abs(moved["bizygomatic_breadth"]) < 1.5 and abs(moved["nose_breadth"]) < 1.0


def test_eyes_closer_together_are_as_wide_as_before(head, somebody):
    moved = changes_mm(head, somebody, request({"eye_spacing": -1.0}))
    assert all(-8 < moved[name] < -2.5 for name in APART)
    assert abs(moved["palpebral_fissure_length"]) < 0.4


def test_eyes_that_stay_or_are_named_themselves_are_not_moved_along(head, somebody):
    widths = (MillimetreGoal("inner_canthal_distance", "change", 2.0),)
    widths += (MillimetreGoal("palpebral_fissure_length", "change", 1.5),)
    moved = changes_mm(head, somebody, request(millimetres=widths))
    assert moved["palpebral_fissure_length"] == pytest.approx(1.5, abs=0.3)
    nose = changes_mm(head, somebody, request({"nose_width": 1.0}))
    assert all(abs(nose[name]) < 1.5 for name in APART)
