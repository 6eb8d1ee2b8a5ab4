"""The two rulers of one-trait sentences: what they measure, and whether the product aims at it."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.describe.landmark_measures import LANDMARK_MEASURES, landmark_measures
from facegpt_lab.evaluate.judges.landmark_ruler import AIMED_AT, landmark_distances
from facegpt_lab.evaluate.judges.surface_ruler import patches_of, surface_measures
from facegpt_lab.evaluate.protocols import traits


@pytest.fixture(scope="module")
def patches(head):
    return patches_of(head)


def by_surface(head, patches, vertices):
    return surface_measures(patches, vertices, head.arrays["joint_centres"][2:])


def test_exactly_the_distances_that_the_solver_aims_at_are_said_to_be(head):
    heads = np.stack([head.neutral_vertices(z) for z in head.sample(30, 3)])
    outside = [landmark_distances(head.embedding("ibug68")(v), head.embedding("mediapipe478")(v)) for v in heads]
    aims = landmark_measures(head, heads)
    assert set(AIMED_AT.values()) == set(LANDMARK_MEASURES)
    for name in outside[0]:
        column = np.array([one[name] for one in outside])
        same = [aim for aim in LANDMARK_MEASURES if abs(np.corrcoef(column, aims[aim])[0, 1]) > 1 - 1e-6]
        assert same == ([AIMED_AT[name]] if name in AIMED_AT else []), name


def test_every_measure_of_the_surface_grows_with_the_head_as_its_unit_says(head, patches):
    mean = np.asarray(head.mean_vertices, np.float64)
    small, large = (
        surface_measures(patches, factor * mean, factor * head.arrays["joint_centres"][2:]) for factor in (1.0, 1.02)
    )
    ratios = ("elongation", "roundness", "jaw_share", "nose_base_tilt", "eye_slope", "eye_roundness", "nose_relief")
    for name in small.keys() - {*ratios, "eye_area", "eye_mean_opening", "chin_breadth"}:
        power = 3 if name.endswith("volume") else 2 if name.endswith("area") else 1
        assert large[name] / small[name] == pytest.approx(1.02**power, rel=1e-3), name
    for name in ("elongation", "roundness", "jaw_share", "nose_base_tilt", "eye_slope"):
        assert large[name] == pytest.approx(small[name], rel=1e-3), name


@pytest.mark.parametrize(
    "control, name",
    [
        ("face_width", "face_breadth"),
        ("face_length", "face_height"),
        ("nose_width", "nose_breadth"),
        ("nose_protrusion", "nose_relief"),
        ("eye_distance", "eyes_apart"),
        ("mouth_width", "mouth_breadth"),
        ("upper_lip_fullness", "upper_lip_area"),
        ("philtrum_length", "nose_to_lip"),
        ("forehead_width", "forehead_breadth"),
        ("neck_thickness", "neck_girth"),
        ("head_round", "roundness"),
        ("brow_height", "brow_rise"),
    ],
)
def test_measures_of_the_surface_follow_the_named_controls_of_the_head(head, patches, control, name):
    people = [by_surface(head, patches, head.neutral_vertices(z))[name] for z in head.sample(60, 5)]
    low, high = (
        by_surface(head, patches, head.neutral_vertices(head.controls.identity({control: value})))[name]
        for value in (-2.0, 2.0)
    )
    assert high - low > np.std(people)


def test_the_mean_head_is_measured_alike_on_both_sides(head, patches):
    mirrored = np.asarray(head.mean_vertices, np.float64)[head.mirror] * (-1, 1, 1)
    plain, other = (by_surface(head, patches, v) for v in (head.mean_vertices, mirrored))
    assert {name: pytest.approx(value, rel=0.02, abs=0.05) for name, value in plain.items()} == other


def test_a_trait_is_shown_half_a_deviation_to_its_side_and_what_is_aimed_at_is_told_apart():
    people = [{"landmarks": {"nose_width": v, "aspect": -v}, "surface": {"nose_area": 10 * v}} for v in (-1.0, 1.0)]
    heads = [{"landmarks": {"nose_width": 0.4, "aspect": -3.0}, "surface": {"nose_area": 9.0}}]
    found = traits.shown_by(("a broad nose", 1, "nose_width aspect-", "nose_area"), heads, people)
    assert [one.right for one in found] == [0.0, 1.0, 1.0]
    assert [round(float(one.shift[0]), 3) for one in found] == [0.4, 3.0, 0.9]
    surface, free, aimed, landmarks = (row.value for row in traits.rows(found) if row.target is not None)
    assert (surface, free, aimed, landmarks) == (1.0, 1.0, 0.0, 0.5)


def test_every_sentence_has_measures_of_both_rulers(head, patches):
    known = by_surface(head, patches, head.mean_vertices).keys()
    v = head.mean_vertices
    distances = landmark_distances(head.embedding("ibug68")(v), head.embedding("mediapipe478")(v)).keys()
    for _, side, landmarks, surface in traits.CASES:
        assert side in (-1, 1)
        assert {name.rstrip("-") for name in landmarks.split()} <= distances
        assert {name.rstrip("-") for name in surface.split()} <= known
