"""What lies across a face: a lock, fingers or a thing before a face of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.encode.parts import GLASSES, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.fitting.occlusion import OCCLUDER
from facegpt.reconstruct.left_out.across import lies_across, share_across
from facegpt.types import DensePoints

#: A face fills the middle of its photo, which map and crop show whole: its eyes at 0.4 of the height, its nose at 0.55.
LEFT, RIGHT, TOP, LOW, EYES, NOSE = 0.3, 0.7, 0.2, 0.8, 0.4, 0.55


def face_map(kind=SKIN):
    points = np.full((478, 2), (LEFT, TOP))
    points[:4] = (LEFT, TOP), (RIGHT, TOP), (RIGHT, LOW), (LEFT, LOW)
    points[2] = 0.5, NOSE  # of the base of the nose
    points[[10, 152, 234]] = (RIGHT, TOP), (RIGHT, LOW), (LEFT, LOW)
    points[[33, 263]] = (0.35, EYES), (0.65, EYES)
    beliefs = np.eye(len(PARTS), dtype=np.float32)[np.full((MAP_PX, MAP_PX), kind)]
    whole = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    return FaceParts(beliefs, np.ones((MAP_PX, MAP_PX), bool), whole, points=points * MAP_PX)


def hidden(left, right, top, low):
    """The dense network's word on a photo with something before that box, in shares of the photo."""
    side = 64
    rows, columns = (np.indices((side, side)) + 0.5) / side
    box = (columns > left) & (columns < right) & (rows > top) & (rows < low)
    parts = np.eye(7, dtype=np.float32)[np.where(box, OCCLUDER, 1)]
    none = np.zeros(0)
    crop = np.array([[128 / MAP_PX, 0, 0], [0, 128 / MAP_PX, 0]])
    return DensePoints(np.zeros((0, 2)), none, none, none, none, none, parts, crop)


def test_the_share_is_that_of_the_hidden_face_below_the_eyes():
    assert share_across(face_map(), hidden(0.0, 0.5, 0.0, 1.0)) == pytest.approx(0.5, abs=0.03)
    assert share_across(face_map(), hidden(0.0, 0.2, 0.0, 1.0)) == 0.0
    assert share_across(face_map(), hidden(0.0, 1.0, 0.0, 0.35)) == 0.0


def test_glasses_lie_across_no_face_and_below_the_nose_a_beard_may():
    lock, chin = hidden(0.5, 0.6, 0.2, 0.8), hidden(0.3, 0.7, 0.6, 0.8)
    assert lies_across(face_map(), lock, bearded=False) and lies_across(face_map(), lock, bearded=True)
    assert lies_across(face_map(), chin, bearded=False) and not lies_across(face_map(), chin, bearded=True)
    assert not lies_across(face_map(GLASSES), lock, bearded=False)
    assert not lies_across(face_map(), None, bearded=False)
