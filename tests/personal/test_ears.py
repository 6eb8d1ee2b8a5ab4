"""Ears that stand off further, or less, than the nearest person's are found again in their outlines."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.parts import BACKGROUND, HAIR, PARTS, SKIN, FaceParts
from facegpt.morphable.base import head_vertices
from facegpt.personal.ears import EarPhoto, ear_photo, own_ears, with_ears
from facegpt.personal.head import PersonalHead
from facegpt.types import Camera, FaceParams, Pose

SIDE = 480
CAMERA = Camera(900.0, (SIDE / 2, SIDE / 2), SIDE, SIDE)


@pytest.fixture(scope="module")
def person(head) -> PersonalHead:
    return PersonalHead(head, "anna", 0.5 * head.sample(1, 3)[0], np.zeros((head.sizes.vertices, 3)))


def params_of(head: PersonalHead, yaw: float) -> FaceParams:
    zeros = {name: np.zeros(getattr(head.sizes, name)) for name in ("identity", "expression", "albedo")}
    pose = Pose(rotation_from_euler_deg(yaw, 0, 0), np.array([0.0, 0.0, 700.0]))
    joints, light = np.zeros((head.sizes.joints, 3)), np.zeros((9, 3))
    return FaceParams(head.model_id, joints=joints, pose=pose, lighting=light, camera=CAMERA, **zeros)


def outline_of(head: PersonalHead, yaw: float) -> np.ndarray:
    """Where the head is, (SIDE, SIDE) bool: its triangles filled one by one."""
    params = params_of(head, yaw)
    places = CAMERA.project(params.pose.apply(head_vertices(head, params)))
    picture = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    for corners in places[head.triangles]:
        draw.polygon([tuple(corner) for corner in corners], fill=255)
    return np.asarray(picture) > 0


def told_of(inside: np.ndarray, beyond: int = BACKGROUND) -> FaceParts:
    probabilities = np.eye(len(PARTS), dtype=np.float32)[np.where(inside, SKIN, beyond)]
    return FaceParts(probabilities, np.ones_like(inside), np.eye(2, 3))


def seen(person: PersonalHead, other: PersonalHead, beyond: int = BACKGROUND) -> list[EarPhoto]:
    """Frames of `other`, looked at with the head of `person`."""
    turns = (-12.0, -5.0, 0.0, 6.0, 13.0)
    return [EarPhoto(params_of(person, yaw), told_of(outline_of(other, yaw), beyond)) for yaw in turns]


@pytest.mark.parametrize("farther", [(0.6, 0.6), (0.9, 0.2), (0.0, 0.0)])
def test_how_far_ears_stand_off_is_found_in_their_outlines(person, farther):
    found = own_ears(person, seen(person, with_ears(person, np.array(farther))))
    np.testing.assert_allclose(found, farther, atol=0.12)


def test_hair_that_ends_an_ear_early_does_not_shrink_it(person):
    short = with_ears(person, np.array([-0.35, -0.35]))
    assert (own_ears(person, seen(person, short)) < -0.1).all()
    assert (own_ears(person, seen(person, short, beyond=HAIR)) > -0.05).all()


def test_hidden_ears_and_no_frames_leave_the_head_as_it_is(person):
    covered = EarPhoto(params_of(person, 0.0), told_of(np.zeros((SIDE, SIDE), bool), HAIR))
    assert (own_ears(person, [covered, None]) == 0).all()
    assert (own_ears(person, []) == 0).all()
    np.testing.assert_array_equal(with_ears(person, np.zeros(2)).mean_vertices, person.mean_vertices)


def test_only_ears_move_and_to_the_side_alone(person):
    moved = with_ears(person, np.array([0.5, 0.0])).mean_vertices - person.mean_vertices
    assert np.abs(moved[:, 1:]).max() == 0
    assert (moved[:, 0] >= 0).all() and 2 < moved[:, 0].max() < 20
    assert (person.mean_vertices[np.abs(moved[:, 0]) > 0, 0] > 50).all()
    face = person.embedding("ibug68")
    assert np.abs(face(moved)[17:]).max() < 1e-6


def test_a_turned_head_is_not_looked_at(person):
    assert ear_photo(params_of(person, 45.0), np.zeros((8, 8, 3), np.uint8), np.zeros((478, 3))) is None
