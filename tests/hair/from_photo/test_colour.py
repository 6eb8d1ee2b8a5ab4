"""The colour of hair, against colours that hair has, dyes, and what light and glints do to them."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.cielab import lab_from_linear
from facegpt.generate.hair_colours import DYES, NATURAL, colour_named
from facegpt.hair.from_photo.colour import DARKEST, LIGHTEST, Doubt, as_it_grows


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """ΔE (CIE 76) of two linear colours."""
    return float(np.linalg.norm(lab_from_linear(one) - lab_from_linear(other)))


def change(seen: np.ndarray, truth: np.ndarray) -> float:
    """ΔE (CIE 76) of what is told of hair that is seen as `seen`."""
    return apart(as_it_grows(np.clip(seen, DARKEST, LIGHTEST)), truth)


@pytest.mark.parametrize("name", sorted(NATURAL))
def test_hair_of_a_natural_colour_keeps_it(name):
    colour = np.clip(colour_named(name), DARKEST, LIGHTEST)
    assert change(colour, colour) < 5


@pytest.mark.parametrize("name", ["blue", "green", "turquoise", "pink", "purple"])
def test_dyed_hair_stays_dyed(name):
    colour = np.clip(colour_named(name), DARKEST, LIGHTEST)
    assert change(colour, colour) < 5
    assert name in DYES


@pytest.mark.parametrize("name", ["black", "dark_brown"])
@pytest.mark.parametrize("glint", [(0.004, 0.012, 0.025), (0.0, 0.02, 0.02), (0.01, 0.025, 0.012)])
def test_glints_of_sky_and_leaves_make_dark_hair_neither_blue_nor_green(name, glint):
    seen = np.array(colour_named(name)) + glint
    red, green, blue = as_it_grows(seen)
    assert red >= 0.95 * green >= 0.9 * blue
    assert np.mean((red, green, blue)) == pytest.approx(seen.mean(), rel=0.05)


def test_a_light_of_another_tint_changes_the_colour_less():
    for name, tint in (("black", (0.85, 1.0, 1.2)), ("brown", (0.85, 1.0, 1.2)), ("blond", (0.9, 1.05, 1.1))):
        truth = np.array(colour_named(name))
        assert change(truth * tint, truth) < apart(truth * tint, truth)


@pytest.mark.parametrize("name", ["brown", "auburn"])
def test_brown_hair_in_its_own_shadow_keeps_its_hue_and_is_raised_towards_its_brightness(name):
    truth = np.array(colour_named(name))
    seen = 0.3 * truth
    veiled, clear = as_it_grows(seen), as_it_grows(seen, veil=0.001, lift=0.6)
    assert apart(clear, truth) < 0.8 * apart(veiled, truth)
    assert clear[0] / clear[2] > 0.75 * truth[0] / truth[2]
    assert seen.mean() < clear.mean() < truth.mean() * 1.1


def test_black_hair_in_clear_light_stays_black():
    truth = np.array(colour_named("black"))
    assert np.mean(as_it_grows(truth, veil=0.001, lift=0.6)) < 1.4 * truth.mean()


def test_hair_that_may_be_ash_blond_or_grey_is_grey_on_an_old_head_and_blond_on_a_young_one():
    seen = np.array((0.215, 0.185, 0.145))
    chroma = [float(np.hypot(*lab_from_linear(as_it_grows(seen, grey))[1:])) for grey in (0.0, 0.45, 0.9)]
    assert chroma == sorted(chroma, reverse=True) and chroma[0] > 1.3 * chroma[-1]


LIGHT_SKIN, BROWN_SKIN = 0.38, 0.15


def test_brown_read_off_slicked_hair_on_brown_skin_is_dark_and_as_read_on_light_skin():
    read = np.array([0.17, 0.09, 0.06])
    brown, light = (as_it_grows(read, 0.02, doubt=Doubt(0.6, skin=skin)) for skin in (BROWN_SKIN, LIGHT_SKIN))
    assert brown.mean() < 0.65 * read.mean()
    assert abs(np.log(light.mean() / read.mean())) < 0.25


def test_what_is_read_with_little_doubt_stays():
    for name in ("black", "brown", "blond", "ginger"):
        colour = np.clip(colour_named(name), DARKEST, LIGHTEST)
        found = as_it_grows(colour, 0.02, veil=0.001, doubt=Doubt(0.2, 0.05, LIGHT_SKIN))
        assert apart(found, colour) < 6


def test_hair_that_no_pigment_makes_is_believed_where_it_is_plain():
    mauve = np.array([0.267, 0.184, 0.166])
    hazy = as_it_grows(mauve, 0.0, doubt=Doubt(0.3, skin=LIGHT_SKIN))
    assert hazy[0] > 1.2 * hazy[1] > 1.2 * 1.15 * hazy[2]
    blue = np.clip(colour_named("blue"), DARKEST, LIGHTEST)
    assert apart(as_it_grows(blue, 0.0, doubt=Doubt(0.3, skin=LIGHT_SKIN)), blue) < 8
