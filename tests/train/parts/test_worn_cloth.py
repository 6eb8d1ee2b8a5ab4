"""Outlines of headwear, and the cloth of a wearer put on another head."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from facegpt.encode.parts import BACKGROUND, CLOTHES, HAIR, HAT, PARTS, SKIN
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.train.parts.worn_cloth import cloth_in, outlined, put_on, with_cloth

ANY = (1 << len(PARTS)) - 1


def test_only_photos_that_are_learnt_from_have_outlines():
    with PHOTO_SPLIT.open(encoding="utf-8", newline="") as file:
        training = {row["name"] for row in csv.DictReader(file) if row["split"] == "training"}
    assert outlined().keys() <= training


def test_a_hijab_surrounds_a_face_that_stays_open():
    cloth = cloth_in("portraits/female_094.jpg", 640, 640)
    assert cloth is not None
    assert cloth[300, 325] == 0  # the face
    assert cloth[20, 325] == cloth[500, 100] == pytest.approx(1, abs=1e-3)
    assert cloth_in("portraits/female_000.jpg", 640, 640) is None


def test_what_is_known_of_cloth_outweighs_what_was_allowed():
    allowed = np.array([[ANY, 1 << HAIR, 1 << SKIN, ANY]], np.uint16)
    cloth, below = np.array([[1.0, 1.0, 0.0, 1.0]]), np.array([[False, False, False, True]])
    told = with_cloth(allowed, cloth, below)
    assert told.tolist() == [[1 << HAT, 1 << HAT, 1 << SKIN, 1 << HAT | 1 << CLOTHES]]


@pytest.mark.parametrize("seed", range(6))
def test_cloth_lies_where_the_wearer_has_it_for_the_size_of_the_face(seed):
    small, large = _window(20.0), _window(30.0)
    rows = np.indices((192, 192))[0]
    cloth = rows < 96 - 20 * 1.0  # all that is above the smaller face's box
    behind, rng = np.full((192, 192), 1 << BACKGROUND, np.uint16), np.random.default_rng(seed)
    image, may = put_on((large[0], behind, large[1]), (small[0], cloth, small[1]), large[0], rng)
    hat = may == 1 << HAT
    edge = np.flatnonzero(hat[:, 96])[-1]
    assert 96 - 30 * 1.45 < edge < 96 - 30 * 0.7
    untouched = np.abs(image.astype(int) - large[0]).max(-1) == 0
    assert untouched[edge + 4 :].all()
    assert (may[edge + 4 :] == 1 << BACKGROUND).all()


def _window(half: float):
    """An even grey window with a round face of a half size, px, in its middle."""
    turn = np.linspace(0, 2 * np.pi, 478)
    return np.full((192, 192, 3), 120, np.uint8), 96 + half * np.stack([np.sin(turn), -np.cos(turn)], 1)
