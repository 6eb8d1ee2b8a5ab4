"""Heads of children are as large, and made as, those that were measured."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from facegpt.morphable.makehuman.attributes import KNOTS
from facegpt.morphable.measure import measure_mm

MEASURED = Path(__file__).parents[2] / "lab" / "runs" / "children" / "measures.csv"
AGES = KNOTS[:-1]


@pytest.fixture(scope="module")
def measured() -> dict[float, dict[str, float]]:
    """Age in years → measure → published mean of both sexes, mm; what was derived by ourselves is left out."""
    found: dict[float, dict[str, list[float]]] = {}
    with MEASURED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["status"] != "derived":
                found.setdefault(float(row["age_years"]), {}).setdefault(row["measure"], []).append(
                    float(row["mean_mm"])
                )
    return {age: {name: float(np.mean(mm)) for name, mm in of.items()} for age, of in found.items()}


def means(head, age: float) -> dict[str, float]:
    """The measures, mm, of the average head of an age in years."""
    return {name: float(mm) for name, mm in measure_mm(head.landmarks, middle(head, age)).items()}


def middle(head, age: float) -> np.ndarray:
    return head.neutral_vertices(head.sample(200, 3, None, age).mean(0))


@pytest.mark.parametrize("age", AGES)
def test_the_average_child_has_the_measures_that_were_published(head, measured, age):
    found = means(head, age)
    off = {name: abs(found[name] / mm - 1) for name, mm in measured[age].items()}
    assert off["head_circumference"] < 0.05
    assert np.mean(list(off.values())) < 0.06 and max(off.values()) < 0.15


def test_small_children_have_large_skulls_over_small_faces(head):
    """Shares that make a face a child's: the face under the skull, the eyes in it, its lower part."""
    at = [means(head, age) for age in (0.0, 1.0, 3.0, 7.0, 12.0, 30.0)]
    eyes = [mm["palpebral_fissure_length"] / mm["face_height_nasion_gnathion"] for mm in at]
    face = [mm["face_height_nasion_gnathion"] / mm["head_circumference"] for mm in at]
    neck = [mm["neck_circumference"] / mm["head_circumference"] for mm in at]
    assert eyes == sorted(eyes, reverse=True) and face[1:] == sorted(face[1:])
    assert max(neck[1:4]) < neck[4] < neck[5]


def test_children_of_one_age_differ_less_the_younger_they_are(head):
    spread = [head.sample(100, 5, "F", age).std(0).mean() for age in (0.0, 1.0, 5.0, 12.0, 30.0)]
    assert spread == sorted(spread)


def test_an_age_of_a_child_is_read_back(head):
    for age in (*AGES, 5.0, 9.0):
        for identity in head.sample(6, 2, None, age):
            assert head.axes.age_years(identity) == pytest.approx(age, abs=0.3)
