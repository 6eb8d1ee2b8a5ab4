"""Outlines of hands, and hands of photos and drawn ones put before other faces."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from facegpt.encode.parts import BACKGROUND, HAND, PARTS, SKIN
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.train.parts.held import (
    HALF_FACE_MM,
    HandPictures,
    hands_in,
    lay_before,
    outlined,
    put_before,
    with_hands,
)

ANY = (1 << len(PARTS)) - 1


def test_only_photos_that_are_learnt_from_have_outlines():
    with PHOTO_SPLIT.open(encoding="utf-8", newline="") as file:
        training = {row["name"] for row in csv.DictReader(file) if row["split"] == "training"}
    assert outlined().keys() <= training


def test_a_fist_lies_below_the_jaw_that_rests_on_it():
    hands = hands_in("photos/photo_092.jpg", 640, 640)
    assert hands is not None
    assert hands[520, 200] == pytest.approx(1, abs=1e-3)
    assert hands[430, 290] == 0  # the mouth
    assert hands_in("photos/photo_001.jpg", 640, 640) is None


def test_what_is_known_of_hands_outweighs_what_was_allowed():
    allowed = np.array([[ANY, 1 << SKIN, ANY, 1 << HAND]], np.uint16)
    told = with_hands(allowed, np.array([[1.0, 1.0, 0.0, 0.0]]))
    assert told.tolist() == [[1 << HAND, 1 << HAND, ANY & ~(1 << HAND), 1 << HAND]]


@pytest.mark.parametrize("seed", range(8))
def test_a_hand_of_a_photo_takes_the_skin_of_the_face_it_is_put_before(seed):
    (pale, points), (dark, _) = _window(30.0, 160), _window(30.0, 80)
    hands = np.zeros((192, 192), bool)
    hands[100:150, 80:120] = True
    skin = np.full((192, 192), 1 << SKIN, np.uint16)
    image, may = put_before((dark, skin, points), (pale, hands, points), np.random.default_rng(seed))
    hand = may == 1 << HAND
    assert 0.4 * hands.sum() < hand.sum() < 2 * hands.sum()
    assert 80 / 1.9 < np.median(image[hand]) < 80 * 1.9
    assert (may[~hand] & 1 << SKIN).all()


@pytest.mark.parametrize("seed", range(8))
def test_a_drawn_hand_is_as_large_as_hands_are_beside_faces(seed):
    image, points = _window(30.0, 120)
    behind = np.full((192, 192), 1 << BACKGROUND, np.uint16)
    side, px_mm = 200, 2.0
    cover = np.zeros((1, side, side), np.uint8)
    cover[0, 50:90, 80:120] = 255  # a square of 80 mm
    hands = HandPictures(
        np.full((1, side, side, 3), 150, np.uint8), cover, cover > 300, np.array([[100.0, 50.0]]), px_mm
    )
    _, may = lay_before((image, behind, points), hands, 0, image, np.random.default_rng(seed))
    hand = may == 1 << HAND
    seen, cut = hand.sum(), hand[[0, -1]].any() or hand[:, [0, -1]].any()
    assert seen < (80 / HALF_FACE_MM * 30 * 1.5) ** 2
    assert cut or seen > (80 / HALF_FACE_MM * 30 / 1.5) ** 2


def _window(half: float, grey: int):
    """An even grey window with a round face of a half size, px, in its middle."""
    turn = np.linspace(0, 2 * np.pi, 478)
    return np.full((192, 192, 3), grey, np.uint8), 96 + half * np.stack([np.sin(turn), -np.cos(turn)], 1)
