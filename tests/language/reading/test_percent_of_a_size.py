"""Shares by which a part grows or shrinks, and what is told where a head goes less far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.shape.shown_changes import told_short
from facegpt.language.changed_request import no_change, with_traits
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.reading.edits.times_as_big import with_multiples
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.head import load
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.types import Measure


def reads(name, degree):
    """A reader that hears one trait in all words, and must not be given the number."""

    def read(text):
        assert "%" not in text and "40" not in text
        return with_traits(no_change(), {name: degree}, 0.0)

    return read


@pytest.mark.parametrize(("said", "degree", "percent"), [("bigger", 1.0, 40), ("smaller", -1.0, -40)])
def test_a_size_in_percent_is_asked_of_all_lengths_of_the_part(said, degree, percent):
    request = with_multiples(no_change(), f"make the nose 40 % {said}", reads("nose_size", degree))
    assert {goal.measure for goal in request.millimetres} >= {"nose_breadth", "nose_protrusion"}
    assert all(goal.kind == "percent" and goal.amount == pytest.approx(percent) for goal in request.millimetres)


def test_percent_of_what_has_no_length_stay_with_the_network():
    request = with_multiples(no_change(), "skin 40 % darker", reads("skin_lightness", -1.0))
    assert request.millimetres == ()


def test_a_number_that_the_network_has_read_is_not_read_again():
    goal = MillimetreGoal("nose_breadth", "percent", 40.0)
    request = replace(no_change(), millimetres=(goal,))
    assert with_multiples(request, "nose 40 % wider", reads("nose_width", 1.0)).millimetres == (goal,)


def test_a_length_that_falls_short_is_told_with_what_was_asked():
    was, now = {"nose_breadth": Measure(36.0, 50.0)}, {"nose_breadth": Measure(44.0, 99.0)}
    goals = (MillimetreGoal("nose_breadth", "percent", 100.0),)
    (told,) = told_short(goals, was, now)
    assert "72.0 mm" in told and "44.0 mm" in told
    met = {"nose_breadth": Measure(71.8, 99.0)}
    assert told_short(goals, was, met) == []


def test_a_nose_a_third_smaller_leaves_the_face_its_age_and_its_build():
    head = load()
    was = imagine_params(head, HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))), 3)
    names = ("nose_breadth", "nose_height_nasion_subnasale", "nose_protrusion")
    goals = tuple(MillimetreGoal(name, "percent", -30.0) for name in names)
    now = edit_params(head, was, replace(no_change(), millimetres=goals))
    before, after = (shaped(head, each.local).measure(np.asarray(each.identity)) for each in (was, now))
    assert all(after[name].value_mm < 0.9 * before[name].value_mm for name in names)
    assert after["bizygomatic_breadth"].value_mm == pytest.approx(before["bizygomatic_breadth"].value_mm, rel=0.05)
    assert abs(head.axes.age_years(now.identity) - head.axes.age_years(was.identity)) < 8  # years
