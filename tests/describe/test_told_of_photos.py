"""What is said of heads in photos is what the photos show."""

from __future__ import annotations

import numpy as np

from facegpt.cielab import linear_from_lab
from facegpt.describe import sentences as words
from facegpt.describe.colours_of_heads import hair_name
from facegpt.describe.scene import Scene, shows_colours
from facegpt.describe.scene_words import sight_words
from facegpt.describe.sentences import Facts
from facegpt.types import Hair


def test_colours_are_no_facts_of_a_grey_photo():
    looks, brown = {"skin_lightness": 60.0}, np.array([0.055, 0.025, 0.010])
    hair = Hair("long_wavy", colour=(0.1, 0.05, 0.02), beard=1.0)
    known = {"looks": looks, "irises": brown, "hair": hair, "scale_sd": 0.04}
    told = words.describe(Facts({}, **known))
    assert "The skin is light" in told and "The eyes are brown" in told and "brown hair, long wavy" in told
    grey = words.describe(Facts({}, **known, has_colour=False))
    assert "brown" not in grey and "The skin" not in grey and "long wavy" in grey and "no colours" in grey


def test_a_photo_without_colours_is_known_as_one():
    ramp = np.tile(np.arange(200, dtype=np.uint8)[:, None, None], (1, 160, 3))
    assert not shows_colours(ramp)
    assert shows_colours(np.uint8(ramp * (1.0, 0.8, 0.6)))


def test_little_that_a_photo_reads_into_a_calm_face_is_not_told():
    calm = {
        "eyeWideLeft": 0.8,
        "eyeWideRight": 0.4,
        "mouthSmileLeft": 0.33,
        "mouthSmileRight": 0.3,
        "eyeLookOutLeft": 0.6,
    }
    told = words.expression_words(Facts({}, blendshapes=calm, scale_sd=0.04, lids=(0.3, 0.29), gaze_deg=(-8.0, 9.0)))
    assert told in ("The face is at rest.", "The expression is neutral.")
    clear = calm | {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.4}
    told = words.expression_words(Facts({}, blendshapes=clear, scale_sd=0.04, lids=(0.4, 0.4), gaze_deg=(-30.0, 9.0)))
    assert "a smile" in told and "wide-open eyes" in told
    assert "eyes looking past the camera to the left of the picture" in told


def test_one_side_is_told_only_where_it_differs_clearly():
    def told(left: float, right: float) -> str:
        weights = {"mouthSmileLeft": left, "mouthSmileRight": right}
        return words.expression_words(Facts({}, blendshapes=weights, scale_sd=0.04))

    assert "smile" not in told(0.34, 0.1)
    assert "a smile on its left side" in told(0.6, 0.1)


def test_dark_grey_hair_is_grey_and_dark_brown_hair_is_not():
    assert hair_name(linear_from_lab(np.array([39.0, 0.0, 2.0]))) == "grey"
    assert hair_name(linear_from_lab(np.array([39.0, 6.0, 14.0]))) == "brown"
    assert hair_name(linear_from_lab(np.array([20.0, 0.0, 2.0]))) == "dark brown"


def test_a_patch_near_the_face_does_not_stand_for_the_clothes():
    told = sight_words("clothes", Scene(clothes=("yellow",), below=("dark blue", "blue")), None)
    assert "dark blue, blue and yellow" in told
    assert "are red" in sight_words("clothes", Scene(clothes=("red",), below=("red", "black")), None)
