"""Cropped white hair that was taken for skin, and bald crowns, by pictures whose colours are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_parts import parts_with
from facing_params import SIDE

from facegpt.encode.parts import HAIR, MAP_PX
from facegpt.hair.from_photo.found import hair_from_photo
from facegpt.hair.from_photo.kinds.white_hair import _seen_scalp, with_white_hair
from facegpt.hair.from_photo.seen import hair_seen
from facegpt.hair.presets import PRESETS

SKIN, WHITE, GLARE = (200, 140, 110), (180, 175, 168), (255, 252, 250)


def pictured(model, params, colour):
    """A bald head of skin's colour whose scalp has another, and its parts: skin alone, as after false hair."""
    nothing = np.zeros((96, 96), bool)
    bare = hair_seen(model, params, parts_with(nothing, nothing))
    parts = parts_with(nothing, bare.view.head)
    points = params.camera.project(params.pose.apply(bare.points))
    parts = replace(parts, points=points, false_hair=True)
    image = np.full((SIDE, SIDE, 3), (90, 120, 160), np.uint8)
    rows = np.minimum((np.arange(SIDE) + 0.5) * MAP_PX / SIDE, MAP_PX - 1).astype(int)
    image[np.kron(bare.view.head, np.ones((2, 2), bool))[np.ix_(rows, rows)]] = SKIN
    image[_seen_scalp(model, params, parts)[np.ix_(rows, rows)]] = colour
    return image, parts


def test_a_pale_scalp_has_hair_and_wears_it_cropped(model, params):
    image, parts = pictured(model, params, WHITE)
    whitened = with_white_hair(image, model, params, parts)
    assert (whitened.probabilities[..., HAIR] > 0.5).sum() > 100
    found = hair_from_photo(image, model, params, parts)
    assert found.hair is not None and PRESETS[found.hair.style].family == "shaved"
    assert np.ptp(found.hair.colour) < 0.12


@pytest.mark.parametrize("colour", [SKIN, (170, 112, 86), GLARE])
def test_a_bare_scalp_keeps_its_skin_in_shade_and_glare(model, params, colour):
    image, parts = pictured(model, params, colour)
    assert with_white_hair(image, model, params, parts) is parts
