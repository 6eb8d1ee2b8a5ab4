"""Measures, controls and attributes of the default head against published numbers and geometry."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.morphable.makehuman.ancestry import ANCESTRIES
from facegpt.morphable.makehuman.controls import CONTROLS, STEERING_ONLY
from facegpt.morphable.makehuman.head import load
from facegpt.morphable.measure import MEASURES, Landmarks, measure_mm, measures, percentile, reference
from facegpt.types import FaceGPTError


@pytest.fixture(scope="module")
def head():
    return load()


def test_a_made_up_segment_is_measured_to_its_length():
    corners = np.array([[0, 0, 0], [1, 1, 1]])
    vertices = np.array([[0.0, 0, 0], [3, 4, 12]])
    landmarks = Landmarks(["a", "b"], corners, np.array([[1.0, 0, 0], [1, 0, 0]]))
    points = landmarks.points(vertices)
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(13.0)  # mm


def test_every_measure_grows_with_the_head(head):
    small = measure_mm(head.landmarks, head.mean_vertices)
    large = measure_mm(head.landmarks, head.mean_vertices * 1.1)
    for name in MEASURES:
        assert large[name] == pytest.approx(1.1 * small[name], rel=1e-4), name


def test_interpupillary_distance_is_the_distance_of_the_eye_centres(head):
    centres = head.arrays["joint_centres"][[2, 3]]
    found = head.measure(np.zeros(head.sizes.identity))["interpupillary_distance"].value_mm
    assert found == pytest.approx(np.linalg.norm(centres[0] - centres[1]), abs=0.2)  # mm


def test_paired_landmarks_are_mirror_images_on_the_mean(head):
    points, row = head.landmarks.points(head.mean_vertices), head.landmarks.row
    for name in row:
        if name.endswith("_left"):
            twin = points[row[name.removesuffix("_left") + "_right"]]
            assert np.abs(points[row[name]] * [-1, 1, 1] - twin).max() < 0.05, name  # mm


def test_percentiles_are_those_of_the_published_distributions():
    (women, men) = (reference()["nose_breadth"][s] for s in "FM")
    assert percentile("nose_breadth", men[0], "M") == pytest.approx(50, abs=0.1)
    assert percentile("nose_breadth", women[0] + women[1], "F") == pytest.approx(84.1, abs=0.2)
    assert percentile("nose_breadth", 0.0) == pytest.approx(0, abs=0.1)
    assert percentile("nose_breadth", 0.5 * (men[0] + women[0])) == pytest.approx(50, abs=3)


def test_measures_come_with_percentiles(head):
    found = measures(head.landmarks, head.mean_vertices)
    assert set(found) == set(MEASURES)
    assert 30 < found["interpupillary_distance"].percentile < 70


def test_the_vocabulary_has_sixty_names_with_a_sentence_each(head):
    assert len(head.controls.names) >= 60
    assert set(head.controls.names) == set(CONTROLS)
    assert all(sentence.endswith(".") for _, sentence in CONTROLS.values())


def test_reading_a_head_leaves_out_the_controls_that_only_steer(head):
    found = head.controls.read(head.sample(1, 4)[0])
    steering = {name for name in CONTROLS if name.startswith(STEERING_ONLY)}
    assert len(steering) == 3 and set(found) == set(CONTROLS) - steering


def test_controls_read_back_what_was_asked_for(head):
    wanted = {"nose_width": 2.0, "chin_width": -1.0, "eye_distance": 1.0}
    found = head.controls.read(head.controls.identity(wanted))
    assert all(found[name] == pytest.approx(value, abs=0.01) for name, value in wanted.items())  # SD


def test_controls_leave_the_rest_of_a_face_as_near_as_possible(head):
    start = head.sample(1, 3)[0]
    moved = head.controls.identity({"nose_width": 1.0}, start)
    gap = 1.0 - head.controls.read(start)["nose_width"]
    within = np.linalg.inv(head.controls.within)

    def length(step):
        return np.sqrt(step @ within @ step)  # SD within a sex

    axis = head.controls.directions[head.controls.names.index("nose_width")]
    others = [gap * step / (axis @ step) for step in (axis, *np.eye(len(start))) if abs(axis @ step) > 0.05]
    assert all(length(moved - start) <= length(other) + 0.01 for other in others)


def test_a_wider_nose_leaves_the_sex_alone(head):
    wide = head.controls.identity({"nose_width": 2.0})
    assert abs(head.attributes(wide)["masculinity"] - 0.5) < 0.15


@pytest.mark.parametrize(
    "control, measure",
    [("nose_width", "nose_breadth"), ("mouth_width", "lip_length"), ("jaw_width", "bigonial_breadth")],
)
def test_controls_move_their_measure(head, control, measure):
    wide, narrow = (head.measure(head.controls.identity({control: v}))[measure].value_mm for v in (2.0, -2.0))
    assert wide - narrow > 3  # mm


def test_an_unknown_control_is_named_in_the_error(head):
    with pytest.raises(FaceGPTError, match="third_eye"):
        head.controls.identity({"third_eye": 1.0})


def attributes_of(head, identities, name):
    return np.array([head.attributes(z)[name] for z in identities])


def test_sampled_sexes_are_told_apart_by_their_shape(head):
    women, men = (attributes_of(head, head.sample(200, 5, s), "masculinity") for s in "FM")
    assert (women < 0.5).mean() > 0.9 and (men > 0.5).mean() > 0.9
    assert women.min() >= 0 and men.max() <= 1


@pytest.mark.parametrize("name", ["masculinity", "heaviness"])
def test_shares_of_adults_are_spread_evenly_over_adults(head, name):
    found = attributes_of(head, head.sample(2000, 12), name)
    assert np.abs(np.percentile(found, [10, 25, 50, 75, 90]) - [0.1, 0.25, 0.5, 0.75, 0.9]).max() < 0.05


def test_most_of_the_prior_looks_adult(head):
    found = attributes_of(head, head.sample(1000, 13), "age_years")
    assert (found < 17).mean() < 0.02
    assert 33 < np.median(found) < 43 and np.percentile(found, 10) > 20 and np.percentile(found, 90) < 60  # years


@pytest.mark.parametrize("age", [4.0, 7.0, 10.0, 13.0, 16.0, 18.0, 25.0, 45.0, 70.0, 100.0])
def test_a_wanted_age_is_read_back(head, age):
    found = attributes_of(head, head.sample(5, 2, age=age), "age_years")
    assert np.abs(found - age).max() < 1.0  # years


def test_children_are_smaller_than_teenagers_and_these_than_adults(head):
    faces = [head.neutral_vertices(head.sample(50, 3, age=age)) for age in (6.0, 14.0, 25.0)]
    lengths, eyes, noses = (
        [measure_mm(head.landmarks, v)[n].mean() for v in faces]
        for n in ("menton_sellion_length", "interpupillary_distance", "nose_protrusion")
    )
    assert 80 < lengths[0] < 100 < lengths[1] < lengths[2]  # mm
    assert 50 < eyes[0] < 57 and eyes[0] < eyes[1] < eyes[2]  # mm
    assert noses[0] < noses[1] < noses[2]


def test_another_age_keeps_the_sex_and_the_weight(head):
    start = head.sample(1, 8, "M", age=30.0)[0]
    older = head.axes.with_age(start, 75.0)
    before, after = head.attributes(start), head.attributes(older)
    assert after["age_years"] == pytest.approx(75, abs=0.5)
    assert after["masculinity"] == pytest.approx(before["masculinity"], abs=0.01)
    assert after["heaviness"] == pytest.approx(before["heaviness"], abs=0.01)


def test_attributes_come_with_an_uncertainty_that_a_vague_fit_widens(head):
    z, albedo = head.sample(1, 9)[0], np.zeros(head.sizes.albedo)
    known, vague = head.attribute_sd(z, albedo), head.attribute_sd(z, albedo, 0.5 * np.eye(len(z)))
    assert set(known) == set(head.attributes(z, albedo))
    assert 4 < known["age_years"] < 15  # years
    assert all(0 < known[name] <= vague[name] for name in known)
    assert vague["age_years"] > known["age_years"] + 2  # years


def test_a_childs_age_is_surer_than_an_adults(head):
    child, adult = head.sample(1, 3, age=8)[0], head.sample(1, 3, age=40)[0]
    assert head.attribute_sd(child)["age_years"] < head.attribute_sd(adult)["age_years"]


@pytest.mark.parametrize("shares", [(1, 0, 0), (0, 1, 0), (0.5, 0.3, 0.2), (0.0, 0.6, 0.4), (1 / 3, 1 / 3, 1 / 3)])
def test_ancestry_mixes_are_found_again(head, shares):
    found = head.ancestry.shares(head.ancestry.identity(dict(zip(ANCESTRIES, shares, strict=True))))
    assert [found[name] for name in ANCESTRIES] == pytest.approx(list(shares), abs=0.01)


def test_a_mix_changes_only_the_plane_of_the_macros(head):
    start = head.sample(1, 6)[0]
    moved = np.stack([head.ancestry.identity({name: 1.0}, start) - start for name in ANCESTRIES])
    assert np.linalg.matrix_rank(moved, tol=1e-2) == 2
    assert np.linalg.norm(moved, axis=1).min() > 1  # SD


@pytest.mark.parametrize("wrong", [{}, {"martian": 1.0}, {"asian": -1.0, "african": 2.0}])
def test_impossible_mixes_are_refused(head, wrong):
    with pytest.raises(FaceGPTError):
        head.ancestry.identity(wrong)


def test_the_population_is_half_women_and_standard_normal(head):
    z = head.sample(4000, 7)
    assert np.abs(z.mean(0)).max() < 0.08
    assert np.abs(np.cov(z.T) - np.eye(z.shape[1])).max() < 0.12


def test_fuller_faces_read_as_heavier(head):
    lean, full = (head.attributes(head.controls.identity({"fullness": v}))["heaviness"] for v in (-2.0, 2.0))
    assert lean < 0.3 < 0.7 < full


def test_lighter_skin_has_a_higher_lightness(head):
    albedo = np.zeros(head.sizes.albedo)
    mean = head.skin_lightness(albedo)
    assert 40 < mean < 85  # CIE L*
    dark, light = (head.skin_lightness(albedo + v * np.eye(len(albedo))[0]) for v in (-1.5, 1.5))
    assert abs(light - dark) > 5


@pytest.mark.parametrize("wrong", [{"sex": "X"}, {"age": 200.0}, {"age": -1.0}])
def test_impossible_requests_for_a_sample_are_refused(head, wrong):
    with pytest.raises(FaceGPTError):
        head.sample(1, **wrong)
