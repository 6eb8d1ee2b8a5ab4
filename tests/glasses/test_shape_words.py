"""Glasses are called by the outline that is drawn, whatever frame they are made of."""

from __future__ import annotations

import pytest

from facegpt.describe.glasses_words import glasses_words
from facegpt.glasses.frames import STYLES
from facegpt.glasses.shape_words import shape_words
from facegpt.types import Glasses


@pytest.mark.parametrize("style", [style for style in STYLES if style != "rimless"])
def test_a_frame_as_it_comes_is_called_by_its_name(style):
    assert shape_words(Glasses(style)).endswith(style.replace("_", "-"))


@pytest.mark.parametrize("style", ["oval", "square", "round"])
@pytest.mark.parametrize(
    ("lens", "word"),
    [
        ((1.0, 2.0, 2.0, 0.0, 0.0, 0.0), "round"),  # a circle
        ((0.6, 2.0, 2.0, 0.0, 0.0, 0.0), "oval"),  # an ellipse
        ((0.55, 7.0, 7.0, 0.0, 0.0, 0.0), "rectangular"),
        ((1.0, 7.0, 7.0, 0.0, 0.0, 0.0), "square"),
        ((0.6, 7.0, 7.0, 0.12, 0.0, 0.0), "rectangular"),  # corners are sharp where a lens narrows, too
        ((0.7, 3.0, 2.0, 0.1, 0.0, 0.3), "cat-eye"),
    ],
)
def test_a_lens_of_its_own_is_called_by_its_outline(style, lens, word):
    assert shape_words(Glasses(style, lens=lens, rims_mm=(2.0, 2.0))) == word


def test_rims_are_told_by_their_widths():
    lens = (0.55, 7.0, 7.0, 0.0, 0.0, 0.0)
    for rims, told in (
        ((1.3, 1.3), "thin rectangular"),
        ((4.0, 4.0), "thick rectangular"),
        ((0.0, 2.0), "half-rimmed"),
    ):
        assert shape_words(Glasses("oval", lens=lens, rims_mm=rims)).startswith(told)
    assert shape_words(Glasses("oval", thickness=3.0)) == "thick oval"
    assert "frames" not in glasses_words(Glasses("rimless")) and "rimless" in glasses_words(Glasses("rimless"))


def test_lenses_that_narrow_below_are_told_so():
    lens = (0.78, 4.0, 4.0, 0.35, 0.0, 0.0)
    told = glasses_words(Glasses("rectangular", lens=lens, rims_mm=(2.0, 2.0)))
    assert told == "It wears square glasses, narrower below, with black frames."
    assert "below" not in glasses_words(Glasses("aviator")) and "aviator" in glasses_words(Glasses("aviator"))
