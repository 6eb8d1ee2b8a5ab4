"""Captions teach heads without labels: what a made-up describer says of drawn people is learnt from their pictures."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from placed_people import people

from facegpt.detect.windows import Window
from facegpt.encode.photo_view import CropGeometry
from facegpt.language.model.photo_theta import params_of
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt_lab.evaluate.protocols.words.caption_retrieval import TRIALS, alike, candidates, find, interval
from facegpt_lab.train.captions.captioned_photos import CaptionedPhotos, crop_theta
from facegpt_lab.train.captions.residual import CaptionResidual, ResidualSettings, ResidualTraining
from facegpt_lab.train.photo_tokens.losses import PhotoLosses, srgb
from facegpt_lab.train.photo_tokens.views import PhotoExamples

PEOPLE = 24


@pytest.fixture(scope="module")
def losses():
    return PhotoLosses.of(makehuman.load(), NumbaRenderer(1))


def drawn_people(losses: PhotoLosses, seed: int) -> tuple[CaptionedPhotos, torch.Tensor]:
    """Draw people who differ in one direction of shape and one of skin; their captions say how much, in other words.

    The words' heads are the mean head throughout, and the state is an unknown linear code of both amounts, with noise.
    """
    rng = np.random.default_rng(seed)
    said = torch.from_numpy(rng.normal(0, 1, (PEOPLE, 2))).float()
    theta, view = people(losses.geometry, PEOPLE, seed)
    identity, albedo = torch.zeros(PEOPLE, 60), torch.zeros(PEOPLE, 33)
    identity[:, 0], albedo[:, 0] = 1.5 * said[:, 0], 1.2 * said[:, 1]
    theta = type(theta)(identity, theta.expression, theta.placing, theta.optical, albedo, theta.lighting)
    points = losses.geometry.project(losses.geometry.points(identity, theta.expression), theta.placing, theta.optical)
    view = type(view)(**{**vars(view), "points": points, "detected": points[:, :478]})
    picture, skin = losses.draw(theta, 64)
    seen = (srgb(picture).clamp(0, 1) * 255).round().byte()
    nothing = torch.zeros(PEOPLE, 1)
    examples = PhotoExamples(view, nothing, nothing, seen, (skin * 255).byte(), seen[:, :8, :8])
    code = torch.from_numpy(np.random.default_rng(7).normal(0, 1, (2, 12))).float()  # the same in all tests
    state = said @ code + 0.02 * torch.from_numpy(rng.normal(0, 1, (PEOPLE, 12))).float()
    zero = torch.zeros(PEOPLE, 1, 1)
    return CaptionedPhotos(
        examples, theta, torch.zeros(PEOPLE, 128), state[:, None], zero.expand(-1, 1, 60), zero.expand(-1, 1, 33),
        said, ("",) * PEOPLE,
    ), said  # fmt: skip


def test_what_captions_name_is_learnt_from_pictures_alone(losses, tmp_path):
    photos, _ = drawn_people(losses, 1)
    how = ResidualSettings(rank=2, steps=25, batch=8, rate=0.1, asked=0, prior=0.02)
    learnt = ResidualTraining(photos, losses, how).run(tmp_path)
    others, said = drawn_people(losses, 2)
    with torch.no_grad():
        identity, albedo = learnt(others.state)
    assert np.corrcoef(identity[:, 0], said[:, 0])[0, 1] > 0.9
    assert np.corrcoef(albedo[:, 0], said[:, 1])[0, 1] > 0.9
    assert abs(np.corrcoef(identity[:, 0], said[:, 1])[0, 1]) < 0.5


@pytest.mark.parametrize("column", [60, 61], ids=["lightness", "second skin coefficient"])
def test_pixels_pull_the_map_in_the_direction_in_which_the_loss_falls(losses, column):
    photos, _ = drawn_people(losses, 3)
    training = ResidualTraining(photos, losses, ResidualSettings(rank=2, asked=0, prior=0.0))
    rows, start, step = torch.arange(6), 0.3, 0.004

    def photometric(at: float) -> torch.Tensor:
        with torch.no_grad():
            training.map.weight[1, column] = at
        return training.losses_of(rows)["photo"]

    photometric(start).backward()
    slope = float(training.map.weight.grad[1, column])
    above, below = (float(photometric(start + sign * step).detach()) for sign in (1, -1))
    assert slope == pytest.approx((above - below) / (2 * step), rel=0.02)


def test_without_any_directions_all_captions_get_the_same():
    torch.manual_seed(0)
    states = torch.randn(9, 2, 5)
    told = CaptionResidual(states, 0, 3, 2)
    with torch.no_grad():
        told.bias.copy_(torch.arange(5.0))
    identity, albedo = told(states)
    assert torch.equal(identity, torch.arange(3.0).expand(9, 3))
    assert torch.equal(albedo, torch.tensor([3.0, 4.0]).expand(9, 2))


def test_a_head_of_a_photo_is_in_its_crop_what_the_way_back_makes_of_it():
    model = makehuman.load()
    geometry = CropGeometry(model)
    theta, _ = people(geometry, 1, 4)
    size, crop_px, roll = (640, 480), 128, 0.3
    middle, side = np.array([300.0, 220.0]), 200.0
    scale = crop_px / side
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    to_crop = np.column_stack([scale * turn, (crop_px - 1) / 2 - scale * turn @ middle])
    optical = 2 / crop_px * (to_crop[:, :2] @ ((np.array(size) - 1) / 2) + to_crop[:, 2] - (crop_px - 1) / 2)
    theta = type(theta)(**{**vars(theta), "optical": torch.from_numpy(optical).float()[None]})
    params = params_of(theta, 0, model, geometry, SimpleNamespace(crop=to_crop, crop_px=crop_px), size)
    again = crop_theta(params, Window(*middle, side, roll), geometry)
    for name in ("identity", "optical", "lighting"):
        assert torch.allclose(getattr(again, name), getattr(theta, name), atol=1e-3), name
    for name in ("rotation", "centre", "log_scale", "log_depth"):
        assert torch.allclose(getattr(again.placing, name), getattr(theta.placing, name), atol=1e-3), name


def test_what_is_kept_of_photos_comes_back(losses, tmp_path):
    photos, _ = drawn_people(losses, 5)
    photos.save(tmp_path / "photos.safetensors")
    again = CaptionedPhotos.joined([CaptionedPhotos.load(tmp_path / "photos.safetensors")] * 2)
    assert len(again) == 2 * PEOPLE and again.captions == photos.captions * 2
    assert torch.equal(again.state[PEOPLE:], photos.state)
    assert torch.equal(again.theta.placing.centre[:PEOPLE], photos.theta.placing.centre)


def test_heads_that_say_nothing_find_photos_by_chance_and_right_ones_always():
    rng = np.random.default_rng(0)
    photos = rng.normal(0, 1, (60, 128))
    anybody = candidates(60, 1)
    assert anybody.shape == (60, TRIALS, 20) and (anybody[:, :, 0] == np.arange(60)[:, None]).all()
    assert all(len(set(trial)) == 20 for row in anybody for trial in row)
    assert find(photos, photos, anybody).figures()["R@1"].mean() == 1
    many = rng.normal(0, 1, (2, 400, 128))
    chance = find(*many, candidates(400, 1)).figures()["mean rank"]
    low, high = interval(chance)
    assert chance.mean() == pytest.approx(10.5, abs=0.9) and low < chance.mean() < high < low + 2
    nothing = find(np.zeros((60, 128)), np.zeros((60, 128)), anybody)  # no head tells one from another
    assert nothing.figures()["R@1"].mean() == 0


def test_people_of_the_same_looks_are_those_nearest_in_age_of_the_same_half():
    rng = np.random.default_rng(1)
    looks = np.column_stack([rng.random(60), rng.uniform(18, 80, 60)])
    same = alike(looks)[:, 0]
    half = looks[:, 0] > np.median(looks[:, 0])
    assert same.shape == (60, 20) and (same[:, 0] == np.arange(60)).all()
    assert (half[same] == half[:, None]).all()
    for row in (0, 17, 59):
        farthest = np.abs(looks[same[row], 1] - looks[row, 1]).max()
        left_out = np.setdiff1d(np.flatnonzero(half == half[row]), same[row])
        assert (np.abs(looks[left_out, 1] - looks[row, 1]) >= farthest).all()
