"""A photo's skin after a shave: no trace of the beard stays where it was thin."""

from __future__ import annotations

import numpy as np

from facegpt.appearance.prior import model_texture, prior_of
from facegpt.conventions import linear_to_srgb
from facegpt.hair.from_photo.regrown import loses_beard, regrown
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.types import Hair

SIDE, SKIN = 256, np.array([190, 150, 130])
BEARDED = Hair("bald", (0.01, 0.01, 0.01), beard=0.5, moustache=0.5)
BARE = Hair("bald", (0.01, 0.01, 0.01))


def test_a_shave_takes_the_thin_edge_of_a_beard_too(head):
    growth = prior_of(head, SIDE).growth
    dark = np.clip(growth / 0.1, 0, 1)[..., None] * 0.8
    skin = np.dstack([np.round(SKIN * (1 - dark)), np.full((SIDE, SIDE), 255)]).astype(np.uint8)
    shaved = regrown(skin, head, mean_head(head).params, BEARDED, BARE).astype(float)[..., :3].mean(-1)
    edge = (growth > 0.1) & (growth < 0.4)
    assert edge.sum() > 200
    assert np.percentile(shaved[edge], 10) > 0.75 * SKIN.mean()  # before the shave: a fifth


def test_who_is_shaved_or_becomes_a_woman_loses_all_trace():
    assert loses_beard(BEARDED, BARE) and loses_beard(BARE, None, to_bare=True)
    assert not loses_beard(BARE, BARE) and not loses_beard(BEARDED, BEARDED, to_bare=True)


def test_a_shave_goes_on_in_the_tone_around_without_an_edge_and_takes_scraps_beside_it(head):
    prior = prior_of(head, SIDE)
    own = np.asarray(model_texture(head, np.zeros(head.sizes.albedo), SIDE))
    person = np.round(linear_to_srgb(np.clip(0.45 * own, 0, 1)) * 255)
    beside = (prior.growth > 0.005) & (prior.growth < 0.06) & (prior.mask > 0.9) & (prior.lips < 0.01)
    hair = np.clip(prior.growth / 0.1, 0, 1)
    hair[beside] = 1.0
    bearded = person * (1 - 0.85 * hair[..., None])
    skin = np.dstack([bearded, np.full((SIDE, SIDE), 255)]).astype(np.uint8)
    found = regrown(skin, head, mean_head(head).params, BEARDED, BARE).astype(float)[..., :3]
    below = (prior.growth > 0.1) & (prior.mask > 0.9) & (prior.lips < 0.01)
    assert below.sum() > 500 and beside.sum() > 100
    for where in (below, beside):
        off = (found - person)[where]
        assert np.abs(off.mean(0)).max() < 8 and np.percentile(np.abs(off), 90) < 25  # of 255; before the shave 85 %
