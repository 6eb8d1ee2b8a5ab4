"""Photos without colours: grey and toned ones are known as such, read alike, and their heads say so."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import facegpt
from facegpt.assets import asset_path
from facegpt.reconstruct.one_tone import greyed, has_one_tone

TOLD = "The photo has no colours"
TONES = {"grey": (1, 1, 1), "sepia": (1.06, 0.98, 0.78), "blue": (0.8, 0.95, 1.1)}


def photo() -> np.ndarray:
    return np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))


def toned(tone) -> np.ndarray:
    grey = np.asarray(Image.fromarray(photo()).convert("L"), float)
    return np.clip(grey[..., None] * tone + np.array([8, 4, 0]) * (np.ptp(tone) > 0), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("tone", TONES.values(), ids=TONES)
def test_a_photo_of_one_tone_is_known_and_has_its_brightness_in_grey(tone):
    picture = toned(tone)
    assert has_one_tone(picture)
    grey = greyed(picture)
    assert (np.ptp(grey.astype(int), axis=-1) == 0).all()
    assert np.abs(greyed(grey).astype(int) - grey).max() <= 1


@pytest.mark.parametrize("shape", [(16, 16), (1, 1), (3, 500)])
def test_small_pictures_are_told_too(shape):
    rng = np.random.default_rng(0)
    grey = np.repeat(rng.integers(0, 256, (*shape, 1)), 3, axis=2).astype(np.uint8)
    assert has_one_tone(grey)


def test_a_photo_with_colours_is_none_nor_is_a_face_in_coloured_light():
    assert not has_one_tone(photo())
    assert not has_one_tone((photo() * [1.0, 0.8, 0.5]).astype(np.uint8))


def test_a_grey_and_a_toned_photo_give_one_head_that_says_that_its_colours_are_guesses():
    model = facegpt.load()
    (colours,), (grey,), (sepia,) = (
        model.reconstruct(picture, quality="fast") for picture in (photo(), toned(TONES["grey"]), toned(TONES["sepia"]))
    )
    assert not any(TOLD in sentence for sentence in colours.ignored)
    for face in (grey, sepia):
        assert any(TOLD in sentence for sentence in face.ignored)
    assert np.abs(np.asarray(grey.params.albedo) - sepia.params.albedo).max() < 0.6  # SDs of the skins of people
    np.testing.assert_array_equal(sepia.photo, toned(TONES["sepia"]))
