"""The conventions that everything else relies on, against analytic cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegpt import conventions as c
from facegpt.types import Camera, Pose

ANGLES = st.floats(-80, 80)


def test_there_are_52_arkit_names_and_each_left_one_has_a_right_one():
    assert len(set(c.ARKIT_NAMES)) == 52
    assert {c.mirror_arkit_name(name) for name in c.ARKIT_NAMES} == set(c.ARKIT_NAMES)
    assert c.mirror_arkit_name("jawLeft") == "jawRight" and c.mirror_arkit_name("jawOpen") == "jawOpen"


@given(ANGLES, ANGLES, st.floats(-179, 179))
def test_euler_angles_survive_the_round_trip_through_a_rotation(yaw, pitch, roll):
    rotation = c.rotation_from_euler_deg(yaw, pitch, roll)
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-9) and np.linalg.det(rotation) > 0
    assert np.allclose(c.euler_deg_from_rotation(rotation), (yaw, pitch, roll), atol=1e-4)


def test_the_signs_of_yaw_pitch_and_roll_are_the_documented_ones():
    nose, top = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    assert (c.rotation_from_euler_deg(30) @ nose)[0] > 0.4, "positive yaw: the nose moves to image right"
    assert (c.rotation_from_euler_deg(0, 30) @ nose)[1] > 0.4, "positive pitch: the nose moves down"
    assert (c.rotation_from_euler_deg(0, 0, 30) @ top)[0] > 0.4, "positive roll: the top moves to image right"


def test_an_upright_frontal_head_shows_its_left_on_image_right_and_its_top_up():
    pose = Pose(c.rotation_from_euler_deg(0), np.array([0.0, 0.0, 1000.0]))
    camera = Camera(1000.0, (99.5, 99.5), 200, 200)
    left, top, centre = camera.project(pose.apply(np.array([[50.0, 0, 0], [0, 50, 0], [0, 0, 0]])))
    assert np.allclose(left, (149.5, 99.5)) and np.allclose(top, (99.5, 49.5)) and np.allclose(centre, (99.5, 99.5))


def test_a_camera_scaled_by_two_puts_pixel_centres_where_resizing_does():
    camera = Camera(500.0, (49.5, 49.5), 100, 100).scaled(2.0)
    assert camera.principal_px == (99.5, 99.5) and (camera.width, camera.focal_px) == (200, 1000.0)


@pytest.mark.parametrize(("srgb", "linear"), [(0.0, 0.0), (1.0, 1.0), (0.5, 0.21404114), (0.02, 0.02 / 12.92)])
def test_srgb_conversion_meets_the_standards_values(srgb, linear):
    assert c.srgb_to_linear(srgb) == pytest.approx(linear, abs=1e-6)
    assert c.linear_to_srgb(linear) == pytest.approx(srgb, abs=1e-6)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_a_rotation_vector_turns_about_itself_by_its_length(vector):
    rotation = c.rotation_from_rotvec(vector)
    assert np.allclose(rotation @ vector, vector, atol=1e-9)
    angle = np.linalg.norm(vector)
    assert np.trace(rotation) == pytest.approx(1 + 2 * np.cos(angle), abs=1e-9)
