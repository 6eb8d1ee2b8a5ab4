"""Skin that is taken for hair, on maps of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.encode.false_hair import CHEEKS, FOREHEAD, false_hair, looks_covered

SIDE = 96
TAN, FRINGE, BLOND = (0.4, 0.24, 0.16), (0.02, 0.015, 0.01), (0.14, 0.09, 0.05)
POINTS = np.zeros((478, 2))
POINTS[list(FOREHEAD)] = [(30 + 2 * k, 20 + k % 3) for k in range(len(FOREHEAD))]
POINTS[list(CHEEKS)] = [(30 + 3 * k, 60) for k in range(len(CHEEKS))]


def seen(colour):
    """A face with hair, of a colour, that the networks see down to its brows: belief, skin and colours."""
    above = np.arange(SIDE)[:, None] < 40
    belief = np.where(np.broadcast_to(above, (SIDE, SIDE)), 0.9, 0.05).astype(np.float32)
    colours = np.where(above[..., None], np.float32(colour), np.float32(TAN))
    return belief, 1 - belief, colours * np.ones((SIDE, SIDE, 1), np.float32)


def test_a_forehead_that_looks_as_the_cheeks_do_is_bald():
    belief, skin, colours = seen(np.array(TAN) * 0.7)
    colours[:12] = (0.02, 0.02, 0.02)  # a rim of dark hair stays
    assert looks_covered(belief, POINTS)
    found = false_hair(belief, skin, POINTS, colours)
    assert found[18:40].all() and not found[:6].any() and not found[40:].any()


@pytest.mark.parametrize("colour", [FRINGE, BLOND, (0.35, 0.34, 0.33)])
def test_fringes_stay_hair(colour):
    belief, skin, colours = seen(colour)
    assert not false_hair(belief, skin, POINTS, colours).any()


@pytest.mark.parametrize(("share", "is_skin"), [(0.8, True), (0.6, False)])
def test_in_grey_photos_only_what_is_nearly_as_light_as_the_cheeks_is_skin(share, is_skin):
    belief, skin, colours = seen(np.array(TAN) * share)
    grey = np.repeat(colours.mean(-1, keepdims=True), 3, -1)
    assert false_hair(belief, skin, POINTS, colours).any()
    assert false_hair(belief, skin, POINTS, grey).any() == is_skin


def test_bare_foreheads_are_not_looked_at_and_faces_without_cheeks_not_changed():
    belief, skin, colours = seen(TAN)
    assert not looks_covered(1 - belief, POINTS)
    assert not looks_covered(belief, np.full((478, 2), -5.0))
    assert not false_hair(belief, np.zeros_like(skin), POINTS, colours).any()
