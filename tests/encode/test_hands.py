"""Points that a network guesses behind a hand count less in fits."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.encode.hands import beside_hands
from facegpt.encode.parts import HAND, PARTS, SKIN, FaceParts
from facegpt.fitting.occlusion import OCCLUDER, unhidden
from facegpt.types import DensePoints

SIDE = 192


@pytest.mark.parametrize("px", [1.0, 2.5])
def test_points_and_colours_behind_a_hand_count_less_and_others_as_before(px):
    """px: pixels of the photo that one of the map covers."""
    kinds = np.full((SIDE, SIDE), SKIN)
    kinds[120:, 60:130] = HAND
    to_map = np.array([[1 / px, 0, 0], [0, 1 / px, 0]])
    parts = FaceParts(np.eye(len(PARTS), dtype=np.float32)[kinds], np.ones_like(kinds, bool), to_map)
    points = np.array([[95.0, 150.0], [95.0, 60.0], [30.0, 150.0]]) * px
    skin = np.zeros((32, 32, 7))
    skin[..., 1] = 1
    crop = np.array([[128 / (SIDE * px), 0, 0], [0, 128 / (SIDE * px), 0]])
    none = np.zeros(0)
    dense = DensePoints(points, np.full(3, 2.0), np.ones(3), none, none, none, skin, crop)
    found = beside_hands(dense, parts)
    assert found.sigma_px[0] > 4 * 2.0
    assert found.sigma_px[1:] == pytest.approx(2.0)
    assert unhidden(found, points, (OCCLUDER,)) == pytest.approx([0, 1, 1], abs=1e-3)
    assert found.parts.sum(-1) == pytest.approx(1)


def test_a_face_without_hands_is_told_as_before():
    parts = FaceParts(
        np.full((SIDE, SIDE, len(PARTS)), 1 / len(PARTS), np.float32), np.ones((SIDE, SIDE), bool), np.eye(2, 3)
    )
    none = np.zeros(0)
    dense = DensePoints(np.zeros((1, 2)), np.ones(1), np.ones(1), none, none, none, np.ones((4, 4, 7)), np.eye(2, 3))
    assert beside_hands(dense, parts) is dense
