"""Colours of skin that no people has: read by name, drawn by their CIELAB, and kept by later edits."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.skin_tints import SKIN_TINTS, tint_lab
from facegpt.language.reading.colours_of_parts import with_colours
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.skin import skin_sample, skin_set, skin_tinted

ANYBODY = HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES)), expression=np.zeros(len(ARKIT_NAMES)))


@pytest.mark.parametrize(
    ("text", "tint"),
    [
        ("a green skinned goblin", "green"),
        ("make his skin dark green", "dark green"),
        ("gray-skinned old man", "grey"),
        ("an alien with violet skin and blue eyes", "purple"),
        ("a blue woman", "blue"),
        ("make him green", "green"),
        ("turquoise eyes", ""),
        ("a woman with green eyes and brown skin", ""),
        ("a black man with dark skin", ""),
        ("make her hair green", ""),
        ("a blue hat", ""),
        ("a grey man", ""),
        ("no green skin please", ""),
    ],
)
def test_colours_of_skin_are_read_by_name(text, tint):
    assert with_colours(ANYBODY, text).skin == tint


@pytest.mark.parametrize("name", SKIN_TINTS)
def test_a_tinted_skin_has_the_colour_of_its_name_on_light_and_dark_people(name):
    albedo = AlbedoModel.load()
    for lightness in (-2.0, 1.5):
        skin = skin_tinted(albedo, skin_sample(albedo, 1, 3, "F", 30, lightness)[0], tint_lab(name))
        seen = _lab_of_cheeks(albedo, skin)
        assert np.abs(seen - SKIN_TINTS[name]).max() < 6.0  # seen from the white of print (D50)


def test_freckles_on_green_skin_leave_it_green():
    albedo = AlbedoModel.load()
    green = skin_tinted(albedo, skin_sample(albedo, 1, 3)[0], tint_lab("green"))
    freckled = skin_set(albedo, {"freckles": 2.0}, green)
    assert np.abs(_lab_of_cheeks(albedo, freckled) - _lab_of_cheeks(albedo, green)).max() < 8.0


def _lab_of_cheeks(albedo: AlbedoModel, skin: np.ndarray) -> np.ndarray:
    linear = albedo.texture(torch.from_numpy(skin[None]), 256)[0].numpy()
    mean = np.exp(np.log(linear[:, (albedo.regions & 3) > 0]).mean(1))
    display = np.where(mean <= 0.0031308, 12.92 * mean, 1.055 * mean ** (1 / 2.4) - 0.055)
    pixel = Image.new("RGB", (1, 1), tuple(np.clip(display * 255, 0, 255).round().astype(int).tolist()))
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB", 6504), "RGB", "LAB")
    lightness, red, yellow = np.array(ImageCms.applyTransform(pixel, to_lab))[0, 0].astype(np.int16)
    signed = [float(value - 256 * (value > 127)) for value in (red, yellow)]
    return np.array([lightness / 2.55, *signed])
