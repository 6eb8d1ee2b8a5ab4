"""Corneas and the studio's hair meshes: they fit every head, and are drawn where they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from dressed_people import person, worn

from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.face.rounded import rounded
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.cornea import EYEBALL_MM
from facegpt.morphable.warp import Warp
from facegpt.render import plots as pictures
from facegpt_lab.assets import FOLDER
from facegpt_lab.synthesis.studio.hair_meshes import ASSET, MESH_STYLES, load_style

GREEN = (0.02, 0.4, 0.02)


def test_the_data_file_is_small_and_every_style_is_light(head):
    assert (FOLDER / ASSET).stat().st_size < 3_000_000
    for name in MESH_STYLES:
        style = load_style(name)
        assert max(len(style.vertices), len(style.uv)) <= 6000
        assert style.triangles.max() < len(style.vertices) and style.uv_triangles.max() < len(style.uv)
        assert len(style.covered) == len(style.head_open_to_light) == head.sizes.vertices


def test_the_cornea_bulges_a_millimetre_out_of_the_eyeball_and_stays_below_the_closed_lid(head):
    expression = np.zeros(head.sizes.expression, np.float32)
    expression[[ARKIT_NAMES.index("eyeBlinkLeft"), ARKIT_NAMES.index("eyeBlinkRight")]] = 1
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    for seed in range(4):
        params = person(head, None, seed, expression=expression)
        centres = head.joint_centres(torch.from_numpy(params.identity)[None])[0].numpy()
        for side in ("left", "right"):
            centre = centres[head.joint_names.index(f"{side}_eye")]
            radius = np.linalg.norm(worn(head, params, f"{side}_cornea").mesh.vertices - centre, axis=1)
            assert 1.0 < radius.max() - EYEBALL_MM < 1.4
            assert radius.min() == pytest.approx(EYEBALL_MM, abs=0.05)
            lid = head_vertices(head, params)[skin] - centre
            ahead = lid[(lid[:, 2] > 0) & (np.hypot(lid[:, 0], lid[:, 1]) < 4) & (lid[:, 2] < 30)]
            assert len(ahead) and np.linalg.norm(ahead, axis=1).min() > radius.max()


def test_each_eye_catches_the_light(head):
    face = Face(head, person(head, None)).with_shirt(None)
    with_corneas = face.render(1024).astype(int)
    without = pictures.draw_alone(rounded(face.mesh), face.params.pose.rotation, 1024).astype(int)
    assert (with_corneas[..., 3] == without[..., 3]).all()
    brighter = (with_corneas - without)[..., 0] > 40
    columns = np.flatnonzero(brighter.any(0))
    assert len(columns) and columns.min() < 512 < columns.max()


def test_a_warp_meets_its_anchors_and_keeps_straight_lines_under_a_linear_map():
    rng = np.random.default_rng(2)
    anchors, points = rng.normal(size=(30, 3)) * 80, rng.normal(size=(50, 3)) * 200
    moved = rng.normal(size=(30, 3))
    np.testing.assert_allclose(Warp(anchors).operator(anchors) @ moved, moved, atol=1e-3)
    matrix, shift = rng.normal(size=(3, 3)) * 0.1, rng.normal(size=3)
    linear = Warp(anchors, 5.0).operator(points) @ (anchors @ matrix + shift)
    np.testing.assert_allclose(linear, points @ matrix + shift, atol=1e-2)
