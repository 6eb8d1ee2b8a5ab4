"""A thing that lies across lips gives them no colour; lipstick does. Spots of one half stay on it."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.complete import plan_layers
from facegpt.appearance.over_skin.single_marks import single_marks, without_marks
from facegpt.appearance.over_skin.things_on_lips import lips_tone, weight_of_lips

SKIN = np.log(np.array([0.45, 0.30, 0.22], np.float32))
PINK, RED = np.log(np.array([0.42, 0.22, 0.18], np.float32)), np.log(np.array([0.6, 0.03, 0.04], np.float32))


def mouth(lip_colour):
    """A face (128, 128, 3), log albedo, whose lips have a colour, and where they are."""
    lips = np.zeros((128, 128), np.float32)
    lips[56:72, 40:88] = 1
    return np.where(lips[..., None] > 0, lip_colour, SKIN).astype(np.float32), lips


def tone_of(face, lips, likely):
    everywhere = np.ones_like(lips)
    weight = weight_of_lips(face, everywhere, likely, lips, 1 - lips)
    return lips_tone(face - mouth(PINK)[0], weight, lips)


def test_a_red_straw_across_pink_lips_leaves_them_pink():
    face, lips = mouth(PINK)
    straw = np.zeros_like(lips, bool)
    straw[60:, 48:78] = True  # over more than half of the lips, and down over the chin
    face[straw] = RED
    tone = tone_of(face, lips, (~straw).astype(np.float32))
    assert np.abs(tone).max() < 0.1  # log units


@pytest.mark.parametrize("sure", [0.0, 1.0], ids=["unlike any skin", "likely"])
def test_red_lipstick_stays_red(sure):
    face, lips = mouth(RED)
    tone = tone_of(face, lips, np.where(lips > 0, sure, 1.0).astype(np.float32))
    assert tone[0] - tone[1] > 1.0  # much redder than pink lips


def side(spot: float) -> np.ndarray:
    """Skin (64, 64, 3) whose left half has a round spot of a depth, and a fold that runs down."""
    y, x = np.mgrid[:64, :64]
    mark = np.exp(-((x - 14) ** 2 + (y - 32) ** 2) / (2 * 1.5**2))
    fold = np.exp(-((x - 24) ** 2) / (2 * 1.5**2))
    return np.repeat((spot * mark - 0.2 * fold)[..., None], 3, 2).astype(np.float32)


def test_a_mole_is_a_mark_and_a_fold_is_none():
    everywhere, skin = np.ones((64, 64), np.float32), side(-0.4)
    marks = single_marks(skin, everywhere, everywhere)
    assert marks[32, 14] > 0.9 and marks[:, 20:].max() < 0.05
    left = without_marks(skin, everywhere, marks)
    assert abs(left[32, 14].mean()) < 0.1  # of 0.4
    np.testing.assert_allclose(left[:, 22:], skin[:, 22:], atol=0.01)


def test_the_unseen_half_of_a_face_gets_no_mole_of_the_other():
    own = side(-0.4)
    left = np.zeros((64, 64), np.float32)
    left[:, :34] = 1
    spread, mask = np.broadcast_to(np.array([0.2, 0.07], np.float32), (64, 64, 2)), np.ones((64, 64), np.float32)
    layers = plan_layers(
        own * left[..., None], (own * left[..., None])[:, ::-1], left, left[:, ::-1] * 0.8, spread, mask
    )
    depth = layers.under.mean(-1) - layers.under[20].mean(-1)  # beside a row without a spot
    assert depth[32, 14] < -0.15
    assert abs(depth[32, 63 - 14]) < 0.05


def hue_of_halves(dark: tuple[float, float, float], lit: tuple[float, float, float]) -> np.ndarray:
    """The tone told of lips whose darker half and whose brighter half are off the model's skin by so much."""
    residual = np.zeros((40, 40, 3), np.float32)
    residual[:20], residual[20:] = dark, lit
    tone = lips_tone(residual, np.ones((40, 40), np.float32), np.ones((40, 40), np.float32))
    assert tone is not None
    return tone - tone.mean()


def test_red_in_the_shade_of_lips_alone_is_no_lipstick():
    shaded = hue_of_halves((-1.0, -2.2, -2.2), (0.0, 0.0, 0.0))
    painted = hue_of_halves((-0.6, -2.0, -2.0), (-0.1, -1.3, -1.3))
    assert np.linalg.norm(shaded) < 0.3
    np.testing.assert_allclose(painted, [0.8, -0.4, -0.4], atol=0.15)
    slight = hue_of_halves((-0.3, -0.5, -0.5), (0.2, 0.05, 0.05))
    np.testing.assert_allclose(slight, [0.11, -0.055, -0.055], atol=0.03)
