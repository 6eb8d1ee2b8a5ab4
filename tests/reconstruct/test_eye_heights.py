"""Eyes that are known to lie higher or lower are moved there, each on its own, from points of a known head."""

import numpy as np
import pytest

import facegpt
from facegpt.conventions import rotation_from_euler_deg
from facegpt.morphable.base import head_vertices
from facegpt.reconstruct.eye_heights import HABIT_MM, RANGE_MM, eye_heights_mm
from facegpt.types import Camera, DensePoints, Detection, Pose

MODEL = facegpt.load().head
CAMERA = Camera(1500.0, (299.5, 299.5), 600, 600)


def person(yaw_deg: float = 0.0, **local: float):
    rest = facegpt.load().mean_face().params
    pose = Pose(rotation_from_euler_deg(yaw_deg, 8.0, 15.0), np.array([0.0, 0.0, 900.0]))
    return rest.replace(local=local, pose=pose, camera=CAMERA)


def seen(params, sigma_px: float = 1.5, hidden=()):
    """What a detector and a network without errors but their habit say of a head; hidden: sides that a hand covers."""
    placed = params.pose.apply(head_vertices(MODEL, params)) + HABIT_MM * params.pose.rotation[:, 1]

    def points(name):
        return CAMERA.project(MODEL.embedding(name)(placed)).astype(np.float32)

    dense, parts = points("dense"), np.zeros((32, 32, 7), np.float32)
    parts[..., 1] = 1.0
    for columns in hidden:
        parts[:, columns] = np.eye(7)[6]
    crop = np.array([[128 / 600, 0, -0.4], [0, 128 / 600, -0.4]])
    zeros = np.zeros(60), np.ones(60), np.zeros(52)
    told = DensePoints(dense, np.full(len(dense), sigma_px), np.ones(len(dense)), *zeros, parts, crop)
    detection = Detection(points("mediapipe478"), np.zeros(52), 1.0, params.pose.rotation)
    return detection, told


@pytest.mark.parametrize("yaw_deg", [0.0, -20.0])
@pytest.mark.parametrize("known", [(0.0, 0.0), (1.0, 1.0), (0.8, -0.8), (0.0, 1.2)])
def test_each_eye_goes_where_it_is_seen(yaw_deg, known):
    truth = person(yaw_deg, left_eye_height=known[0], right_eye_height=known[1])
    found = eye_heights_mm(MODEL, person(yaw_deg), *seen(truth))
    assert found == pytest.approx(known, abs=0.25)


def test_points_that_are_in_doubt_move_an_eye_less():
    truth = person(left_eye_height=1.0)
    sure, unsure = (eye_heights_mm(MODEL, person(), *seen(truth, sigma))[0] for sigma in (1.0, 8.0))
    assert 0.0 < unsure < 0.6 * sure


def test_no_eye_leaves_its_range():
    detection, told = seen(person())
    higher = np.asarray(told.points_px) - np.array([0.0, 12.0])
    far = DensePoints(**{**vars(told), "points_px": higher})
    assert np.abs(eye_heights_mm(MODEL, person(), detection, far)).max() <= RANGE_MM[1]


def test_an_eye_behind_a_hand_does_as_the_other():
    truth = person(left_eye_height=1.0, right_eye_height=-1.0)
    left, right = eye_heights_mm(MODEL, person(), *seen(truth, hidden=[slice(0, 16)]))
    assert left == pytest.approx(right, abs=1e-6) and left > 0.6
