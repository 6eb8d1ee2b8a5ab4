"""The network of eyewear: glasses that were drawn onto a bare face, and where their rims are."""

from __future__ import annotations

import numpy as np
import pytest
from dressed_people import person

from facegpt.detect.windows import Window
from facegpt.encode.eyewear import NONE, SURE, Eyewear, eyewear
from facegpt.encode.parts import GLASSES, HAT, PARTS, SKIN, _with_rims
from facegpt.face import Face
from facegpt.types import Glasses


@pytest.fixture(scope="module")
def bare(head):
    params = person(head, "bald")
    return Face(head, params.replace(camera=params.camera.scaled(2)))


def looked(face):
    return eyewear(face.image, face.landmarks("mediapipe478", space="image"))


def test_a_bare_face_wears_none(bare):
    assert looked(bare).worn < NONE


@pytest.mark.parametrize("drop_mm", [1.0, 16.0])
def test_drawn_wires_are_seen_high_and_low_and_their_lenses_where_they_are(bare, drop_mm):
    look = Glasses(
        "round", (0.05, 0.05, 0.05), rims_mm=(1.3, 1.3), lens=(0.95, 2.0, 2.0, 0.0, 0.0, 0.0), drop_mm=drop_mm
    )
    worn = Face(bare.model, bare.params.replace(glasses=look))
    seen = looked(worn)
    assert seen.worn > SURE
    changed = np.abs(worn.image.astype(int) - bare.image).max(-1) > 40
    rows, columns = np.nonzero(changed)
    whole = Window((changed.shape[1] - 1) / 2, (changed.shape[0] - 1) / 2, float(changed.shape[0]))
    rims = seen.read(seen.rims, whole, changed.shape[0])
    low, high = np.nonzero(rims > 0.5)[0].min(), np.nonzero(rims > 0.5)[0].max()
    assert abs(low - rows.min()) < 0.04 * len(changed)
    assert abs(high - rows.max()) < 0.04 * len(changed)
    assert columns.size > 0


def test_a_map_is_read_where_it_lies_in_the_photo():
    rims = np.zeros((192, 192), np.float32)
    rims[96:, :] = 1
    seen = Eyewear(9.0, rims, rims, Window(100.0, 50.0, 40.0))
    read = seen.read(rims, Window(100.0, 50.0, 20.0), 64)
    assert read[:31].max() < 0.5 < read[33:].min()
    moved = seen.read(rims, Window(100.0, 55.0, 20.0), 64)
    assert moved.mean() == pytest.approx(0.75, abs=0.02)  # 15 of 20 px lie below the edge at y = 50


@pytest.mark.parametrize(("odds", "taken"), [(SURE + 1, 1.0), (SURE - 1, 0.0)])
def test_sure_rims_before_skin_are_glasses_and_hats_stay_hats(odds, taken):
    own = np.zeros((96, 96, len(PARTS)), np.float32)
    own[:48, :, HAT] = own[48:, :, SKIN] = 1
    rims = np.ones((192, 192), np.float32)
    window = Window(50.0, 50.0, 100.0)
    told = _with_rims(own, Eyewear(odds, rims, rims, window), window)
    assert told[:40, :, HAT].min() == 1
    assert np.allclose(told[56:, :, GLASSES], taken)
    assert np.allclose(told.sum(-1), 1)
