"""How far skin may be from the fitted model where the networks are sure of it."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.complete import skin_likelihood

SIDE = 64


@pytest.fixture
def lined():
    """A face almost 5 SD off everywhere, as lined skin in a hard light is: (residual, weight, residual_sd)."""
    rng = np.random.default_rng(0)
    off = 0.7 * rng.choice([-1.0, 1.0], (SIDE // 8, SIDE // 8)).repeat(8, 0).repeat(8, 1)
    residual = np.repeat(off[..., None], 3, 2).astype(np.float32)
    return residual, np.ones((SIDE, SIDE), np.float32), np.full((SIDE, SIDE, 2), 0.15, np.float32)


def test_lined_skin_is_kept_where_the_networks_are_sure_of_skin_without_glasses(lined):
    sure, some = np.ones((SIDE, SIDE)), np.full((SIDE, SIDE), 0.3)
    kept = skin_likelihood(*lined, sure, some, np.ones((SIDE, SIDE)))
    assert kept.mean() > 0.9


def test_the_same_is_left_out_where_they_are_not_sure_or_glasses_may_be_seen(lined):
    sure, none = np.ones((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    unsure = skin_likelihood(*lined, none, none, none)
    glasses = skin_likelihood(*lined, sure, none, none)
    assert unsure.mean() < 0.5 and glasses.mean() < 0.5


def test_a_hand_on_a_face_is_left_out_however_sure_the_rest_is(lined):
    _, weight, spread = lined
    residual = np.zeros((SIDE, SIDE, 3), np.float32)
    residual[:16] = -1.5
    sure, some = np.ones((SIDE, SIDE)), np.full((SIDE, SIDE), 0.3)
    kept = skin_likelihood(residual, weight, spread, sure, some, np.ones((SIDE, SIDE)))
    assert kept[4:12].mean() < 0.05 and kept[24:].mean() > 0.95
