"""How far away the camera of a selfie was, whose file says no focal length: drawn from known distances."""

from __future__ import annotations

import numpy as np
import pytest

import facegpt
from facegpt.appearance.prior import model_texture, opacity
from facegpt.conventions import ARKIT_NAMES, linear_to_srgb, rotation_from_euler_deg
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.skin import skin_sample
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.portrait import draw_picture
from facegpt.types import Mesh, Pose
from facegpt_lab.evaluate.judges import made_up_points

SIZE = 640
YAWS_DEG = (0, 12, -8, 5)


def selfie(head, seed: int, distance_mm: float):
    """A picture (SIZE, SIZE, 3) of a person between whose ears and the camera lies a distance, and the truth."""
    rotation = rotation_from_euler_deg(YAWS_DEG[seed], 0, 0)
    pose = Pose(rotation, np.array([0, 0, distance_mm]) - rotation @ np.array([0, -10, 0.0]))
    identity = np.random.default_rng(seed).normal(size=head.sizes.identity).clip(-1.5, 1.5)
    camera = made_up_points.camera_of(0.0031 * SIZE * distance_mm, SIZE)
    truth = made_up_points.person(head, identity, np.zeros(len(ARKIT_NAMES), np.float32), pose, camera)
    skin = skin_sample(head.albedo, 1, seed, "F" if seed % 2 else "M", 30)[0]
    colour = linear_to_srgb(model_texture(head, skin, 1024))
    texture = np.round(np.dstack([colour, opacity(head, 1024)]) * 255).astype(np.uint8)
    vertices = head_vertices(head, truth)
    mesh = Mesh(vertices, head.triangles, head.uv, head.uv_triangles, head.part, head.part_names, texture)
    drawn = draw_picture(mesh, truth.pose, truth.camera, default_studio_lighting())
    alpha = drawn[..., 3:] / 255.0
    return np.round(drawn[..., :3] * alpha + 160 * (1 - alpha)).astype(np.uint8), truth


@pytest.mark.parametrize("distance_mm, most", [(500.0, 1.24), (1000.0, 1.12)])
def test_a_head_is_read_about_as_far_away_as_it_is(head, distance_mm, most):
    ratios = []
    for seed in range(len(YAWS_DEG)):
        picture, truth = selfie(head, seed, distance_mm)
        (face,) = facegpt.load().reconstruct(picture, quality="fast")
        ratios.append(face.params.pose.translation[2] / truth.pose.translation[2])
    assert 1 / most < np.exp(np.mean(np.log(ratios))) < most
