"""Every promise of detect/base.py, run for each registered detector on the bundled photo, whose face is 108 px high."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation, mirror_arkit_name
from facegpt.detect.base import Detector
from facegpt.detect.geometry import canonical_face
from facegpt.runtime import registry
from facegpt.types import Detection, ShapeError


@pytest.fixture(scope="module", params=registry.parts("detect"), ids=lambda part: part.name)
def detector(request) -> Detector:
    return request.param.make()


@pytest.fixture(scope="module")
def face(detector, astronaut) -> Detection:
    (found,) = detector.detect(astronaut)
    return found


def distances_px(points: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points[:, :2] - expected[:, :2], axis=1)


def test_is_a_detector(detector):
    assert isinstance(detector, Detector)
    assert detector.name


def test_a_detection_has_the_shapes_and_ranges_that_the_contract_names(face):
    assert face.points.shape == (478, 3)
    assert face.scores.shape == (52,)
    assert (face.scores >= 0).all()
    assert (face.scores <= 1).all()
    assert face.scores[ARKIT_NAMES.index("tongueOut")] == 0
    assert 0.9 < face.confidence <= 1
    assert np.allclose(face.rotation @ face.rotation.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(face.rotation) > 0
    assert face.source


def test_the_points_are_where_the_face_is(face):
    right_eye, left_eye, nose_tip, chin = (face.points[k, :2] for k in (468, 473, 1, 152))
    # read off the enlarged photo by eye, pixels
    assert np.linalg.norm(right_eye - (204, 100.5)) < 1.5
    assert np.linalg.norm(left_eye - (247, 103)) < 1.5
    assert np.linalg.norm(nose_tip - (223, 128)) < 4
    assert np.linalg.norm(chin - (224, 177.5)) < 4


def test_her_smile_is_seen(face):
    assert face.scores[ARKIT_NAMES.index("mouthSmileLeft")] > 0.6
    assert face.scores[ARKIT_NAMES.index("jawOpen")] < 0.4


def test_a_photo_shifted_by_whole_pixels_shifts_the_points_by_just_that(detector, astronaut, face):
    for dx, dy in ((1, 0), (17, 40), (3, 300)):
        canvas = np.full((512 + dy, 512 + dx, 3), 100, np.uint8)
        canvas[dy:, dx:] = astronaut
        (moved,) = detector.detect(canvas)
        assert distances_px(moved.points - [dx, dy, 0], face.points).mean() < 0.4
        assert np.abs((moved.points - [dx, dy, 0] - face.points)[:, :2].mean(0)).max() < 0.25


def test_a_mirrored_photo_gives_mirrored_points_scores_and_rotation(detector, astronaut, face):
    (mirrored,) = detector.detect(np.ascontiguousarray(astronaut[:, ::-1]))
    back = (mirrored.points * [-1, 1, 1] + [511, 0, 0])[canonical_face().mirror]
    assert distances_px(back, face.points).mean() < 0.4
    assert distances_px(back, face.points).max() < 1.0
    swapped = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]
    assert np.abs(mirrored.scores[swapped] - face.scores).max() < 0.05
    yaw, pitch, roll = euler_deg_from_rotation(face.rotation)
    assert np.allclose(euler_deg_from_rotation(mirrored.rotation), (-yaw, pitch, -roll), atol=1.0)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_turned_by_quarters_gives_turned_points_and_roll(detector, astronaut, face, quarters):
    (turned,) = detector.detect(np.ascontiguousarray(np.rot90(astronaut, quarters)))
    points = turned.points.copy()
    for _ in range(quarters):  # np.rot90 takes (x, y) to (y, 511 - x); go back
        points[:, 0], points[:, 1] = 511 - points[:, 1], points[:, 0].copy()
    assert distances_px(points, face.points).mean() < 0.5
    assert np.abs(turned.scores - face.scores).max() < 0.1
    roll_change = euler_deg_from_rotation(turned.rotation)[2] - euler_deg_from_rotation(face.rotation)[2]
    assert abs((roll_change + 90 * quarters + 180) % 360 - 180) < 2.0


def test_an_enlarged_photo_keeps_the_convention_of_pixel_centres(detector, astronaut, face):
    (large,) = detector.detect(np.ascontiguousarray(astronaut.repeat(4, 0).repeat(4, 1)))
    points = (large.points[:, :2] + 0.5) / 4 - 0.5
    assert distances_px(points, face.points).mean() < 0.3
    assert np.abs((points - face.points[:, :2]).mean(0)).max() < 0.15


def test_a_grey_photo_gives_the_same_points(detector, astronaut, face):
    grey = np.asarray(Image.fromarray(astronaut).convert("L").convert("RGB"))
    assert distances_px(detector.detect(grey)[0].points, face.points).mean() < 2.0


def test_a_batch_gives_the_same_as_single_calls(detector, astronaut, face):
    small = np.asarray(Image.fromarray(astronaut).reduce(2))
    batch = detector.detect_batch([astronaut, small, np.zeros((64, 64, 3), np.uint8)])
    assert [len(found) for found in batch] == [1, 1, 0]
    assert np.array_equal(batch[0][0].points, face.points)
    assert np.array_equal(batch[1][0].points, detector.detect(small)[0].points)
    assert detector.detect_batch([]) == []


def test_threads_may_share_a_detector(detector, astronaut, face):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(detector.detect, [astronaut] * 8))
    assert all(np.array_equal(one[0].points, face.points) for one in found)


def test_the_photo_is_not_changed(detector, astronaut):
    before = astronaut.copy()
    detector.detect(astronaut)
    assert np.array_equal(before, astronaut)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (1, 4000), (15, 15), (16, 16), (20, 3000)])
def test_a_picture_too_small_for_a_face_gives_none(detector, shape):
    assert detector.detect(np.full((*shape, 3), 128, np.uint8)) == []


@pytest.mark.slow
def test_a_huge_picture_is_searched(detector, astronaut):
    huge = np.full((6000, 8000, 3), 90, np.uint8)
    huge[3000:3512, 5000:5512] = astronaut
    (found,) = detector.detect(huge)
    assert np.linalg.norm(found.points[1, :2] - (5223, 3131)) < 6


def test_a_picture_without_a_face_gives_none(detector):
    generator = np.random.default_rng(5)
    assert detector.detect(np.full((300, 400, 3), 128, np.uint8)) == []
    assert detector.detect(generator.integers(0, 256, (300, 400, 3), dtype=np.uint8)) == []


@pytest.mark.parametrize(
    "wrong", [np.zeros((64, 64), np.uint8), np.zeros((64, 64, 4), np.uint8), np.zeros((64, 64, 3))]
)
def test_an_array_of_another_shape_or_type_is_refused_with_a_sentence(detector, wrong):
    with pytest.raises(ShapeError, match="uint8"):
        detector.detect(wrong)
