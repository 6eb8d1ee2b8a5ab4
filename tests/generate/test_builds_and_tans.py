"""What a body makes of a head, tans, and words that ask only for things beside the face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.skin.paint import painted
from facegpt.language.changed_request import no_change
from facegpt.language.reading.edits.smile_company import as_asked_at_least
from facegpt.language.reading.glasses_words import without_glasses
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.skin import skin_read, skin_set
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request


@pytest.mark.parametrize(
    ("text", "build", "skin"),
    [
        ("a muscular man with a moustache", "muscular", ""),
        ("make her more muscular", "muscular", ""),
        ("a tanned woman of forty", "", "tanned"),
        ("not tanned", "", ""),
        ("the opposite of muscular", "", ""),
        ("a fat man", "", ""),
        ("a woman with dark skin", "", ""),
    ],
)
def test_builds_and_tans_are_read_and_are_no_weight_and_no_other_skin(shipped_words, text, build, skin):
    request = shipped_words.read(text).request
    assert (request.build, request.skin) == (build, skin)
    mean = dict(zip(ATTRIBUTES, request.attribute_mean, strict=True))
    assert not build or abs(mean["heaviness"]) < 0.3
    assert not skin or abs(mean["skin_lightness"]) < 0.3


def test_muscles_widen_the_neck_and_no_cheeks(head):
    before = imagine_params(head, replace(open_request(), man=0.97, age_years=(30, 30)), 3)
    after = edit_params(head, before, replace(no_change(), build="muscular"))
    one, two = (Face(head, params) for params in (before, after))
    assert two.measure()["neck_circumference"].value_mm > one.measure()["neck_circumference"].value_mm + 10
    assert two.attributes["heaviness"] < one.attributes["heaviness"] + 0.1


def test_a_tan_darkens_light_skin_a_little_and_dark_skin_not(head):
    def lightness(start):
        albedo = skin_set(head.albedo, {"skin_lightness": start})
        tanned = painted(head, albedo, replace(no_change(), skin="tanned"))
        return [skin_read(head.albedo, each)["skin_lightness"] for each in (albedo, tanned)]

    light, dark = lightness(0.8), lightness(-1.6)
    assert 0.4 < light[0] - light[1] < 1.0
    assert dark[1] == pytest.approx(dark[0], abs=0.05)


@pytest.mark.parametrize(
    "text",
    [
        "put glasses on her, change nothing else",
        "put shades on this dude",
        "just add tortoise shell glasses",
        "stick a cap on him",
        "more light from the left please",
        "turn the camera to the right",
        "he smelled something burning in the kitchen",
    ],
)
def test_things_beside_the_face_lend_it_no_look(shipped_words, text):
    request = shipped_words.read(text, is_edit=True).request
    assert (request.character, request.impression, request.build, request.skin) == ("", "", "", "")


@pytest.mark.parametrize("text", ["try black square glasses on her please", "could we see granny in reading glasses"])
def test_words_that_only_handle_glasses_are_not_read(text):
    assert without_glasses(text, is_edit=True) == "the glasses"


@pytest.mark.parametrize(
    ("text", "moved"),
    [("a chin-length bob", False), ("hair to the chin", False), ("hair to the chin, a long chin", True)],
)
def test_the_end_of_hair_is_no_trait(shipped_words, text, moved):
    request = shipped_words.read(text, is_edit=True).request
    assert (abs(request.attribute_mean[ATTRIBUTES.index("chin_height")]) > 0.3) == moved


def test_more_of_a_smile_is_more_than_the_one_worn():
    worn = np.where([name.startswith("mouthSmile") for name in ARKIT_NAMES], 0.5, 0.0)
    asked = replace(no_change(), expression=worn * 0.7, expression_named=worn > 0)
    assert as_asked_at_least(asked, "a slightly bigger smile", worn).expression.max() > 0.6
    assert as_asked_at_least(asked, "a smile", worn).expression.max() == 0.5
    assert as_asked_at_least(asked, "less of a smile, not more", worn).expression.max() == pytest.approx(0.35)
