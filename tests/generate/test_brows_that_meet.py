"""Brows that meet above the nose: read in words, grown on the head, and one brow that is raised beside a feeling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.appearance.atlas import atlas_of
from facegpt.conventions import ARKIT_NAMES
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.generate.request_to_head import edited_expression
from facegpt.hair.painted import groomed
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.around_eyes import with_eye_surroundings
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.painted_hair import with_brow_bridge, without_brow_bridge
from facegpt.types import Hair

SIDE, SKIN = 512, 0.35
THICKNESS = ATTRIBUTES.index("brow_thickness")


def request(is_edit=False, **more) -> HeadRequest:
    spread = np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    return HeadRequest(np.zeros(len(ATTRIBUTES)), spread, is_edit=is_edit, **more)


def between_the_brows(head) -> np.ndarray:
    """Texels of the skin within 3 mm of the middle and 6 mm of the glabella's height, by landmarks of the mean head."""
    grid = atlas_of(head, SIDE)
    place = grid.interpolate(np.asarray(head.mean_vertices, np.float32))
    glabella = head.landmarks.points(np.asarray(head.mean_vertices, float))[head.landmarks.row["glabella"]]
    away = np.abs(place - glabella)
    return (grid.part == head.part_names.index("skin")) & (away[..., 0] < 3) & (away[..., 1] < 6) & (away[..., 2] < 12)


def test_hair_grows_between_brows_that_meet_and_only_there(head):
    skin = np.full((SIDE, SIDE, 3), SKIN, np.float32)
    plain, meeting = (groomed(head, skin, Hair("bald", brow_bridge=share)) for share in (0.0, 1.0))
    middle = between_the_brows(head)
    assert np.median(plain[middle]) > 0.9 * SKIN
    assert np.quantile(meeting[middle], 0.15) < 0.6 * SKIN
    place = atlas_of(head, SIDE).interpolate(np.asarray(head.mean_vertices, np.float32))
    changed = np.abs(meeting - plain).max(-1) > 0.01
    assert changed.any() and np.abs(place[changed][:, 0]).max() < 20.0  # mm


def test_a_photo_gets_and_loses_the_hair_between_its_brows(head):
    skin, middle = np.full((SIDE, SIDE, 3), SKIN, np.float32), between_the_brows(head)
    grown = with_brow_bridge(skin, Hair("bald", brow_bridge=1.0))
    assert np.quantile(grown[middle], 0.15) < 0.6 * SKIN
    assert np.abs(np.median(without_brow_bridge(grown)[middle]) - SKIN) < 0.15 * SKIN


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("a man with a unibrow", True), ("eyebrows that meet in the middle", True), ("join his eyebrows", True),
        ("her brows grow together", True), ("no unibrow please", False), ("get rid of the monobrow", False),
        ("she knits her brows", None), ("a single eyebrow raised", None), ("thick brows, wide mouth", None),
        ("brows drawn together in anger", None),
    ],
)  # fmt: skip
def test_brows_that_meet_are_read_and_frowns_are_none(text, meets):
    assert with_eye_surroundings(request(), text).brows_meet is meets


def test_brows_that_meet_are_not_made_thinner_unless_words_say_so():
    thin = request()
    thin.attribute_mean[THICKNESS] = -1.0
    assert with_eye_surroundings(thin, "a woman with a unibrow").attribute_mean[THICKNESS] > 0.5
    assert with_eye_surroundings(thin, "a woman with a thin unibrow").attribute_mean[THICKNESS] == -1.0


def test_brows_that_meet_are_in_files_and_files_without_them_are_as_before(head):
    from facegpt.generate.request_to_head import imagine_params

    params = imagine_params(head, request(), 1)
    assert "brow_bridge" not in params_to_json(params)
    joined = params.replace(hair=replace(params.hair, brow_bridge=1.0))
    assert params_from_json(params_to_json(joined)).hair.brow_bridge == 1.0


def test_one_brow_that_is_raised_wins_over_the_frown_of_anger_on_its_side():
    weights, named = np.zeros(52), np.zeros(52, bool)
    left, right, inner = (ARKIT_NAMES.index(n) for n in ("browOuterUpLeft", "browOuterUpRight", "browInnerUp"))
    down = [ARKIT_NAMES.index(f"browDown{side}") for side in ("Left", "Right")]
    weights[left], named[[left, right]] = 0.8, True
    asked = request(True, emotion="anger", intensity=0.8, expression=weights, expression_named=named)
    shown = edited_expression(np.zeros(52), asked, 0)
    assert shown[left] >= 0.8 and shown[right] == 0
    assert shown[down[0]] < 0.25 < 0.4 < shown[down[1]]  # the other brow is still angry
    assert shown[inner] <= 0.15  # or it looks worried
