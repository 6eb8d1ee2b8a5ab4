"""Ears that are known to stand out come out as far as they do, from a map of what a photo shows."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

import facegpt
from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.parts import BACKGROUND, HAIR, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.morphable.base import head_vertices
from facegpt.reconstruct.ears import ears_out_mm
from facegpt.types import Camera, Pose

MODEL = facegpt.load().head
#: 900 mm from the camera, about as large on the map as faces are.
CAMERA = Camera(400.0, ((MAP_PX - 1) / 2,) * 2, MAP_PX, MAP_PX)


def person(yaw_deg: float = 0.0, **local: float):
    rest = facegpt.load().mean_face().params
    pose = Pose(rotation_from_euler_deg(yaw_deg, 0.0), np.array([0.0, 0.0, 900.0]))
    return rest.replace(local=local, pose=pose, camera=CAMERA)


def shown(params, hair_from: int | None = None) -> FaceParts:
    """The map of a bald head before a background; hair from this column to the right."""
    fine = 4
    picture = Image.new("L", (MAP_PX * fine,) * 2)
    draw = ImageDraw.Draw(picture)
    places = (CAMERA.project(params.pose.apply(head_vertices(MODEL, params))) + 0.5) * fine
    for triangle in MODEL.triangles[MODEL.part == MODEL.part_names.index("skin")]:
        draw.polygon([tuple(corner) for corner in places[triangle]], fill=255)
    skin = np.asarray(picture.resize((MAP_PX,) * 2, Image.Resampling.BOX), np.float32) / 255
    probabilities = np.zeros((MAP_PX, MAP_PX, len(PARTS)), np.float32)
    probabilities[..., SKIN], probabilities[..., BACKGROUND] = skin, 1 - skin
    if hair_from is not None:
        probabilities[:, hair_from:] = np.eye(len(PARTS))[HAIR]
    return FaceParts(probabilities, np.ones((MAP_PX,) * 2, bool), np.eye(2, 3))


@pytest.mark.parametrize("known_mm", [-3.0, 0.0, 4.0, 10.0])
@pytest.mark.parametrize("yaw_deg", [0.0, 4.0])
def test_ears_stand_out_as_far_as_those_of_the_picture(known_mm, yaw_deg):
    found = ears_out_mm(MODEL, person(yaw_deg), shown(person(yaw_deg, ears_out=known_mm)))
    assert found == pytest.approx(known_mm, abs=0.6 + 0.1 * abs(known_mm))


def test_a_turn_that_the_fit_has_missed_moves_no_ear():
    found = ears_out_mm(MODEL, person(0.0), shown(person(4.0)))
    assert found == pytest.approx(0.0, abs=1.5)


def test_an_ear_below_hair_tells_nothing():
    assert ears_out_mm(MODEL, person(), shown(person(ears_out=6.0), hair_from=MAP_PX // 2 + 20)) is None
