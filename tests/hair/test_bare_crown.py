"""Crowns that went bald: no roots, no hard edge."""

import numpy as np
import pytest
import torch

from facegpt.hair.bare_crown import NONE_LEFT, ROOTS, without_roots
from facegpt.hair.plan import growth
from facegpt.hair.presets import PRESETS
from facegpt.hair.scalp import scalp_of
from facegpt.morphable.makehuman.head import load
from facegpt.types import Hair

HEAD = load()
USUAL = np.zeros(HEAD.sizes.albedo, np.float32)


def _lightness_gap(albedo):
    """How much darker the scalp's top is than the forehead in the albedo model's own texture, log units."""
    colours = HEAD.albedo.texture(torch.as_tensor(albedo)[None], 256)[0].numpy()
    logs = np.log(np.maximum(colours, 1e-3)).mean(0)
    return float(logs[30:37, 110:146].mean() - logs[5:18, 110:146].mean())


@pytest.mark.parametrize("style", ["wreath", "wreath_cropped"])
def test_a_bald_crown_is_as_light_as_the_forehead(style):
    bare = without_roots(HEAD, USUAL, Hair(style, (0.1, 0.1, 0.1)))
    assert bare[ROOTS] == pytest.approx(NONE_LEFT)
    assert np.array_equal(np.delete(bare, ROOTS), np.delete(USUAL, ROOTS))
    assert abs(_lightness_gap(bare)) < 0.5 * abs(_lightness_gap(USUAL))


@pytest.mark.parametrize("style", ["bald", "bob", "crew"])
def test_shaven_and_covered_crowns_keep_their_roots(style):
    assert without_roots(HEAD, USUAL, Hair(style, (0.1, 0.1, 0.1))) is USUAL


def test_what_is_barer_stays_so():
    barer = USUAL.copy()
    barer[ROOTS] = -2.0
    assert without_roots(HEAD, barer, Hair("wreath", (0.1, 0.1, 0.1))) is barer


def test_a_wreath_thins_out_over_a_centimetre_and_more():
    scalp = scalp_of(HEAD)
    grows, _ = growth(scalp, PRESETS["wreath"].groom)
    behind = (np.abs(scalp.azimuth) > 150) & (scalp.place[:, 1] > 0)
    order = np.argsort(scalp.place[behind, 1])
    height, dense = scalp.place[behind, 1][order], grows[behind][order]
    some = height[(dense > 0.1) & (dense < 0.9)]
    assert some.max() - some.min() > 10.0


def test_a_bald_head_that_nobody_shaved_has_fewer_roots_than_a_shaven_one():
    bald = Hair("bald", (0.1, 0.1, 0.1))
    smooth = without_roots(HEAD, USUAL, bald, shaven=False)
    assert NONE_LEFT < smooth[ROOTS] < USUAL[ROOTS] - 0.2
    assert without_roots(HEAD, USUAL, bald) is USUAL
