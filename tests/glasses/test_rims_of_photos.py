"""Rims of known width, colour and kind, drawn on a head with brows, read again from its picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dressed_people import person

from facegpt.face import Face
from facegpt.glasses.contour import STYLE_CONTOURS
from facegpt.glasses.fit import fit_front, wearer_of
from facegpt.glasses.from_photo import glasses_from_photo
from facegpt.glasses.rim_edges import _crossed, is_browline
from facegpt.glasses.worn import glasses_of
from facegpt.types import Glasses
from tests.glasses.test_glasses_from_photo import parts_of

BLACK, BLUE = (0.012, 0.012, 0.013), (0.02, 0.03, 0.22)
SQUARE = STYLE_CONTOURS["square"]


@pytest.fixture(scope="module")
def bare(head):
    params = person(head, "bald")
    return Face(head, params.replace(camera=params.camera.scaled(2)))


def found_in(bare, look):
    image = Face(bare.model, bare.params.replace(glasses=look)).image
    points = bare.landmarks("mediapipe478", space="image")
    parts = replace(parts_of(image), points=points)  # with the brows, which hide rims' edges from `Band.trust`
    return glasses_from_photo(image, bare.model, bare.params, parts).look


@pytest.mark.parametrize("above", [2.4, 4.0])
def test_upper_rims_that_lie_on_brows_are_as_wide_as_drawn(bare, above):
    found = found_in(bare, Glasses("square", BLACK, lens=SQUARE, rims_mm=(2.4, above)))
    assert abs(found.rims_mm[1] - above) < 0.9 and abs(found.rims_mm[0] - 2.4) < 0.9


def test_a_bar_above_a_wire_is_a_browline_whose_wire_is_metal(bare):
    truth = Glasses("browline", BLACK, lens=STYLE_CONTOURS["browline"], rims_mm=(1.1, 4.2))
    found = found_in(bare, truth)
    assert found.style == "browline" and is_browline(found.rims_mm)
    proxy = glasses_of(bare.model, bare.params.replace(glasses=truth))
    names = dict(zip(proxy.part_names, proxy.surfaces, strict=True))
    assert names["left_rim"].name == "glasses_frame" and names["left_wire"].metallic > 0.5
    heights = [
        np.asarray(proxy.vertices)[proxy.triangles[proxy.part == proxy.part_names.index(name)]][..., 1].mean()
        for name in ("left_rim", "left_wire")
    ]
    assert heights[0] > heights[1] + 8
    front = fit_front(truth, wearer_of(bare.model, bare.params.identity))
    assert front.wired and not front.metal


def test_thin_blue_rims_are_blue_though_skin_mixes_with_them(bare):
    found = found_in(bare, Glasses("square", BLUE, lens=SQUARE, rims_mm=(1.8, 1.8)))
    assert found.colour[2] > 2.5 * found.colour[0] and found.colour[2] > 0.06


def test_a_rim_with_a_gleam_ends_where_skin_begins_and_not_at_the_gleam():
    levels = np.full(45, 0.7)  # of -3 to 8 mm by .25
    levels[12:28] = 0.15  # the rim, 4 mm
    levels[18:21] = 0.32
    width, depth, hidden, *_ = _crossed(levels, False)
    assert abs(width - 4.0) < 0.5 and depth > 0.1 and not hidden
