"""Colours that words give to lips."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import linear_to_srgb
from facegpt.generate.skin.paint import LIPS
from facegpt.language.reading.colours_of_parts import lip_colour, uncoloured
from facegpt.morphable.makehuman.albedo import NAMED


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("a bride with kohl and red lipstick", "red"),
        ("her lips are pale", "pale"),
        ("lips a bit redder", "red"),
        ("make the lips pinker", "pink"),
        ("paint her lips red", "red"),
        ("dark red lipstick", "dark red"),
        ("no lipstick", ""),
        ("full lips and red hair", ""),
        ("red hair and full lips", ""),
    ],
)
def test_lips_get_the_colour_that_words_give_them(text, colour):
    assert lip_colour(text) == colour
    assert not [line for line in uncoloured(text) if "lip" in line]


def test_a_colour_that_lips_cannot_have_is_told():
    assert lip_colour("black lipstick") == lip_colour("purple lips") == ""
    assert uncoloured("purple lips")


def test_painted_lips_are_redder_than_any_that_are_not(head):
    basis = head.albedo.basis[NAMED["lip_redness"]]
    lips = np.abs(basis).max(0) > 0.7 * np.abs(basis).max()
    plain = head.albedo.mean_at(basis.shape[-1])[:, lips].mean(1)

    def shown(coefficient: float) -> np.ndarray:
        return linear_to_srgb(np.exp(plain + coefficient * basis[:, lips].mean(1))) * 255

    apart = {name: shown(value)[0] - shown(value)[1] for name, value in LIPS.items()}
    assert apart["red"] > shown(3.0)[0] - shown(3.0)[1] + 10
    assert apart["pale"] < apart["natural"] < apart["pink"] < apart["red"] < apart["dark red"] + 10
