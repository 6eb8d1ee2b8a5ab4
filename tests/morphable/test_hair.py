"""Hair and corneas: they fit every head, turn with their joints, and are drawn where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from facegpt.assets import asset_path
from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES, srgb_to_linear
from facegpt.face import Face
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.accessories import proxies
from facegpt.morphable.makehuman.cornea import EYEBALL_MM
from facegpt.morphable.makehuman.hair import ASSET, HAIR_STYLES, MESH_STYLES, coloured, load_style
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.warp import Warp
from facegpt.render import plots as pictures
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Camera, FaceGPTError, FaceParams, Hair, Pose

GREEN = (0.02, 0.4, 0.02)


def person(head, style: str | None, seed: int = 0, **changes) -> FaceParams:
    sizes = head.sizes
    params = FaceParams(
        model_id=head.model_id,
        identity=head.sample(1, seed=seed)[0],
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=Pose(HEAD_TO_CAMERA_AXES, np.array([0.0, 0.0, 900.0])),
        albedo=np.zeros(sizes.albedo, np.float32),
        lighting=default_studio_lighting(),
        camera=Camera(900.0, (255.5, 255.5), 512, 512),
        hair=None if style is None else Hair(style),
    )
    return params.replace(**changes)


def worn(head, params: FaceParams, name: str):
    return {proxy.name: proxy for proxy in proxies(head, params)}[name]


def test_the_data_file_is_small_and_every_style_is_light(head):
    assert asset_path(ASSET).stat().st_size < 3_000_000
    for name in MESH_STYLES:
        style = load_style(name)
        assert max(len(style.vertices), len(style.uv)) <= 6000
        assert style.triangles.max() < len(style.vertices) and style.uv_triangles.max() < len(style.uv)
        assert len(style.covered) == len(style.head_open_to_light) == head.sizes.vertices


@pytest.mark.parametrize("style", MESH_STYLES)
def test_no_hair_is_under_the_skin_of_the_skull_of_any_of_six_people(head, style):
    faces = head.triangles[head.part == head.part_names.index("skin")]
    ears = np.abs(head.mean_vertices[:, 0]) > 66  # folds of the ear have no clear outside
    skull = np.setdiff1d(np.unique(faces), np.flatnonzero(ears))
    for seed in range(6):
        params = person(head, style, seed)
        skin = head_vertices(head, params)
        hair = worn(head, params, "hair").mesh.vertices
        distance, near = cKDTree(skin[skull]).query(hair)
        normals = vertex_normals(skin, faces)[skull[near]]
        height = ((hair - skin[skull[near]]) * normals).sum(1)
        assert np.percentile(height[distance < 10], 1) > -1.0  # mm
        assert (height[distance < 10] < -3).mean() < 0.002


def test_hair_follows_the_size_of_the_head(head):
    for style in ("short", "bob"):
        widths = []
        for seed in range(8):
            params = person(head, style, seed)
            skin, hair = head_vertices(head, params), worn(head, params, "hair").mesh.vertices
            skull = np.ptp(skin[(skin[:, 1] > 40) & (skin[:, 2] < 40)][:, 0])
            widths.append((skull, np.ptp(hair[(hair[:, 1] > 40) & (hair[:, 2] < 40)][:, 0])))
        skull, hair = np.array(widths).T
        assert np.corrcoef(skull, hair)[0, 1] > 0.9
        assert np.ptp(hair / skull) < 0.06


def test_hair_turns_stiffly_with_the_head_and_corneas_with_the_eyes(head):
    straight = person(head, "long", 3)
    joints = np.zeros((head.sizes.joints, 3), np.float32)
    joints[head.joint_names.index("head")] = 0, 0.5, 0
    joints[head.joint_names.index("left_eye")] = 0, 0.3, 0
    turned = straight.replace(joints=joints)
    for name, angle in (("hair", 0.5), ("left_cornea", 0.8), ("right_cornea", 0.5)):
        before, after = worn(head, straight, name), worn(head, turned, name)
        rotation = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        moved = before.mesh.vertices - before.mesh.vertices.mean(0)
        np.testing.assert_allclose(after.mesh.vertices - after.mesh.vertices.mean(0), moved @ rotation.T, atol=0.02)
        np.testing.assert_allclose(after.normals, before.normals @ rotation.T, atol=1e-4)


def test_unknown_and_bald_hair_is_no_mesh_and_a_wrong_name_lists_the_right_ones(head):
    for style in (None, "bald", "cropped"):
        assert {proxy.name for proxy in proxies(head, person(head, style))} == {"left_cornea", "right_cornea"}
    with pytest.raises(FaceGPTError, match=r"no hair style 'mullet'.*bald.*long"):
        proxies(head, person(head, "mullet"))
    assert {"bald", "cropped", "short", "bob", "long", "curly"} <= set(HAIR_STYLES)


@pytest.mark.parametrize("style", MESH_STYLES)
def test_hair_has_the_colour_asked_for_and_edges_no_darker_than_the_rest(style):
    look = Hair(style, colour=(0.2, 0.1, 0.05))
    texture = coloured(load_style(style), look)
    linear, alpha = srgb_to_linear(texture[..., :3] / 255), texture[..., 3] / 255
    mean = (linear * alpha[..., None]).sum((0, 1)) / alpha.sum()
    np.testing.assert_allclose(mean, look.colour, rtol=0.15)
    rim = (alpha > 0.02) & (alpha < 0.5)
    assert not rim.any() or linear[rim].mean() > 0.6 * linear[alpha > 0.9].mean()


def test_grey_hair_goes_from_none_to_white():
    style = load_style("short")
    alpha = style.alpha > 0.9

    def redness(grey: float) -> float:
        linear = srgb_to_linear(coloured(style, Hair("short", (0.3, 0.1, 0.02), grey))[..., :3] / 255)[alpha].mean(0)
        return float(linear[0] / linear[2])

    assert redness(0.0) > 10 > redness(0.5) > redness(1.0) > 1
    assert redness(1.0) < 1.2


def test_a_picture_shows_the_hair_on_the_head_and_the_face_below_it(head):
    bald = Face(head, person(head, "bald"))
    haired = replace(bald, params=bald.params.replace(hair=Hair("bob", GREEN)))
    skin, hair = (
        pictures.draw_over(f.mesh, f.params.pose, f.params.camera, f.params.lighting, np.zeros((512, 512, 3), np.uint8),
                           worn=f.proxies).astype(int) for f in (bald, haired)
    )  # fmt: skip
    green = (hair[..., 1] > hair[..., 0] + 20) & (hair[..., 1] > hair[..., 2] + 20)
    top = int(np.flatnonzero(skin.any((1, 2)))[0])
    assert green[top + 8 : top + 40, 246:266].all()
    mouth, eyes = bald.landmarks("ibug68")[48:60], bald.landmarks("ibug68")[36:48]
    for x, y in np.rint(np.concatenate([mouth, eyes])).astype(int):
        assert not green[y, x]


def test_the_scalp_below_hair_is_painted_and_the_face_is_not(head):
    bald, haired = Face(head, person(head, "bald")), Face(head, person(head, "short"))
    changed = np.abs(bald.texture.astype(int) - haired.texture).max(2) > 30
    covered = load_style("short").covered
    uv = head.uv[head.uv_triangles].mean(1)
    texel = np.stack([(1 - uv[:, 1]) * len(changed), uv[:, 0] * len(changed)], 1).astype(int)
    on_hair, off_hair = covered[head.triangles].min(1) > 0.9, covered[head.triangles].max(1) == 0
    assert changed[tuple(texel[on_hair].T)].mean() > 0.9
    assert changed[tuple(texel[off_hair].T)].mean() < 0.05


def test_a_photo_s_texture_is_never_painted(head):
    photo = np.full((64, 64, 4), 128, np.uint8)
    assert Face(head, person(head, "short"), photo_texture=photo).texture is photo


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
    face = Face(head, person(head, None))
    with_corneas = face.render(1024).astype(int)
    without = pictures.draw_alone(face.mesh, face.params.pose.rotation, 1024).astype(int)
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
