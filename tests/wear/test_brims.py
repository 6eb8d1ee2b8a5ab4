"""Brims of known width, drawn on a head, found again in its picture; and none where none is worn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.types import FaceGPTError, Headwear
from facegpt.wear.brim import brim_places, brim_width_mm
from facegpt.wear.brim_from_photo import _by_colour
from facegpt.wear.from_photo import headwear_from_photo
from facegpt.wear.headwear_json import headwear_from_json, headwear_to_json
from facegpt.wear.worn import headwear_of, person_below
from tests.wear.test_headwear import BEANIE, covered, facing, overlap, picture_of

#: A hat whose brim is 60 mm wide all around.
HAT = replace(BEANIE, edge_deg=(80.0, 88.0, 95.0, 98.0, 100.0, 98.0, 95.0, 88.0), brim_mm=(60.0,), brim_rise=(0.09,))


@pytest.mark.parametrize("yaw_deg", [0.0, 20.0])
def test_a_brim_that_a_picture_shows_is_found_again(head, yaw_deg):
    params = facing(head, yaw_deg).replace(headwear=HAT)
    found = headwear_from_photo(*_seen(head, params))
    assert 40 <= min(found.brim_mm) <= 75
    truth = covered(head, params)
    without = replace(found, brim_mm=())
    again, bare = (overlap(truth, covered(head, params.replace(headwear=one))) for one in (found, without))
    assert again > 0.8 and again > bare + 0.05


def test_a_beanie_gets_no_brim(head):
    assert headwear_from_photo(*_seen(head, facing(head).replace(headwear=BEANIE))).brim_mm == ()


def _seen(head, params):
    image, parts = picture_of(head, params)
    return image, head, params, parts


def test_a_brim_is_as_wide_as_told_and_lies_outside_the_head(head):
    params = facing(head)
    below, turn = person_below(head, params, "cap"), np.arange(32) / 32
    middle = brim_places(HAT, below, turn)
    width = np.linalg.norm(middle[-1] - middle[0], axis=1)
    np.testing.assert_allclose(width, 60, atol=2.0)
    np.testing.assert_allclose(brim_width_mm(HAT, turn), 60)
    assert (brim_width_mm(BEANIE, turn) == 0).all()
    mesh, crown = (headwear_of(head, params.replace(headwear=one)) for one in (HAT, replace(HAT, brim_mm=())))
    assert len(mesh.vertices) > len(crown.vertices)
    assert np.ptp(mesh.vertices[:, 0]) > np.ptp(crown.vertices[:, 0]) + 90
    assert np.isfinite(mesh.normals).all()


def test_a_visor_is_wide_in_front_only(head):
    visor = replace(HAT, brim_mm=(60.0, 40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 40.0))
    mesh, crown = (headwear_of(head, facing(head).replace(headwear=one)) for one in (visor, replace(HAT, brim_mm=())))
    reach = mesh.vertices[:, 2].max() - crown.vertices[:, 2].max()
    assert reach > 40 and mesh.vertices[:, 2].min() > crown.vertices[:, 2].min() - 5


def test_brims_come_back_from_json_and_damaged_ones_are_told_of():
    assert headwear_from_json(headwear_to_json(HAT), "anna.json") == HAT
    old = {name: value for name, value in headwear_to_json(BEANIE).items() if not name.startswith("brim")}
    assert headwear_from_json(old, "anna.json") == BEANIE == Headwear(**{**BEANIE.__dict__})
    for damage in ({"brim_mm": [-3.0]}, {"brim_mm": 5}, {"brim_rise": [float("nan")]}, {"brim_rise": 1.0}):
        with pytest.raises(FaceGPTError, match="anna"):
            headwear_from_json(headwear_to_json(HAT) | damage, "anna.json")


def test_pixels_of_doubt_go_with_those_of_their_colour():
    belief = np.full((40, 40), 0.02, np.float32)
    belief[:20, :20], belief[:20, 20:] = 0.9, 0.4
    colours = np.full((40, 40, 3), (0.1, 0.2, 0.8), np.float32)
    colours[:20, :30] = (0.9, 0.85, 0.7)
    told = _by_colour(belief, colours)
    assert told[:20, 20:30].min() > 0.6 and told[:20, 30:].max() < 0.2
