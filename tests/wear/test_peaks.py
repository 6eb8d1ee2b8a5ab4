"""Peaks of caps, drawn on a head with the shadow that they throw, found again; and what brims take of the light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.face import Face
from facegpt.types import Headwear
from facegpt.wear.brim import brim_width_mm, is_peak
from facegpt.wear.brim_colour import brim_colour, crown_beside
from facegpt.wear.brim_shade import open_cloth, open_skin
from facegpt.wear.from_photo import headwear_from_photo
from facegpt.wear.peak_from_photo import CapSeen, Peak, peaked, with_peak
from facegpt.wear.worn import headwear_of, person_below
from tests.wear.test_headwear import BEANIE, covered, facing, overlap, picture_of

#: A cap whose edge is level, as one with a peak looks from the front, and one that ends above its peak.
LEVEL = replace(BEANIE, edge_deg=(82.0, 86.0, 92.0, 98.0, 100.0, 98.0, 92.0, 86.0), off_mm=(8.0,))
#: A cap as it is sewn, without its peak.
ROUND = replace(BEANIE, edge_deg=(68.0, 74.0, 80.0, 88.0, 92.0, 88.0, 80.0, 74.0), off_mm=(8.0,))
HAT = replace(LEVEL, brim_mm=(60.0,), brim_rise=(0.0,))


def shaded(head, params, depth: float):
    """The picture of a cap with a shadow of some depth (log) on the skin below its front, and its parts."""
    image, parts = picture_of(head, params)
    mask = covered(head, params)
    out = image.astype(float)
    for column in range(image.shape[1]):
        rows = np.flatnonzero(mask[:, column])
        if len(rows):
            out[rows.max() + 1 : rows.max() + 5, column] *= np.exp(-depth / 2.2)  # sRGB
    return np.round(out).astype(np.uint8), parts


@pytest.mark.parametrize(("depth", "peak"), [(0.9, True), (0.0, False)])
def test_a_level_cap_has_a_peak_if_the_forehead_below_it_is_in_its_shadow(head, depth, peak):
    params = facing(head).replace(headwear=LEVEL)
    image, parts = shaded(head, params, depth)
    assert is_peak(headwear_from_photo(image, head, params, parts)) == peak


def test_a_beanie_that_shades_the_forehead_has_none(head):
    params = facing(head).replace(headwear=BEANIE)
    image, parts = shaded(head, params, 0.9)
    assert headwear_from_photo(image, head, params, parts).brim_mm == ()


@pytest.mark.parametrize("yaw_deg", [0.0, 20.0])
@pytest.mark.parametrize("peak", [Peak(rise=0.2), Peak(8.0, -0.3), Peak(4.0, -0.1, 0.05)])
def test_a_peak_that_was_drawn_is_found_again_and_seen_from_aside(head, peak, yaw_deg):
    params = facing(head, yaw_deg)
    truth, below = peaked(ROUND, peak), person_below(head, params, "cap")
    image, _ = picture_of(head, params.replace(headwear=truth))
    cloth = covered(head, params.replace(headwear=truth))
    cap = CapSeen(params, np.eye(2, 3), cloth, np.ones_like(cloth), image / 255.0)
    found = with_peak(ROUND, below, cap)
    widths = np.array(found.brim_mm)
    assert 50 < widths.max() < 85 and (brim_width_mm(found, np.linspace(0.25, 0.75, 9)) == 0).all()
    aside = facing(head, yaw_deg + 60)
    again, without = (
        overlap(*(covered(head, aside.replace(headwear=each)) for each in (truth, one))) for one in (found, ROUND)
    )
    assert again > 0.85 and again > without


def test_a_peak_of_another_colour_takes_its_colour_off_the_crown(head):
    cloth, brim = np.ones((40, 40)), np.zeros((40, 40), bool)
    colours = np.full((40, 40, 3), 0.1)
    colours[20:] = (0.8, 0.5, 0.1)
    brim[26:] = True  # found shorter than it is
    crown = crown_beside(cloth, brim, colours)
    assert crown[:20].min() == 1 and crown[20:].max() == 0
    alike = crown_beside(cloth, brim, np.full((40, 40, 3), 0.1))
    assert alike[:23].min() == 1 and alike[26:].max() == 0


def test_brims_take_half_of_the_sky_at_their_root_and_none_far_away(head):
    params = facing(head)
    below = person_below(head, params, "cap")
    mesh = headwear_of(head, params.replace(headwear=HAT))
    left = open_cloth(HAT, below, 37, 96)
    assert len(left) == len(mesh.vertices) and left.min() >= 0.4 and left.max() <= 1.0
    crown = left[: 37 * 96].reshape(37, 96)
    assert crown[0].min() > 0.95 > 0.75 > crown[-2].max()
    skin = open_skin(HAT, below, np.asarray(head.mean_vertices))
    height = np.asarray(head.mean_vertices)[:, 1]
    assert skin[height < -60].min() > 0.9 > skin.min() >= 0.5
    assert (open_cloth(BEANIE, below, 37, 96) == 1).all()


def test_the_lower_side_of_a_brim_is_drawn_darker_than_its_upper_side(head):
    params = facing(head).replace(headwear=replace(HAT, brim_rise=(0.0,), cloth=""))
    pictures = [
        Face(head, params).render(size=128, pitch_deg=pitch, background="white", light="even")[..., :3].astype(int)
        for pitch in (-35, 35)
    ]
    tones = []
    for picture in pictures:
        red = picture[(picture[..., 0] - picture[..., 1] > 40) & (picture[..., 1] < 90)]
        tones.append(np.median(red[:, 0]))
    assert abs(tones[0] - tones[1]) > 5


def test_the_colour_of_a_brim_is_read_where_it_is_seen(head):
    below = person_below(head, facing(head), "cap")

    def look_at(places):
        return np.broadcast_to([0.3, 0.2, 0.02], places.shape), np.where(places[..., 0] > 0, 1.0, 0.0)

    np.testing.assert_allclose(brim_colour(HAT, below, look_at), [0.3, 0.2, 0.02], rtol=1e-3)
    assert brim_colour(HAT, below, lambda at: (np.ones_like(at), np.zeros(at.shape[:-1]))) is None
    assert not is_peak(HAT) and is_peak(Headwear(brim_mm=(60.0, 0.0)))
