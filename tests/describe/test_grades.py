"""How much of a trait a head has is told by the SDs that are there, over all that words can ask for."""

import numpy as np
import pytest

from facegpt.describe.attribute_readings import gauge_of
from facegpt.describe.grades import GRADES, grade_of, sds_of
from facegpt.describe.sentences import Facts, answer
from facegpt.generate.degrees import shown
from facegpt.generate.told.words import phrase
from facegpt.morphable.measure import percentile, reference
from facegpt.types import Measure

#: SDs by which a head is moved along a trait, and how much of it somebody told so expects.
MOVED = ((0.8, "rather"), (1.7, "clearly"), (2.5, "very"), (3.5, "extremely"), (4.2, "extremely"))


def told(head, name: str, sds: float) -> str:
    """What is said of a head moved by so many SDs of a trait along its own direction, from the average."""
    gauge = gauge_of(head)
    row, identity = gauge.index(name), np.zeros(head.sizes.identity)
    for _ in range(20):
        gap = sds - gauge.read(identity[None])[0, row]
        identity = identity + gap * gauge.gradient[row] / (gauge.gradient[row] @ gauge.gradient[row])
    assert gauge.read(identity[None])[0, row] == pytest.approx(sds, abs=0.05)
    return answer(Facts({}, attributes={name: float(gauge.read(identity[None])[0, row])}), [name])


@pytest.mark.parametrize(("sds", "word"), MOVED)
@pytest.mark.parametrize("name", ["jaw_squareness", "chin_protrusion", "forehead_height", "forehead_slope", "ear_size"])
def test_a_head_moved_along_a_trait_is_told_by_how_far(head, name, sds, word):
    for side in (-1, 1):
        assert f" {word} " in told(head, name, side * sds)


def test_a_measure_far_beyond_people_is_told_as_extreme():
    """Percentiles end; what an "extremely wide" nose measures is further out than a very wide one."""
    names = {"very": (97.2, 99.0), "extremely": (99.8, 99.9999, 100.0)}
    for word, places in names.items():
        for place in places:
            for end in (place, 100 - place):
                assert f" {word} " in answer(Facts({"nose_breadth": Measure(40.0, end)}), ["nose_breadth"])


@pytest.mark.parametrize(("sds", "word"), [(1.4, "is wide"), (2.3, "very wide"), (3.3, "extremely wide")])
def test_a_measure_is_told_by_published_means_and_sds(sds, word):
    mean, sd = reference()["nose_breadth"]["M"]
    place = percentile("nose_breadth", mean + sds * sd, "M")
    assert sds_of(place) == pytest.approx(sds, abs=1e-6)
    assert word in answer(Facts({"nose_breadth": Measure(mean + sds * sd, place)}), ["nose_breadth"])


@pytest.mark.parametrize(
    ("degree", "said"), [(0.5, "slightly"), (1.0, "clearly"), (1.4, "very much"), (1.85, "extremely"), (3, "extremely")]
)
def test_words_asked_for_are_told_by_the_sds_that_show_them(degree, said):
    """The degrees are those that the reader tells of "slightly", plain words, "very", and "huge" or "extremely"."""
    assert phrase(f"nose_size {degree:+} SD").endswith(f", {said}")
    assert grade_of(shown(degree)) == said.split()[0]


def test_grades_rise_with_the_sds():
    grades = [GRADES.index(grade_of(sds)) for sds in np.linspace(0, 5, 51)]
    assert grades == sorted(grades) and grades[-1] == len(GRADES) - 1
    assert grade_of(8.0, "nose_crookedness") == "slightly"
