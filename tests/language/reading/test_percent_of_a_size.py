"""Shares by which a part grows or shrinks, and what is told where a head goes less far."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facegpt.generate.shape.shown_changes import told_short
from facegpt.language.changed_request import no_change, with_traits
from facegpt.language.head_request import MillimetreGoal
from facegpt.language.reading.edits.times_as_big import with_multiples
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
