"""The light on hair where a light was fitted to a face: whatever it says of crowns, it says little."""

import numpy as np
import pytest

from facegpt.conventions import HEAD_TO_CAMERA_AXES, rotation_from_euler_deg
from facegpt.render.lighting import lighting_from_lamps, lighting_from_sky, sh_basis
from facegpt.render.strand_light import light_beyond_face

UP = np.array([0.0, -1.0, 0.0])


def towards(rotation, aside_deg, up_deg):
    """The direction in the camera frame of a place of the head that looks so far aside and up."""
    aside, up = np.radians((aside_deg, up_deg))
    return rotation @ np.array([np.sin(aside) * np.cos(up), np.sin(up), np.cos(aside) * np.cos(up)])


@pytest.mark.parametrize("yaw", [0.0, 35.0])
def test_lights_that_differ_on_the_crown_alone_light_hair_alike(yaw):
    rotation = rotation_from_euler_deg(yaw, 0.0, 0.0)
    face = [towards(rotation, aside, up) for aside in (-40, 0, 40) for up in (-25, 0, 20)]
    face = [each for each in face if each[2] < -0.2]
    below, above = (lighting_from_lamps((((0.0, y, -0.5), (0.9,) * 3),), (0.5,) * 3) for y in (1.0, -1.0))
    ahead = np.median([sh_basis(each) @ light.mean(1) for each in face for light in (below, above)])
    fitted, bounded = ([sh_basis(UP) @ light.mean(1) for light in pair] for pair in (
        (below, above), [light_beyond_face(light, rotation) for light in (below, above)]
    ))  # fmt: skip
    assert fitted[1] > 2.4 * fitted[0]
    assert bounded[1] < 1.6 * bounded[0]
    assert 0.6 * ahead < bounded[0] < bounded[1] < 1.8 * ahead


def test_faces_keep_their_light():
    rotation = rotation_from_euler_deg(20.0, 5.0, 0.0)
    lamp = lighting_from_lamps((((-0.7, -0.2, -0.7), (1.0, 0.9, 0.8)),), (0.4, 0.45, 0.5))
    bounded = light_beyond_face(lamp, rotation)
    for aside, up in ((0, 0), (30, 0), (-30, 0), (0, 20), (0, -30)):
        way = sh_basis(towards(rotation, aside, up))
        np.testing.assert_allclose(way @ bounded, way @ lamp, rtol=0.2)


def test_usual_light_stays():
    sky = lighting_from_sky(1.6, 0.3, 0.18)
    np.testing.assert_allclose(light_beyond_face(sky, HEAD_TO_CAMERA_AXES), sky, atol=1e-3)
