"""A photo's brows stay as dark and as thick as it shows them, also where they hang before a lid that nobody sees."""

import numpy as np

from facegpt.appearance.complete import plan_layers

SIDE, BROW, LID = 128, slice(40, 46), slice(46, 60)
DARK = -1.5


def planned(haired: bool):
    """Layers of skin with a dark band, log units, right above rows that are hidden; own weights and all."""
    residual = np.zeros((SIDE, SIDE, 3), np.float32)
    residual[BROW] = DARK
    weight = np.ones((SIDE, SIDE), np.float32)
    weight[LID] = 0
    hairs = np.zeros((SIDE, SIDE), np.float32)
    hairs[BROW] = 1
    spread = np.full((SIDE, SIDE, 2), 0.25, np.float32) + haired * 0.7 * hairs[..., None]
    nothing = np.zeros_like(weight)
    given = residual, np.zeros_like(residual), weight, nothing, spread, np.ones_like(weight)
    return plan_layers(*given, brows=np.ones_like(weight), haired=(hairs, nothing) if haired else None)


def test_brows_before_hidden_lids_are_the_photos_down_to_their_rim():
    assert planned(haired=True).own[BROW].min() > 0.95
    assert planned(haired=False).own[BROW].min() < 0.5


def test_brows_keep_most_of_their_darkness():
    kept, lost = (planned(haired).under[BROW].mean() / DARK for haired in (True, False))
    assert kept > 0.7
    assert kept > lost + 0.2


def test_what_is_hidden_below_brows_stays_hidden():
    assert planned(haired=True).own[LID].max() == 0
