"""The studio's two engines beside each other: each is the other's independent witness."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("mitsuba", reason="needs Mitsuba 3: pip install -e '.[mitsuba]'")

from facegpt.conventions import linear_to_srgb
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, AlbedoModel
from facegpt.render.lighting import sh_basis
from facegpt_lab.synthesis.studio import path_tracing as photo_mitsuba
from facegpt_lab.synthesis.studio.draw import SUPERSAMPLE, build_stage, render_stage
from facegpt_lab.synthesis.studio.scene import Cloth, HairLook, Lamp, Occluder, PhotoScene, draw_scene
from facegpt_lab.synthesis.studio.skins import SIDE, SkinPool

SIZE = 144


@pytest.fixture(scope="module")
def pool() -> SkinPool:
    """One skin: the mean."""
    skin = np.exp(AlbedoModel.load().mean_at(SIDE)).transpose(1, 2, 0)
    none = np.zeros((1, 3), np.float32)
    texture = np.round(linear_to_srgb(skin) * 255).astype(np.uint8)[None]
    return SkinPool(texture, 1, np.zeros((1, ALBEDO_SIZE), np.float32), none, none[:, 0], none[:, 0] > 1)


def plain_scene(seed: int = 3, yaw_deg: float = 20.0) -> PhotoScene:
    """A bare head in light from all around and one lamp."""
    scene = draw_scene(seed, "crop", SIZE)
    ambient = np.zeros((9, 3), np.float32)
    ambient[0] = 0.5 * np.sqrt(4 * np.pi)
    ambient[1] = -0.4
    skin = replace(scene.skin, mix=0.0, gain=(1.0, 1.0, 1.0), gloss=0.02, under=(0.0, 0.0, 0.0))
    return replace(
        scene,
        expression=np.zeros_like(scene.expression),
        yaw_deg=yaw_deg,
        pitch_deg=0.0,
        skin=skin,
        hair=HairLook("", (0.1, 0.1, 0.1)),
        body=None,
        glasses=None,
        hat=None,
        occluders=(),
        lamps=(Lamp((-0.48, -0.36, -0.8), (0.7, 0.6, 0.5), True),),
        ambient=ambient,
    )


def both(scene: PhotoScene, pool: SkinPool):
    stage = build_stage(scene, "crop", SIZE)
    fine = round(SIZE * SUPERSAMPLE)
    ours = render_stage(scene, stage, np.zeros((fine, fine, 3), np.float32), pool)
    light, coverage = photo_mitsuba.trace(scene, stage, pool, samples=8)
    rows = np.floor((np.arange(SIZE) + 0.5) * SUPERSAMPLE).astype(int)
    return ours, ours.part[np.ix_(rows, rows)], light, coverage


@pytest.mark.slow
@pytest.mark.parametrize("yaw_deg", [0.0, 60.0])
def test_both_engines_see_the_same_outline_and_light(pool, yaw_deg):
    ours, part, light, coverage = both(plain_scene(yaw_deg=yaw_deg), pool)
    covered, traced = part > 0, coverage > 0.5
    assert (covered & traced).sum() / (covered | traced).sum() > 0.97
    skin = (part == 1) & traced
    for channel in range(3):
        assert np.corrcoef(ours.light[skin, channel], light[skin, channel])[0, 1] > 0.8
    assert np.median(light[skin]) == pytest.approx(np.median(ours.light[skin]), rel=0.25)


@pytest.mark.slow
def test_a_box_before_the_face_casts_a_shadow_on_it(pool):
    scene = plain_scene(yaw_deg=0.0)
    scene = replace(scene, lamps=(Lamp((-0.45, -0.1, -0.89), (1.0, 1.0, 1.0), True),))
    cloth = Cloth((0.2, 0.2, 0.2), (0.2, 0.2, 0.2), "plain", 10.0, 0.0)
    box = Occluder("box", 4.5 / 468, 40.0, 0.0, 0.0, (20.0, 50.0, 3.0), cloth, (0.5,) * 16)  # at the nose tip
    _, part, bare, _ = both(scene, pool)
    _, part_with, covered, _ = both(replace(scene, occluders=(box,)), pool)
    skin = (part == 1) & (part_with == 1)
    darker = covered[skin].mean(-1) < 0.6 * bare[skin].mean(-1)
    assert darker.mean() > 0.03  # of the skin that is seen in both pictures


def test_the_sky_gives_back_the_scenes_ambient_light():
    scene = replace(plain_scene(), lamps=())
    scene.ambient[:4] = [[1.9, 1.7, 1.5], [-0.5, -0.5, -0.4], [0.2, 0.1, 0.0], [0.3, 0.2, 0.3]]
    picture = photo_mitsuba.sky(scene).astype(np.float64)
    rows = len(picture)
    polar, around = (np.arange(rows) + 0.5) / rows * np.pi, (np.arange(2 * rows) + 0.5) / rows * np.pi
    sine = np.sin(polar)[:, None]
    direction = np.stack([sine * np.sin(around), -np.cos(polar)[:, None] + 0 * around, sine * np.cos(around)], -1)
    normals = np.random.default_rng(0).normal(size=(20, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    falling = np.maximum(np.einsum("nk,abk->nab", normals, direction), 0) * sine * (np.pi / rows) ** 2
    white = np.einsum("nab,abc->nc", falling, picture) / np.pi
    np.testing.assert_allclose(white, sh_basis(normals) @ scene.ambient, atol=0.01)


def test_smoothing_takes_noise_away_and_leaves_edges():
    rng = np.random.default_rng(1)
    albedo = np.where(np.arange(64) < 32, 0.2, 0.6)[None, :, None] * np.ones((64, 64, 3))
    clean = albedo * 0.5
    noisy = clean * (1 + 0.3 * rng.standard_normal((64, 64, 1)))
    normals, depth = np.zeros((64, 64, 3)), np.full((64, 64), 500.0)
    smooth = photo_mitsuba.quietened(noisy, albedo, normals, depth)
    assert np.abs(smooth - clean).mean() < 0.35 * np.abs(noisy - clean).mean()
    assert np.abs(smooth[:, 31:33] - clean[:, 31:33]).mean() < 0.05


def test_an_eye_is_dark_in_the_middle_and_white_outside():
    eye = photo_mitsuba.eye_texture(np.array([0.1, 0.2, 0.3, 0.6, 0.55, 0.5, 0.4, 0.5], np.float32))
    middle = len(eye) // 2
    assert eye[middle, middle].max() < 0.02
    assert eye[middle, 3].min() > 0.3
    assert eye[middle, int(middle * 1.35)].argmax() == 2  # the iris is blue
