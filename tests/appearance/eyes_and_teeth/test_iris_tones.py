"""Irises of known colour beside skin and whites, in lamps of any colour and strength."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.eyes_and_teeth.iris_tones import LIGHT, SKIN, light_shares, tones_of
from facegpt.appearance.eyes_and_teeth.usual_whites import eyeballs, usual_whites
from facegpt.cielab import RGB_TO_Y, lab_from_linear

LIGHTNESS = 62.0
OWN_SKIN, WHITE = np.exp(SKIN[0] * LIGHTNESS + SKIN[1]), np.array([0.60, 0.55, 0.50])
DARK, GREY, BLUE, GREEN = (0.020, 0.011, 0.007), (0.060, 0.062, 0.055), (0.055, 0.075, 0.095), (0.070, 0.075, 0.045)


def read(iris, lamp=(1.0, 1.0, 1.0), veil=0.0):
    """CIELAB of the iris if it is brown, and if it is light, when `lamp` lights all and the cornea mirrors `veil`."""
    shown = (np.array(iris) + veil) * lamp
    pair = tones_of(np.log(shown / (OWN_SKIN * lamp)), np.log(shown / (WHITE * lamp)), LIGHTNESS)
    return [lab_from_linear(np.exp(colour)) for colour in pair]


@pytest.mark.parametrize("iris", [DARK, GREY, BLUE, GREEN])
def test_neither_the_lamp_nor_the_exposure_counts(iris):
    white, warm, dim = (read(iris, lamp) for lamp in ((1, 1, 1), (1.2, 0.8, 0.45), (0.1, 0.1, 0.1)))
    assert np.allclose(white, warm) and np.allclose(white, dim)


def test_blue_irises_are_bluer_than_grey_ones_and_green_ones_yellower():
    blue, grey, green = (read(iris)[1][2] for iris in (BLUE, GREY, GREEN))
    assert blue < grey - 3 < green - 6  # b*


@pytest.mark.parametrize("iris", [GREY, BLUE, GREEN])
def test_light_irises_are_nearly_of_the_colour_that_photos_show(iris):
    """Drawn corneas mirror next to nothing, so that what a photo's mirror is part of the colour that is seen."""
    assert np.linalg.norm(read(iris)[1] - lab_from_linear(iris)) < 5


def test_photos_that_show_what_a_kind_shows_are_of_that_kind():
    shares = np.array([light_shares(np.array(kind.shown)) for kind in LIGHT])
    assert (shares.argmax(1) == np.arange(len(LIGHT))).all()
    assert np.allclose(shares.sum(1), 1)


def test_light_irises_keep_their_brightness_whatever_their_kind():
    dark, pale = (np.exp(tones_of(*[np.log(np.array(GREEN) * by / one) for one in (OWN_SKIN, WHITE)], LIGHTNESS)[1])
                  for by in (0.7, 1.4))  # fmt: skip
    assert 1.1 < (RGB_TO_Y @ pale) / (RGB_TO_Y @ dark) < 2.0


@pytest.mark.parametrize("veil", [0.0, 0.01, 0.03])
def test_brown_irises_are_reddish_and_dark_whatever_the_cornea_mirrors(veil):
    light, red, yellow = read(DARK, veil=veil)[0]
    assert light < 18 and red > 3 and 0.5 < yellow / red < 2.2  # no olive: hues of 27 to 65 degrees


def test_the_limbus_is_a_dark_ring_about_the_iris(head):
    part = atlas_of(head, 512).part
    change, polar = usual_whites(part, head.part_names), eyeballs(part, head.part_names)[1]
    ring, iris, white = (polar > 27.4) & (polar < 29), (polar > 15) & (polar < 23), (polar > 40) & (polar < 60)
    assert change[ring].max() < -0.25 < change[white].min()
    assert not change[iris].any()
