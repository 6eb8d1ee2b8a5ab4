"""A head drawn in several lights at once is the head drawn in each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.conventions import rotation_from_euler_deg
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.render.lighting import SIDE_LAMPS, lighting_from_lamps
from facegpt.render.portrait import draw_in_skins, draw_picture
from facegpt.types import Camera, Pose


def test_lights_and_skins_at_once_are_each_on_its_own(head):
    mesh = mean_head(head).mesh
    dark = mesh.texture.copy()
    dark[..., :3] //= 2
    skins = [mesh.texture, dark]
    pose = Pose(rotation_from_euler_deg(20.0), np.array([0.0, 0.0, 1100.0]))
    camera = Camera(500.0, (59.5, 59.5), 120, 120)
    lights = [lighting_from_lamps((lamp,), (0.2, 0.2, 0.2)) for lamp in SIDE_LAMPS]
    found = draw_in_skins(mesh, [skins] * len(lights), pose, camera, lights, None)
    for light, row in zip(lights, found, strict=True):
        for skin, drawn in zip(skins, row, strict=True):
            alone = draw_picture(replace(mesh, texture=skin), pose, camera, light, 1, as_portrait=True)
            assert np.abs(drawn.astype(int) - alone).max() <= 1
    assert np.abs(found[0][0].astype(int) - found[2][0]).max() > 20
