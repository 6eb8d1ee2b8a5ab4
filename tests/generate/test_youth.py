"""Children look their age: the age that is asked for is met, what is soft comes and goes with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.shape.youth import grown_mm, soft_mm
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.years import find_age
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.local_shapes import shaped


def of_age(years: float, man: float, is_edit: bool = False) -> HeadRequest:
    spread = np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    return HeadRequest(np.zeros(len(ATTRIBUTES)), spread, man=man, age_years=(years, years), is_edit=is_edit)


@pytest.mark.parametrize("years", [1.0, 3.0, 6.0, 12.0, 16.0])
def test_a_child_is_as_old_as_asked(head, years):
    for seed in range(4):
        made = imagine_params(head, of_age(years, 0.98 * (seed % 2)), seed)
        assert head.axes.age_years(made.identity) == pytest.approx(years, abs=0.8)


def test_necks_of_boys_are_thinner_than_mens_and_near_those_of_girls(head):
    """Means of boys and girls: 26.4 and 25.5 cm at six, 31.2 and 29.2 cm at twelve (Mazicioglu et al. 2010)."""
    for years, boys, girls in ((6.0, 264, 255), (12.0, 312, 292)):
        for man, expected in ((0.98, boys), (0.02, girls)):
            made = [imagine_params(head, of_age(years, man), seed) for seed in range(6)]
            necks = [shaped(head, each.local).measure(each.identity)["neck_circumference"].value_mm for each in made]
            assert np.mean(necks) == pytest.approx(expected, abs=16)


def test_what_is_soft_goes_when_a_child_grows_up(head):
    child = imagine_params(head, of_age(4.0, 0.02), 1)
    assert child.local["cheek_fill"] > 3
    grown = edit_params(head, child, of_age(30.0, 0.5, is_edit=True))
    assert abs(grown.local.get("cheek_fill", 0.0)) < 0.5  # mm
    again = edit_params(head, grown, of_age(4.0, 0.5, is_edit=True))
    assert again.local["cheek_fill"] == pytest.approx(child.local["cheek_fill"], abs=0.6)


def test_a_beard_stays_on_a_face_of_childlike_shape_until_a_child_is_asked_for(head):
    child = imagine_params(head, of_age(8.0, 0.98), 1)
    worn = child.replace(hair=replace(child.hair, moustache=0.85))
    mean = np.where(np.array(ATTRIBUTES) == "nose_width", 1.0, 0.0)
    wider = edit_params(head, worn, HeadRequest(mean, np.zeros(len(ATTRIBUTES)), is_edit=True))
    assert not np.allclose(wider.identity, worn.identity) and wider.hair == worn.hair
    assert edit_params(head, worn, of_age(8.0, 0.5, is_edit=True)).hair.moustache == 0


def test_ages_of_adults_bring_nothing_soft_and_other_shapes_stay():
    assert soft_mm(None) == soft_mm(40.0) == {}
    assert grown_mm({"nose_hump": 2.0}, 40.0, 60.0) == {"nose_hump": 2.0}
    assert grown_mm({"nose_hump": 2.0, **soft_mm(6.0)}, 6.0, 25.0) == {"nose_hump": 2.0}


@pytest.mark.parametrize("text", ["a girl with long wavy brown hair", "a girl"])
def test_girls_are_young_whatever_else_is_said_of_them(text):
    found = find_age(text)
    assert found is not None and found[2] and 8 < found[0] < found[1] < 30
