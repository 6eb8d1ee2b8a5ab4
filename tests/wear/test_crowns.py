"""Crowns of hats: as high over the brim as told, and as a picture shows them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.wear.brim import root_of
from facegpt.wear.brim_from_photo import HEIGHTS_MM, USUAL
from facegpt.wear.crown import standing
from facegpt.wear.from_photo import headwear_from_photo
from facegpt.wear.worn import headwear_of, person_below
from tests.wear.test_brims import HAT
from tests.wear.test_headwear import covered, facing, overlap, picture_of

#: The same hat far back on the head: high in front, low behind.
BACK = replace(HAT, edge_deg=(58.0, 76.0, 95.0, 112.0, 120.0, 112.0, 95.0, 76.0))


def over_brim_mm(head, params) -> float:
    """How high a hat's crown stands over the plane of its brim."""
    below = person_below(head, params, "cap")
    _, centre, up = root_of(params.headwear, below, np.arange(96) / 96)
    crown = headwear_of(head, params.replace(headwear=replace(params.headwear, brim_mm=())))
    return float(((crown.vertices - centre) @ up).max())


@pytest.mark.parametrize("look", [HAT, BACK])
@pytest.mark.parametrize("height_mm", [110.0, 150.0])
def test_a_crown_stands_as_high_as_told_over_the_plane_of_its_brim(head, look, height_mm):
    params = facing(head)
    look = standing(look, person_below(head, params, "cap"), height_mm, 0.1)
    assert over_brim_mm(head, params.replace(headwear=look)) == pytest.approx(height_mm, abs=4)


@pytest.mark.parametrize(("height_mm", "yaw_deg"), [(85.0, 0.0), (135.0, 0.0), (135.0, 25.0)])
def test_the_crown_of_a_picture_is_found_again_and_seen_from_aside(head, height_mm, yaw_deg):
    params = facing(head, yaw_deg)
    truth = params.replace(headwear=standing(HAT, person_below(head, params, "cap"), height_mm, 0.1))
    image, parts = picture_of(head, truth)
    found = params.replace(headwear=headwear_from_photo(image, head, truth, parts))
    assert over_brim_mm(head, found) == pytest.approx(over_brim_mm(head, truth), abs=22)
    close = replace(found.headwear, off_mm=(7.0,), columns=1)
    aside = facing(head, yaw_deg + 60)
    again, hugging = (
        overlap(*(covered(head, aside.replace(headwear=each)) for each in (truth.headwear, one)))
        for one in (found.headwear, close)
    )
    assert again > 0.7 and again > hugging


def test_a_crown_that_the_photo_cuts_off_is_as_high_as_most(head):
    params = facing(head)
    truth = params.replace(headwear=standing(HAT, person_below(head, params, "cap"), 135.0, 0.1))
    image, parts = picture_of(head, truth)
    mask = covered(head, truth)
    parts.seen[: np.flatnonzero(mask.any(1))[0] + 40] = False
    found = params.replace(headwear=headwear_from_photo(image, head, truth, parts))
    assert found.headwear.brim_mm
    assert over_brim_mm(head, found) >= HEIGHTS_MM[USUAL] - 15
