"""How a beard goes on where a photo shows nothing of it."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.complete import plan_layers

SIDE = 128
BARE = np.array([0.05, 0.0, -0.05], np.float32)


def unseen_under(beard):
    """The low band (H, W, 3) of a face seen in its upper half only, whose middle grows a beard of log colour (3,)."""
    rows = np.arange(SIDE)
    growth = np.zeros((SIDE, SIDE), np.float32)
    growth[40:110, 30:98] = 1.0
    weight = np.repeat((rows < SIDE // 2)[:, None], SIDE, 1).astype(np.float32)
    residual = BARE + growth[..., None] * np.asarray(beard, np.float32)
    none = np.zeros((SIDE, SIDE), np.float32)
    spread = np.dstack([0.2 + growth * 0.6, np.full((SIDE, SIDE), 0.3, np.float32)])
    mask = np.ones((SIDE, SIDE), np.float32)
    return plan_layers(residual * weight[..., None], residual * 0, weight, none, spread, mask, growth).under


def darkness(under, row):
    """How much darker, log units, the middle of a row is than skin far from the beard."""
    return float(under[:8, :20].mean() - under[row, 60:68].mean())


def test_stubble_thins_out_below_what_is_seen():
    under = unseen_under([-0.6, -0.6, -0.6])
    beside, far = darkness(under, 66), darkness(under, 100)
    assert beside > 0.25
    assert abs(far) < 0.35 * beside


def test_a_full_beard_goes_on_farther_than_stubble():
    shares = []
    for dark in (-0.6, -1.6):
        under = unseen_under([dark] * 3)
        shares.append(darkness(under, 73) / darkness(under, 66))
    assert shares[1] > shares[0] + 0.2


@pytest.mark.parametrize("row", [72, 84, 100])
def test_grey_stubble_leaves_no_grey_skin_where_nothing_is_seen(row):
    """Light of a wall beside a jaw makes its stubble green: unseen skin keeps the hue of skin."""
    under = unseen_under([-0.9, -0.3, -0.6])
    hue = under[row, 60:68].mean(0) - under[row, 60:68].mean()
    bare = under[:8, :20].mean((0, 1)) - under[:8, :20].mean()
    assert np.abs(hue - bare).max() < 0.08
