"""Brightness of fitted hair: heads whose hair is known are drawn, and found again from a wrong start."""

import numpy as np
import pytest
from drawn_parts import map_of_drawn
from facing_params import SIDE, facing_params

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.encode.parts import HAIR, MAP_PX, SKIN, FaceParts
from facegpt.face import Face
from facegpt.hair.from_photo.brightness import as_bright_as_seen
from facegpt.hair.from_photo.drawn_hair import DrawnHead
from facegpt.hair.worn import worn
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.lighting import lighting_from_lamps
from facegpt.render.plots import draw_over
from facegpt.types import Hair

LIGHT = lighting_from_lamps((((0.5, -0.5, -0.7), (0.6, 0.55, 0.5)),), (0.6, 0.6, 0.6))


@pytest.fixture(scope="module")
def model():
    return makehuman.load()


def head_with(model, style, colour):
    return Face(model, facing_params(model, LIGHT, hair=Hair(style, colour)))


def as_bright(face, picture, parts):
    return as_bright_as_seen(DrawnHead(face.model, face.params, face.mesh), picture, parts)


def picture_of(face):
    """The head before a blue wall, and which part each pixel shows by drawing hair black and white."""
    p, wall = face.params, np.full((SIDE, SIDE, 3), (40, 90, 200), np.uint8)

    def drawn(colour):
        hats = worn(face.model, p.replace(hair=Hair(p.hair.style, colour)))
        return draw_over(face.mesh, p.pose, p.camera, p.lighting, wall, worn=hats).astype(int)

    own = drawn(p.hair.colour)
    hair = np.abs(drawn((0.5, 0.5, 0.5)) - drawn((0.005, 0.005, 0.005))).sum(-1) > 150
    skin = (own[..., 0] > own[..., 2]) & ~hair
    return own.astype(np.uint8), map_of_drawn(hair, skin)


@pytest.mark.parametrize("style", ["bob", "short", "afro"])
@pytest.mark.parametrize("start", [0.5, 2.0])
def test_hair_comes_nearer_to_the_brightness_that_the_photo_shows(model, style, start):
    truth = np.array((0.09, 0.05, 0.03))
    picture, parts = picture_of(head_with(model, style, tuple(truth)))
    found = as_bright(head_with(model, style, tuple(truth * start)), picture, parts)
    ratio = np.array(found.colour) / truth
    assert np.ptp(ratio) < 1e-6 * ratio.mean()  # the tint stays
    assert abs(np.log2(ratio.mean())) < 0.75  # from a half or the double
    assert (ratio.mean() - start) * (1 - start) > 0


def test_light_that_is_wrong_for_all_of_the_head_is_not_blamed_on_the_hair(model):
    truth = (0.09, 0.05, 0.03)
    lit = head_with(model, "bob", truth)
    picture, parts = picture_of(lit)
    dim = Face(model, lit.params.replace(lighting=LIGHT * np.float32(0.6)))
    found = as_bright(dim, picture, parts)
    assert np.mean(found.colour) / np.mean(truth) == pytest.approx(1.0, abs=0.2)


def test_black_hair_that_mirrors_the_sky_is_not_taken_for_brown(model):
    """A veil of sky over the brightest third of the strands, as bright as light brown hair."""
    truth = (0.016, 0.012, 0.010)
    picture, parts = picture_of(head_with(model, "bob", truth))
    scale = SIDE / MAP_PX
    rows = ((np.arange(SIDE) + 0.5) / scale).astype(int)
    hair = parts.probabilities[..., HAIR][np.ix_(rows, rows)] > 0.5
    linear = srgb_to_linear(picture / 255.0)
    bright = hair & (linear.mean(-1) > np.quantile(linear.mean(-1)[hair], 0.67))
    linear[bright] += (0.06, 0.07, 0.09)
    glossy = np.round(linear_to_srgb(linear) * 255).astype(np.uint8)
    found = as_bright(head_with(model, "bob", truth), glossy, parts)
    assert np.mean(found.colour) < 1.3 * np.mean(truth)


def test_hair_that_the_photo_does_not_show_stays(model):
    face = head_with(model, "bob", (0.09, 0.05, 0.03))
    picture, parts = picture_of(face)
    nothing = FaceParts(np.eye(9, dtype=np.float32)[np.full((MAP_PX, MAP_PX), SKIN)], parts.seen, parts.to_map)
    assert as_bright(face, picture, nothing) == face.params.hair
