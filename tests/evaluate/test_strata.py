"""Strata: what is worn or thrown on a face leaves its truth alone, and made-up scores give the figures they must."""

import json

import numpy as np
import pytest

from facegpt.evaluate.photo_processes import plain
from facegpt.evaluate.protocols.out_of_model import Score
from facegpt.evaluate.protocols.strata import Judged, common_rows, read_seen, stratum_rows
from facegpt.evaluate.registry import optional_data
from facegpt.evaluate.strata.covers import beard, made_up, masked, slats
from facegpt.synthesis.studio.ict_person import IctHead
from facegpt.types import FaceGPTError


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


def test_slats_stand_between_face_and_lamp_and_face_it():
    towards = np.array([0.6, 0.0, 0.8])
    corners, triangles = slats(np.array([1.0, 2.0, 3.0]), towards, np.random.default_rng(3))
    assert np.allclose((corners - [1.0, 2.0, 3.0]) @ towards, 280.0)
    a, b, c = (corners[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    assert np.allclose(np.abs(normal @ towards), np.linalg.norm(normal, axis=1))


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


def test_what_was_seen_comes_back_from_json_as_it_was():
    seen = {"fast": judged(1.2, 0.8), "balanced": None}
    back = read_seen(json.loads(json.dumps(plain(seen))))
    assert back["balanced"] is None and back["fast"].confidence == 0.8 and list(back["fast"].score.fit) == [1.2, 1.2]
