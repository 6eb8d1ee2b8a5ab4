"""The losses of the recognition network: nothing for the same picture, less for the same person, right gradients."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from placed_people import people

from facegpt.assets import FOLDER
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.face_chips import face_chip
from facegpt.encode.recognition import FaceRecognition, chips_to_tensor
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.language.model.photo_theta import CropTheta
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.train.photo_tokens.likeness import SMALL_PX, Likeness, chip_square_of, chip_squares, read_at
from facegpt_lab.train.photo_tokens.losses import PhotoLosses, srgb
from facegpt_lab.train.photo_tokens.views import Encoder, PhotoExamples, photo_examples


@pytest.fixture(scope="module")
def likeness():
    return Likeness()


@pytest.fixture(scope="module")
def losses():
    return PhotoLosses.of(makehuman.load(), NumbaRenderer(1))


@pytest.fixture(scope="module")
def astronaut():
    with Image.open(FOLDER / "astronaut.png") as picture:
        return np.asarray(picture.convert("RGB"))


def faces_of(losses: PhotoLosses, theta: CropTheta, view) -> PhotoExamples:
    """Show heads to the losses as photos of people: skin wherever the heads have it."""
    count, squares = len(view), chip_squares(view.detected)
    chip = srgb(losses.draw(theta, SMALL_PX, *squares)[0]).clamp(0, 1) * 255
    skin = losses.draw(theta, 64)[1] * 255
    nothing = torch.zeros(count, 1)
    return PhotoExamples(view, nothing, nothing, chip[:, :64, :64].byte(), skin.byte(), chip.round().byte())


def test_the_same_picture_costs_nothing(likeness):
    torch.manual_seed(0)
    photo = torch.rand(2, SMALL_PX, SMALL_PX, 3)
    whole = torch.ones(2, SMALL_PX, SMALL_PX)
    told = likeness.losses(photo, whole, photo)
    assert float(told["identity"]) == pytest.approx(0, abs=1e-8)
    assert float(told["perceptual"]) == pytest.approx(0, abs=1e-8)
    hidden = likeness.losses(1 - photo, whole * 0, photo)  # whatever is drawn where the photo shows no skin
    assert float(hidden["identity"]) == 0 and float(hidden["perceptual"]) == 0
    other = likeness.losses(1 - photo, whole, photo)
    assert float(other["identity"]) > 0.01 and float(other["perceptual"]) > 0.01


def test_the_middle_layers_belong_to_the_same_pass_as_the_descriptor():
    torch.manual_seed(1)
    chips = torch.rand(2, 3, 150, 150) * 255
    network = FaceRecognition()
    look = network.look(chips)
    assert torch.equal(look.descriptor, network(chips))
    assert [tuple(features.shape[1:]) for features in look.middle] == [(32, 35, 35), (64, 17, 17), (128, 8, 8)]
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_gradients_are_those_of_finite_differences(likeness):
    torch.manual_seed(2)
    photo, drawn = (torch.rand(1, SMALL_PX, SMALL_PX, 3) * 0.6 + 0.2 for _ in range(2))
    share = torch.rand(1, SMALL_PX, SMALL_PX)
    likeness._network.double()
    try:
        drawn, photo, share = drawn.double().requires_grad_(True), photo.double(), share.double()
        for name in ("identity", "perceptual"):
            (gradient,) = torch.autograd.grad(likeness.losses(drawn, share, photo)[name], drawn)
            direction = gradient / gradient.norm()
            step = 1e-4
            with torch.no_grad():
                above = likeness.losses(drawn + step * direction, share, photo)[name]
                below = likeness.losses(drawn - step * direction, share, photo)[name]
            assert float(above - below) / (2 * step) == pytest.approx(float(gradient.norm()), rel=1e-3), name
    finally:
        likeness._network.float()


def test_gradients_reach_the_head_through_the_renderer(losses):
    theta, view = people(losses.geometry, 2, seed=4)
    faces = faces_of(losses, theta, view)
    start = {"identity": theta.identity + 0.4, "albedo": theta.albedo + 0.3}
    for name in start:

        def cost(value: torch.Tensor, name: str = name) -> torch.Tensor:
            told = losses.alike(replace(theta, **{**start, name: value}), faces)
            return told["identity"] + told["perceptual"]

        moved = start[name].clone().requires_grad_(True)
        (gradient,) = torch.autograd.grad(cost(moved), moved)
        norm = float(gradient.norm())
        with torch.no_grad():
            step = 0.05 * gradient / norm
            slope = float(cost(moved + step) - cost(moved - step)) / 0.1
        if name == "albedo":
            assert slope == pytest.approx(norm, rel=0.1)
        else:  # folds of the skin hide and show pixels, which no derivative sees: downhill is what can be asked for
            assert 0.3 * norm < slope < 3 * norm


def test_a_head_is_nearer_to_its_own_photo_than_to_anothers(losses):
    theta, view = people(losses.geometry, 4, seed=5)
    faces = faces_of(losses, theta, view)
    own = losses.alike(theta, faces)
    assert float(own["identity"]) < 5e-3 and float(own["perceptual"]) < 0.02  # 8-bit pixels, bilinear maps
    turned = torch.arange(4).roll(1)
    others = replace(theta, identity=theta.identity[turned], albedo=theta.albedo[turned])
    other = losses.alike(others, faces)
    assert float(other["identity"]) > 10 * float(own["identity"])
    assert float(other["perceptual"]) > 3 * float(own["perceptual"])


def test_a_chip_of_a_photo_is_what_the_recognition_network_is_given_elsewhere(astronaut, likeness):
    found = photo_examples(FOLDER / "astronaut.png", Encoder(makehuman.load()), 3, np.random.default_rng(0))
    points = MediaPipeDetector().detect(astronaut)[0].points[list(MEDIAPIPE_68), :2]
    with torch.no_grad():
        known = FaceRecognition()(chips_to_tensor(face_chip(astronaut, points)[None]))
        chips = likeness.look(found.chip.float() / 255).descriptor
    assert float((chips - known).norm(dim=1).max()) < 0.35  # two photos of one person: 0.6


def test_the_square_of_a_mirrored_face_is_the_mirrored_square():
    points = np.random.default_rng(0).normal(0, 10, (478, 2))
    points[list(MEDIAPIPE_68)] += np.random.default_rng(1).normal(0, 50, (68, 2))
    x, y, side = chip_square_of(points)
    mirrored = points * (-1, 1)
    rows = list(MEDIAPIPE_68)
    swap = rows[:36] + rows[42:48] + rows[36:42] + rows[48:]  # the right eye has become the left one
    mirrored[rows] = mirrored[swap]
    assert chip_square_of(mirrored) == pytest.approx((-x, y, side))


def test_maps_are_read_at_the_pixels_of_a_square():
    ramp = ((torch.arange(64) + 0.5) / 32 - 1).expand(2, 64, 64)  # its own x in crop units
    found = read_at(ramp, torch.tensor([[0.0, 0.0], [0.1, -0.2]]), torch.tensor([2.0, 1.0]), 64)
    assert torch.allclose(found[0, 3], ramp[0, 3], atol=1e-5)
    assert found[1, 5].tolist() == pytest.approx((0.1 + ((torch.arange(64) + 0.5) / 64 - 0.5)).tolist(), abs=1e-5)


@pytest.mark.slow
def test_photos_of_one_person_are_nearer_than_those_of_two(likeness, shared_data):
    with PHOTO_SPLIT.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "training"]
    persons = [p for p in {r["person"]: 0 for r in rows} if sum(r["person"] == p for r in rows) in (2, 3)]
    encoder, chips = Encoder(makehuman.load()), []
    for person in persons:
        for row in [r for r in rows if r["person"] == person][:2]:
            found = photo_examples(shared_data / row["name"], encoder, 1, np.random.default_rng(0))
            chips.append(found.chip[0].float() / 255)
    pictures, whole = torch.stack(chips), torch.ones(len(persons), SMALL_PX, SMALL_PX)
    with torch.no_grad():
        same = likeness.losses(pictures[::2], whole, pictures[1::2])
        other = likeness.losses(pictures[::2], whole, pictures[1::2].roll(1, 0))
    assert float(same["identity"]) < 0.36 < float(other["identity"])  # squared distances; 0.6 tells people apart
    assert float(same["perceptual"]) < float(other["perceptual"])
