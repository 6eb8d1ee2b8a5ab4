"""What is held back shows a little behind a shut mouth; absent brows and dark rings are read from plain words."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.around_eyes import BROWLESS, with_eye_surroundings
from facegpt.language.reading.beyond.held_back import held_back, with_held_back
from facegpt.language.targets import ATTRIBUTES


def request_of(**traits):
    mean, spread = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
    for name, degree in traits.items():
        mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, 0.3
    return HeadRequest(mean, spread)


def degree(request, name):
    return float(np.asarray(request.attribute_mean)[ATTRIBUTES.index(name)])


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a man trying not to laugh", "laugh"),
        ("bride, holding back tears", "tears"),
        ("she stifles a yawn", "a yawn"),
        ("a man who tries to laugh", ""),
        ("he looks back at her", ""),
    ],
)
def test_what_is_held_back_is_found(text, held):
    assert held_back(text) == held


def test_a_laugh_that_is_held_back_keeps_the_mouth_shut():
    weights, named = np.zeros(len(ARKIT_NAMES)), np.zeros(len(ARKIT_NAMES), bool)
    for name, weight in {"jawOpen": 0.5, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}.items():
        weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    none = np.zeros(len(ATTRIBUTES))
    laugh = HeadRequest(none, none, expression=weights, expression_named=named, emotion="happiness", intensity=0.8)
    kept = with_held_back(request_of(), laugh)
    shown = dict(zip(ARKIT_NAMES, kept.expression, strict=True))
    assert shown["jawOpen"] == 0
    assert 0 < shown["mouthSmileLeft"] < 0.4 < shown["mouthPressLeft"]
    assert kept.intensity < 0.4


@pytest.mark.parametrize("text", ["a man without eyebrows", "no brows", "eyebrows shaved off", "she has no eyebrows"])
def test_absent_brows_are_none(text):
    assert degree(with_eye_surroundings(request_of(), text), "brow_thickness") == BROWLESS


@pytest.mark.parametrize("text", ["thin eyebrows", "no bushy eyebrows", "a man with eyebrows"])
def test_other_brows_are_as_they_were_read(text):
    assert degree(with_eye_surroundings(request_of(), text), "brow_thickness") == 0


def test_dark_rings_are_no_dark_skin():
    read = with_eye_surroundings(request_of(skin_lightness=-0.8), "a nurse with dark circles under her eyes")
    assert degree(read, "skin_lightness") == 0
    assert degree(read, "eye_bags") > 1


def test_no_dark_rings_are_none():
    assert degree(with_eye_surroundings(request_of(), "no dark circles"), "eye_bags") == 0
