"""Strata: what is worn or thrown on a face leaves its truth alone, and made-up scores give the figures they must."""

import json
from dataclasses import replace

import numpy as np
import pytest

from facegpt.types import Camera, FaceGPTError, Pose
from facegpt_lab.evaluate.photo_processes import plain
from facegpt_lab.evaluate.protocols.out_of_model import Sample, Score, keep_sample, kept_sample
from facegpt_lab.evaluate.protocols.strata import Judged, common_rows, read_seen, stratum_rows
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.strata.covers import beard, headscarf, made_up, masked, slats, spectacled, veiled
from facegpt_lab.evaluate.strata.drawing import drawn
from facegpt_lab.evaluate.strata.people import as_child, strong_expression
from facegpt_lab.evaluate.strata.pictures import EXIF, SIDE_PX, _direction, _lamp, draw
from facegpt_lab.synthesis.studio.ict_person import IctHead
from facegpt_lab.synthesis.studio.mitsuba_scene import render_photo


@pytest.fixture(scope="module")
def ict():
    try:
        return IctHead(optional_data() / "ict_facekit.npz")
    except FaceGPTError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def person(ict):
    return ict.person(np.zeros(100), {}, np.random.default_rng(0))


def judged(error: float, confidence: float, nme: float = 2.0) -> Judged:
    return Judged(Score(0.0, (error, error), (2.0, 2.0), nme, 3.0), confidence)


def value(rows, text: str) -> float:
    return next(row.value for row in rows if row.metric == text)


def test_make_up_is_colour_alone(ict, person):
    painted = made_up(person, ict, np.random.default_rng(1))
    assert np.array_equal(painted.vertices, person.vertices)
    lips = ict.landmark_vertices[[51, 57]]
    assert (painted.colours[lips, 1] < 0.7 * person.colours[lips, 1]).all()  # lipstick takes the green away


@pytest.mark.parametrize("cover", [beard, masked])
def test_a_cover_lies_on_the_chin_and_leaves_eyes_and_truth_alone(ict, person, cover):
    covered = cover(person, ict, np.random.default_rng(2))
    off = np.linalg.norm(covered.vertices - person.vertices, axis=1)
    assert off[ict.landmark_vertices[8]] > 2.0 and off.max() < 40.0
    assert (off[ict.landmark_vertices[[36, 39, 42, 45, 27, 19, 24]]] < 0.2).all()
    assert np.array_equal(covered.neutral, person.neutral) and np.array_equal(covered.landmarks68, person.landmarks68)


@pytest.mark.parametrize(("cloth", "hides_mouth"), [(headscarf, False), (veiled, True)])
def test_a_cloth_hides_hair_and_ears_and_leaves_eyes_and_truth_alone(ict, person, cloth, hides_mouth):
    count, marks = len(ict.mean), ict.landmark_vertices
    dressed = cloth(person, ict, np.random.default_rng(4))
    off = np.linalg.norm(dressed.vertices[:count] - person.vertices[:count], axis=1)
    assert dressed.triangles.max() < count  # no hair
    assert off[ict.mean[:, 1].argmax()] > 2.0 and (off[marks[[36, 39, 42, 45]]] < 0.2).all()
    assert (off[marks[57]] > 2.0) == hides_mouth
    assert np.array_equal(dressed.landmarks68, person.landmarks68)


def test_glasses_stand_before_both_eyes_and_off_the_face(ict, person):
    count = len(person.vertices)
    for seed in range(8):
        worn = spectacled(person, np.random.default_rng(seed))
        added = worn.vertices[count:]
        assert np.array_equal(worn.vertices[:count], person.vertices)
        eyes = person.landmarks68[[*range(36, 48)]]
        around = added[added[:, 2] > eyes[:, 2].max() + 5]
        for eye in (person.landmarks68[36:42].mean(0), person.landmarks68[42:48].mean(0)):
            own = around[np.sign(around[:, 0]) == np.sign(eye[0])]
            assert own[:, 0].min() < eye[0] - 8 and own[:, 0].max() > eye[0] + 8
            assert own[:, 1].min() < eye[1] - 8 and own[:, 1].max() > eye[1] + 8


def test_a_child_has_a_smaller_face_under_the_same_crown(person):
    child = as_child(person, np.random.default_rng(0))
    crown = person.vertices[:, 1].argmax()
    assert np.linalg.norm(child.vertices[crown] - person.vertices[crown]) < 5.0

    def lower_over_upper(one):
        marks, top = one.landmarks68, one.vertices[crown, 1]
        return (marks[27, 1] - marks[8, 1]) / (top - marks[27, 1])

    assert lower_over_upper(child) < 0.93 * lower_over_upper(person)


def test_strong_expressions_are_of_units_that_ict_has(ict):
    for seed in range(30):
        weights = strong_expression(np.random.default_rng(seed))
        assert set(weights) <= set(ict.expression_names) and max(weights.values()) > 0.7
        rest, moved = ict.shape(np.zeros(100), weights)
        assert np.linalg.norm(moved - rest, axis=1)[ict.landmark_vertices].max() > 3.0


def test_a_drawing_keeps_the_picture_s_size_and_has_few_tones():
    rows, columns = np.mgrid[0:96, 0:96]
    disc = np.where(np.hypot(rows - 48, columns - 48) < 30, 200, 60).astype(np.uint8)
    photo = np.repeat(disc[..., None], 3, 2)
    for seed in range(6):
        made = drawn(photo, np.random.default_rng(seed))
        assert made.shape == photo.shape and made.dtype == np.uint8
        edge = made[48, 14:22].min()
        assert edge < made[48, 48].min()  # an outline, darker than what it goes round


def test_slats_stand_between_face_and_lamp_and_face_it():
    towards = np.array([0.6, 0.0, 0.8])
    corners, triangles = slats(np.array([1.0, 2.0, 3.0]), towards, np.random.default_rng(3))
    assert np.allclose((corners - [1.0, 2.0, 3.0]) @ towards, 280.0)
    a, b, c = (corners[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    assert np.allclose(np.abs(normal @ towards), np.linalg.norm(normal, axis=1))


@pytest.mark.parametrize(("side", "up"), [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0)])
def test_a_lamp_before_the_face_lights_what_the_camera_sees_from_its_own_side(side, up):
    pytest.importorskip("mitsuba", reason="needs Mitsuba 3: pip install -e '.[mitsuba]'")
    ball = ball_mesh()
    look = replace(_lamp(_direction(side * 50, up * 50), 0.2, ambient=0.01), noise=0.0)
    pose, camera = Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 900.0])), Camera(250.0, (31.5, 31.5), 64, 64)
    grey = np.full_like(ball[0], 0.3)
    image = render_photo(*ball, grey, pose, camera, look, np.random.default_rng(0), 0.3).mean(-1)
    rows, columns = np.mgrid[0:64, 0:64] - 31.5
    seen = np.hypot(rows, columns) < 20
    towards = columns * side - rows * up
    lit, away = image[seen & (towards > 8)].mean(), image[seen & (towards < -8)].mean()
    background = image[~(np.hypot(rows, columns) < 24)].mean()
    assert lit > 1.5 * away and lit > background  # a lamp behind the ball would be in the picture


def ball_mesh():
    """A ball of 80 mm: vertices (V, 3), triangles (F, 3) that face outwards."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, 25), np.linspace(0, 2 * np.pi, 49), indexing="ij")
    place = np.stack([np.sin(polar) * np.cos(around), np.cos(polar), np.sin(polar) * np.sin(around)], -1)
    first = (np.arange(24)[:, None] * 49 + np.arange(48)).ravel()
    triangles = np.concatenate(
        [np.stack([first, first + 1, first + 50], 1), np.stack([first, first + 50, first + 49], 1)]
    )
    return 80 * place.reshape(-1, 3), triangles.astype(np.int32)


def test_the_better_quality_is_told_when_it_is_the_worse_one():
    seen = [{"fast": judged(1.0, 0.9), "balanced": judged(1.1, 0.9)} for _ in range(4)]
    seen.append({"fast": judged(1.0, 0.9), "balanced": None})
    rows = stratum_rows("dark", seen)
    assert value(rows, "dark: error of balanced over that of fast") == pytest.approx(1.1)
    assert value(rows, "dark: found by fast and lost by balanced") == 1
    assert {row.met for row in rows if row.target is not None} == {False}


def test_doubt_that_follows_the_error_correlates_fully_and_profiles_are_put_beside_plain_pictures():
    def group(errors, nme):
        return [{q: judged(e, 1 / e, nme + 0.001 * e) for q in ("fast", "balanced")} for e in errors]

    rows = common_rows({"plain": group([1.0, 1.5], 2.0), "profile": group([2.0, 3.0], 3.0)})
    assert value(rows, "fast: 68-point NME of profiles (60-90°) over plain pictures") == pytest.approx(1.5, abs=0.01)
    assert value(rows, "balanced: rank correlation of doubt and surface error, all strata") == pytest.approx(1.0)


def test_figures_over_all_strata_have_intervals_over_people():
    def group(errors, nme):
        return [{q: judged(e, 1 / e, nme * e) for q in ("fast", "balanced")} for e in errors]

    errors = list(np.random.default_rng(1).uniform(1, 3, 12))
    rows = common_rows({"plain": group(errors, 1.0), "profile": group(errors, 1.5)})
    for text in (
        "fast: 68-point NME of profiles (60-90°) over plain pictures",
        "balanced: rank correlation of doubt and surface error, all strata",
    ):
        low, high = (value(rows, f"{text}, 95 % interval {end}") for end in ("from", "to"))
        assert low == pytest.approx(high) == pytest.approx(value(rows, text), abs=1e-6)  # alike for every person


def test_pictures_that_tell_their_focal_length_are_those_of_their_stratum(ict):
    pytest.importorskip("mitsuba", reason="needs Mitsuba 3: pip install -e '.[mitsuba]'")
    for stratum, farther in (("telephoto", True), ("selfie", False)):
        silent, telling = draw(stratum, 900), draw(stratum + EXIF, 900)
        assert silent.focal_px is None and np.array_equal(silent.image, telling.image)
        assert (telling.focal_px > 5 * SIDE_PX) == farther  # a long lens and a wide one


def test_what_was_seen_comes_back_from_json_as_it_was():
    seen = {"fast": judged(1.2, 0.8), "balanced": None}
    back = read_seen(json.loads(json.dumps(plain(seen))))
    assert back["balanced"] is None and back["fast"].confidence == 0.8 and list(back["fast"].score.fit) == [1.2, 1.2]


@pytest.mark.parametrize("focal_px", [None, 812.5])
def test_a_photo_is_read_as_it_was_kept(tmp_path, focal_px):
    image, points = np.arange(48, dtype=np.uint8).reshape(4, 4, 3), np.linspace(0, 1, 204).reshape(68, 3)
    keep_sample(Sample(image, points[:5], points, points[:, :2], -31.5, focal_px), tmp_path / "0.npz")
    read = kept_sample(tmp_path / "0.npz")
    assert (read.yaw_deg, read.focal_px) == (-31.5, focal_px)
    assert (read.image == image).all() and (read.marks68 == points).all() and (read.skin == points[:5]).all()
