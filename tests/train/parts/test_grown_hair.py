"""Pictures of the studio with grown hair: what lies before it hides it, and its mask tells what changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt_lab.synthesis.studio.draw import build_stage
from facegpt_lab.synthesis.studio.scene import draw_scene
from facegpt_lab.train.parts.grown_hair import SHADE, bareheaded, with_grown_hair
from facegpt_lab.train.parts.pictures import labelled_picture

SIDE, NUMBER = 96, 7_000_001


@pytest.fixture(scope="module")
def stage():
    scene = bareheaded(draw_scene(NUMBER, "crop", SIDE))
    scene = replace(scene, framing=replace(scene.framing, margin=1.7, distance_mm=900.0))
    return scene, build_stage(scene, "crop", SIDE)


def test_hair_changes_what_its_mask_covers_and_shades_the_rest(stage):
    scene, built = stage
    light = np.full((SIDE, SIDE, 3), 5.0, np.float32)  # brighter than any hair
    made, cover = with_grown_hair(light, np.zeros((SIDE, SIDE), np.float32), scene, built, np.random.default_rng(0))
    assert 0.01 < (cover > 0.5).mean() < 0.9
    far = cover < 1e-3
    assert (made[far] <= light[far] + 1e-5).all() and (made[far] >= (1 - SHADE) * light[far] - 1e-5).all()
    assert (made[cover > 0.9].mean(-1) < 0.6 * 5.0).all()


def test_what_lies_before_hair_hides_it(stage):
    scene, built = stage
    wall = np.full((SIDE, SIDE), 1 / 100.0, np.float32)  # 10 cm before the camera
    made, cover = with_grown_hair(np.ones((SIDE, SIDE, 3)), wall, scene, built, np.random.default_rng(0))
    assert cover.max() < 1e-3 and np.allclose(made, 1.0, atol=2e-3)


def test_a_number_gives_one_picture():
    (one, labels), (same, again) = labelled_picture(NUMBER, grown=True), labelled_picture(NUMBER, grown=True)
    assert (one == same).all() and (labels == again).all() and (labels == 3).any()
