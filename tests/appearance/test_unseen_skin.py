"""Skin that no photo shows has the hue of the skin that one shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.complete import Layers
from facegpt.appearance.even_skin import HUE_KEPT, one_hue
from facegpt.appearance.prior import prior_of


def test_a_neck_has_the_hue_of_the_face(head):
    prior = prior_of(head, 64)
    skin = (atlas_of(head, 64).part == head.part_names.index("skin")).astype(np.float32)
    shown = prior.mask * skin
    zero = np.zeros((64, 64, 3), np.float32)
    layers = Layers(shown, 0 * shown, zero, zero, zero, shown)
    even = np.broadcast_to(np.float32([-1.2, -1.8, -2.2]), zero.shape).copy()
    red = even + (1 - shown)[..., None] * np.float32([0.1, -0.05, -0.05])
    found = one_hue(layers, red, prior, skin * (1 - shown))
    neck = (skin * (1 - shown) * (1 - prior.growth) > 0.99) & (prior.lips == 0)
    assert neck.sum() > 500
    np.testing.assert_allclose((red + found.under - even)[neck], HUE_KEPT * (red - even)[neck], atol=2e-3)  # log units
    assert not found.under[shown == 1].any()
    same = one_hue(replace(layers, own=0 * shown), red, prior, skin)
    np.testing.assert_array_equal(same.under, zero)
