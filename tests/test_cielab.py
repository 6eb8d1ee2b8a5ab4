"""CIE L*a*b* beside published values of sRGB's corners (D65)."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.cielab import lab_from_linear, linear_from_lab

#: Linear sRGB → L*a*b* as published for the primaries.
CORNERS = {
    **{(1, 1, 1): (100.0, 0.0, 0.0), (0, 0, 0): (0.0, 0.0, 0.0)},
    **{(1, 0, 0): (53.24, 80.09, 67.20), (0, 0, 1): (32.30, 79.19, -107.86)},
}


@pytest.mark.parametrize("linear", CORNERS)
def test_corners_of_srgb_have_their_published_lab(linear):
    assert np.allclose(lab_from_linear(linear), CORNERS[linear], atol=0.05)


def test_there_and_back_gives_the_same_colours_dark_ones_too():
    colours = np.random.default_rng(0).uniform(0, 1, (500, 3)) ** 4
    assert np.allclose(linear_from_lab(lab_from_linear(colours)), colours, atol=1e-9)
