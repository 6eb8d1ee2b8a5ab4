"""Lipstick is taken off a photo's lips, and bare lips stay as they are."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.over_skin.bare_lips import lips_beside_bare, without_lipstick
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.conventions import linear_of_bytes, linear_to_srgb
from facegpt.language.dialogue.questions.worn_asked import PAINTED

SIDE = 512


@pytest.fixture(scope="module")
def lips(head):
    return prior_of(head, SIDE).lips > 0.9


def skin(head, lips, tint):
    linear = np.array(model_texture(head, np.zeros(head.sizes.albedo, np.float32), SIDE), np.float32)
    linear[lips] *= np.array(tint, np.float32)
    srgb = np.round(255 * linear_to_srgb(np.clip(linear, 0, 1))).astype(np.uint8)
    return np.dstack([srgb, np.full((SIDE, SIDE), 255, np.uint8)])


def logs(texture, where):
    return np.log(linear_of_bytes(texture[where][:, :3])).mean(0)


def test_magenta_lips_get_the_hue_of_bare_ones(head, lips):
    none = np.zeros(head.sizes.albedo, np.float32)
    bare, painted = skin(head, lips, (1, 1, 1)), skin(head, lips, (0.9, 0.35, 1.3))
    after = without_lipstick(painted, head, none)
    off = logs(after, lips) - logs(bare, lips)
    assert np.linalg.norm(off - off.mean()) < 0.15  # log units; .9 before
    away = prior_of(head, SIDE).lips < 1e-6
    assert np.abs(after[away].astype(int) - painted[away]).max() <= 1


def test_bare_lips_stay(head, lips):
    bare = skin(head, lips, (1, 1, 1))
    after = without_lipstick(bare, head, np.zeros(head.sizes.albedo, np.float32))
    assert np.abs(after.astype(int) - bare).max() <= 3


@pytest.mark.parametrize(("tint", "painted"), [((0.9, 0.35, 1.3), True), ((0.8, 0.8, 0.8), False), ((1, 1, 1), False)])
def test_lips_are_as_much_redder_than_bare_ones_as_they_were_painted(head, lips, tint, painted):
    none = np.zeros(head.sizes.albedo, np.float32)
    red, _ = lips_beside_bare(skin(head, lips, tint), head, none, none)
    assert red == pytest.approx(np.log(tint[0] / tint[1]), abs=0.1)
    assert (red > PAINTED) == painted
