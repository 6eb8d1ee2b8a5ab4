"""Eyes that are drawn by hand, whose irises are known: read without a head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.appearance.eyes_and_teeth.seen_iris import in_common, irises_seen
from facegpt.appearance.iris import iris_reader
from facegpt.conventions import linear_to_srgb
from facegpt.fitting.mediapipe_points import LEFT_IRIS, LEFT_LIDS, RIGHT_IRIS, RIGHT_LIDS

BROWN, BLUE = (0.050, 0.022, 0.010), (0.14, 0.19, 0.25)
SKIN, WHITE, SKY = (0.45, 0.27, 0.19), (0.5, 0.45, 0.42), (0.03, 0.04, 0.06)
#: Pixels per mm of the drawing, and where the eyes' middles are.
PX, MIDDLES = 5.0, ((140.0, 100.0), (300.0, 100.0))


def lids_of(x: float, y: float, side: float) -> np.ndarray:
    """An almond's outline in the order of an eye's 16 points: outer corner, lower lid, inner corner, upper lid."""
    along = np.linspace(-1, 1, 9)
    half = np.stack([x - side * 14 * PX * along, y + 5 * PX * (1 - along**2)], 1)
    return np.concatenate([half, half[1:8] * (1, -1) + (0, 2 * y)])


def drawn(iris, veil=(0.0, 0.0, 0.0)) -> tuple[np.ndarray, np.ndarray]:
    """A picture (200, 440, 3) of two eyes, the veil over their corneas, and the points (478, 2) of it."""
    rows, columns = np.mgrid[:200, :440]
    colour, points = np.ones((200, 440, 3)) * SKIN, np.zeros((478, 2))
    for (x, y), side, lids, ring in zip(
        MIDDLES, (-1, 1), (RIGHT_LIDS, LEFT_LIDS), (RIGHT_IRIS, LEFT_IRIS), strict=True
    ):
        outline = lids_of(x, y, side)
        height = 5 * PX * (1 - ((columns - x) / (14 * PX)) ** 2)
        far = np.hypot(columns - x, rows - y) / (5.9 * PX)
        eye = np.abs(rows - y) < height
        colour[eye] = WHITE
        colour[eye & (far < 1)] = np.array(iris) + veil
        colour[eye & (far < 0.35)] = np.array([0.003] * 3) + veil
        points[list(lids)] = outline
        points[list(ring)] = np.array([x, y]) + 5.9 * PX * np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]])
    return np.round(linear_to_srgb(colour) * 255).astype(np.uint8), points


@pytest.mark.parametrize("veil", [(0.0, 0.0, 0.0), SKY])
def test_brown_irises_are_brown_and_blue_ones_light_under_a_bright_sky_too(veil):
    odds = {}
    for name, iris in (("brown", BROWN), ("blue", BLUE)):
        odds[name] = iris_reader().light_odds(irises_seen(*drawn(iris, veil), 60.0, None))
    assert odds["brown"] < 0 < odds["blue"]


def test_a_dark_skin_makes_brown_irises_likelier():
    picture = drawn(BROWN, SKY)
    dark, light = (iris_reader().light_odds(irises_seen(*picture, skin, None)) for skin in (40.0, 64.0))
    assert dark < light


@pytest.mark.parametrize(("hair", "kind"), [(0.02, "brown"), (1.0, "light")])
def test_what_lowered_lids_hide_goes_with_skin_and_hair(hair, kind):
    picture, points = drawn(BLUE)
    for (x, y), lids in zip(MIDDLES, (RIGHT_LIDS, LEFT_LIDS), strict=True):
        points[list(lids)] = (points[list(lids)] - (x, y)) * (1, 0.25) + (x, y + 3 * PX)
    seen = irises_seen(picture, points, 62.0, None)
    assert seen.share == 0
    seen = replace(seen, goes_with=np.array([66.0, np.log(hair)]))
    assert (iris_reader().light_odds(seen) > 0) == (kind == "light")


def test_skin_that_points_take_for_irises_says_nothing():
    picture, points = drawn(BROWN)
    assert irises_seen(picture, points, 62.0, None).share == 1
    assert irises_seen(np.full_like(picture, 170), points, 62.0, None).share == 0


def test_eyes_outside_the_picture_or_without_lids_say_nothing():
    picture, points = drawn(BROWN)
    assert irises_seen(picture, 0 * points, 60.0, None).evidence is None
    irises_seen(picture, points + 400, 60.0, None)  # beyond its border: no error


def test_eyes_with_no_skin_below_say_nothing():
    picture, points = drawn(BROWN)
    for x, lids in ((140.0, RIGHT_LIDS), (300.0, LEFT_LIDS)):
        points[list(lids)] = (points[list(lids)] - (x, 100.0)) * (1, 9) + (x, 100.0)
    assert irises_seen(picture, points, 60.0, None).evidence is None


def test_photos_count_together_as_far_as_they_are_to_be_believed():
    sharp, other = (irises_seen(*drawn(iris), 62.0, None) for iris in (BLUE, BROWN))
    hidden = replace(other, share=0.0)
    together = in_common([hidden, sharp])
    assert together.share == 1
    assert np.allclose(together.evidence, sharp.evidence) and np.allclose(together.beside, sharp.beside)
    assert in_common([hidden]).share == 0 and in_common([hidden]).beside is None
