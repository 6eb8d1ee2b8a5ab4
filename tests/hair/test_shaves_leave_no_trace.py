"""A photo's skin after a shave: no trace of the beard stays where it was thin."""

from __future__ import annotations

import numpy as np

from facegpt.appearance.prior import prior_of
from facegpt.hair.from_photo.regrown import loses_beard, regrown
from facegpt.types import Hair

SIDE, SKIN = 256, np.array([190, 150, 130])
BEARDED = Hair("bald", (0.01, 0.01, 0.01), beard=0.5, moustache=0.5)
BARE = Hair("bald", (0.01, 0.01, 0.01))


def test_a_shave_takes_the_thin_edge_of_a_beard_too(head):
    growth = prior_of(head, SIDE).growth
    dark = np.clip(growth / 0.1, 0, 1)[..., None] * 0.8
    skin = np.dstack([np.round(SKIN * (1 - dark)), np.full((SIDE, SIDE), 255)]).astype(np.uint8)
    shaved = regrown(skin, head, np.zeros(head.sizes.albedo), BEARDED, BARE).astype(float)[..., :3].mean(-1)
    edge = (growth > 0.1) & (growth < 0.4)
    assert edge.sum() > 200
    assert np.percentile(shaved[edge], 10) > 0.75 * SKIN.mean()  # before the shave: a fifth


def test_who_is_shaved_or_becomes_a_woman_loses_all_trace():
    assert loses_beard(BEARDED, BARE) and loses_beard(BARE, None, to_bare=True)
    assert not loses_beard(BARE, BARE) and not loses_beard(BEARDED, BEARDED, to_bare=True)
