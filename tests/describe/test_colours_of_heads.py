"""Colours in words are those that a picture of the head shows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from facegpt import face as faces
from facegpt.conventions import srgb_to_linear
from facegpt.describe.colours_of_heads import hair_name, iris_name
from facegpt.describe.colours_of_heads import iris_colour as colour_of
from facegpt.describe.hair_words import hair_words, iris_words, is_covered
from facegpt.hair.whiskers import hair_colour
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.makehuman.iris_colours import COLOURS, HUES, LINE, iris_bend
from facegpt.types import Glasses, Hair, Worn

#: Iris points of MediaPipe: centre, right, top, left, bottom; of both eyes.
RINGS = (range(468, 473), range(473, 478))


def iris_colour(face):
    return colour_of(face.model, face.params.albedo, face.photo_texture)


def with_irises(head, hue: float, brightness: float = 0.0):
    face = mean_head(head)
    albedo = np.array(face.params.albedo)
    albedo[NAMED["iris_hue"]], albedo[NAMED["iris_brightness"]] = hue, brightness
    return faces.replace(face, params=face.params.replace(albedo=albedo))


def drawn_irises(face) -> np.ndarray:
    """The median sRGB of the irises' rings in the face's own picture, pupils and rims left out."""
    points, picture = face.landmarks("mediapipe478"), face.image
    found = []
    for ring in RINGS:
        centre, *rim = points[list(ring)]
        radius = np.mean([np.linalg.norm(p - centre) for p in rim])
        y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
        far = np.hypot(x - centre[0], y - centre[1]) / radius
        found.append(picture[(far > 0.5) & (far < 0.8) & (y > centre[1])])
    return np.median(np.concatenate(found), 0)


@pytest.mark.parametrize(
    ("hue", "names"),
    [(-1.2, {"brown", "dark brown"}), (0.5, {"green"}), (1.1, {"blue"}), (1.5, {"blue"})],
)
def test_irises_are_called_what_the_picture_shows(head, hue, names):
    face = with_irises(head, hue)
    red, green, blue = drawn_irises(face)
    seen = "blue" if blue > 1.08 * red else "brown" if red > 1.08 * green else "green"
    assert iris_name(iris_colour(face)) in names and seen in {name.split()[-1] for name in names}


def test_a_photo_s_own_irises_are_named_not_the_model_s(head):
    face = with_irises(head, 1.2)
    brown = with_irises(head, -1.0)
    assert iris_name(iris_colour(faces.replace(face, photo_texture=brown.texture))) in ("brown", "dark brown")


@pytest.mark.parametrize(
    ("srgb", "name"),  # CSS colours and usual hair swatches
    [
        ((20, 18, 18), "black"), ((59, 48, 36), "dark brown"), ((106, 78, 56), "brown"), ((230, 206, 168), "blond"),
        ((181, 82, 57), "red"), ((140, 138, 135), "grey"), ((225, 222, 218), "white"), ((255, 105, 180), "pink"),
        ((128, 0, 128), "purple"), ((30, 80, 200), "blue"), ((40, 140, 60), "green"),
    ],
)  # fmt: skip
def test_hair_is_called_as_people_call_such_colours(srgb, name):
    assert hair_name(srgb_to_linear(np.array(srgb) / 255.0)) == name


def test_hair_that_is_mostly_grey_is_grey_whatever_it_was():
    brown = (0.05, 0.03, 0.02)
    assert hair_name(hair_colour(Hair("bob", brown, grey=0.0))) == "dark brown"
    assert hair_name(hair_colour(Hair("bob", brown, grey=1.0))) in ("grey", "white")


def test_hues_of_irises_pass_through_the_colours_that_they_stand_for():
    for hue, colour in zip(HUES, COLOURS, strict=True):
        assert np.allclose(np.exp(hue * LINE + iris_bend(hue)) * COLOURS[0], colour)
    assert np.allclose(iris_bend(-2.0), 0)


def test_the_texture_and_its_statistics_bend_alike(head):
    """The torch texture and the numpy statistics that fits use are two ways to the same irises."""
    face = with_irises(head, 1.1, 0.5)
    texels = face.texture[..., :3]
    prior = iris_colour(face)
    same = faces.replace(face, photo_texture=face.texture)
    assert texels.shape[0] >= 256
    assert np.allclose(np.log(iris_colour(same)), np.log(prior), atol=0.15)


def test_the_colour_of_eyes_behind_dark_lenses_is_not_told():
    blue = np.array([0.1, 0.2, 0.5], np.float32)
    assert "blue" in iris_words(blue, Glasses(darkness=0.0))
    told = iris_words(blue, Glasses(darkness=0.85))
    assert "blue" not in told and "lenses" in told


@pytest.mark.parametrize(("worn", "covered"), [(None, False), (Worn(), False), (Worn(headwear=True), True)])
def test_hair_below_a_hood_that_is_not_on_the_head_is_no_bald_one(worn, covered):
    params = SimpleNamespace(headwear=None, worn=worn)
    said = hair_words(Hair("bald"), covered=is_covered(params))
    assert is_covered(params) == covered and ("bald" in said) != covered
