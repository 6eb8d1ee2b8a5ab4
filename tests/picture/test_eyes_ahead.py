"""Eyes that look at the camera from a turned head look straight ahead when the head is drawn from another side."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

import facegpt
from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES
from facegpt.face import Face
from facegpt.face.looking import eyes_ahead, from_camera_deg, from_elsewhere, turns_to_the_camera, with_eyes_ahead
from facegpt.render.default_view import default_view

LOOK = ARKIT_NAMES.index("eyeLookOutLeft")


@pytest.fixture(scope="module")
def plain():
    return facegpt.load().mean_face()


def turned(plain, yaw_deg, eyes_deg, has_photo=True):
    """The head turned by `yaw_deg` about its own upright axis, whose eyes turn by `eyes_deg` in it."""
    angle = np.radians(yaw_deg)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    pose, camera = default_view(HEAD_TO_CAMERA_AXES @ turn)
    joints, expression = np.array(plain.params.joints), np.array(plain.params.expression)
    for name in ("left_eye", "right_eye"):
        joints[plain.model.joint_names.index(name)] = [0.0, np.radians(eyes_deg), 0.0]
    expression[LOOK] = 0.5
    params = plain.params.replace(pose=pose, camera=camera, joints=joints, expression=expression)
    photo = np.full((camera.height, camera.width, 3), 128, np.uint8)
    return Face(plain.model, params, photo if has_photo else None)


@pytest.mark.parametrize(("yaw", "eyes"), [(25, -25), (25, 0), (0, 20), (-30, 10)])
def test_a_gaze_is_the_sum_of_both_turns(plain, yaw, eyes):
    face = turned(plain, yaw, eyes)
    side, down = from_camera_deg(face, eyes_ahead(face).mean(0))
    assert side == pytest.approx(yaw + eyes, abs=0.1) and down == pytest.approx(0, abs=0.1)


def test_the_skin_of_eyes_put_straight_is_that_of_the_head_painted_anew(plain):
    straight = with_eyes_ahead(turned(plain, 25, -25))
    assert "texture" in straight.__dict__  # painted once for both
    assert np.array_equal(straight.texture, replace(straight).texture)


def test_only_eyes_on_the_camera_in_a_turned_head_of_a_photo_are_put_straight(plain):
    assert turns_to_the_camera(turned(plain, 25, -25))
    assert not turns_to_the_camera(turned(plain, 25, 0))  # looks where the head looks
    assert not turns_to_the_camera(turned(plain, 0, 20))  # looks aside on purpose
    assert not turns_to_the_camera(turned(plain, 3, -3))
    made = turned(plain, 25, -25, has_photo=False)
    assert not turns_to_the_camera(made)
    assert turns_to_the_camera(replace(made, scale_sd=0.05))  # changed since, it was fitted to a photo


def test_eyes_ahead_leave_the_rest_of_the_face(plain):
    face = turned(plain, 25, -25)
    ahead = with_eyes_ahead(face)
    assert ahead.params.expression[LOOK] == 0 and face.params.expression[LOOK] == 0.5
    side, _ = from_camera_deg(ahead, eyes_ahead(ahead).mean(0))
    assert side == pytest.approx(25, abs=0.1)
    assert np.array_equal(ahead.params.identity, face.params.identity)


def test_pictures_from_the_front_are_those_of_eyes_ahead(plain):
    face = turned(plain, 25, -25)
    ahead = replace(with_eyes_ahead(face), photo=None)
    assert np.array_equal(face.render(96, 0.0, distance_mm=1000.0), ahead.render(96, 0.0, distance_mm=1000.0))
    aside = turned(plain, 25, 10)  # what somebody looks at aside is kept
    assert not np.array_equal(aside.render(96, 0.0), with_eyes_ahead(aside).render(96, 0.0))


def test_what_is_drawn_often_is_made_once_and_goes_with_its_head(plain):
    face = turned(plain, 25, -25)
    made = from_elsewhere(face)
    assert from_elsewhere(face) is made
    gone = weakref.ref(made)
    del face, made
    gc.collect()
    assert gone() is None
