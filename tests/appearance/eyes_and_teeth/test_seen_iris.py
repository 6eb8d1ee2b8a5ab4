"""Painted eyes: which are read, and which are taken for lids or skin."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.eyes_and_teeth.seen_iris import irises_seen
from facegpt.conventions import linear_to_srgb
from facegpt.detect.outlines import in_polygon
from facegpt.fitting.mediapipe_points import LEFT_IRIS, LEFT_LIDS, RIGHT_IRIS, RIGHT_LIDS

SIDE, RADIUS, WHITE = 400, 20.0, (0.60, 0.55, 0.50)
DARK_SKIN, PALE_SKIN = (0.10, 0.05, 0.03), (0.45, 0.28, 0.20)
GREEN, BROWN = (0.078, 0.090, 0.043), (0.030, 0.015, 0.008)


def share_read(iris, skin):
    """How far irises of a colour are believed in skin of another, linear RGB."""
    x, y = np.meshgrid(*[np.arange(SIDE, dtype=float)] * 2)
    image, points = np.tile(np.array(skin), (SIDE, SIDE, 1)), np.zeros((478, 2))
    turn = np.linspace(np.pi, 0, 9)
    for middle, lids, ring in ((280.0, LEFT_LIDS, LEFT_IRIS), (120.0, RIGHT_LIDS, RIGHT_IRIS)):
        centre = np.array([middle, 200.0])
        low = centre + 1.2 * RADIUS * np.stack([2 * np.cos(turn), np.sin(turn)], 1)
        points[list(lids)] = [*low, *(low[1:-1] * [1, -1] + [0, 400.0])]
        points[list(ring)] = centre + RADIUS * np.array([(0, 0), (1, 0), (0, -1), (-1, 0), (0, 1)])
        outline = points[list(lids)][[*range(9), *range(15, 8, -1)]]
        off = np.hypot(x - middle, y - 200)
        inside = in_polygon(np.stack([x.ravel(), y.ravel()], 1), outline).reshape(SIDE, SIDE)
        image[inside] = WHITE
        image[inside & (off < RADIUS)] = iris
        image[inside & (off < 0.35 * RADIUS)] = 0.005
    return irises_seen(np.uint8(255 * linear_to_srgb(image) + 0.5), points, 50.0, None).share


@pytest.mark.parametrize(
    ("iris", "skin"), [(GREEN, PALE_SKIN), (GREEN, DARK_SKIN), (BROWN, PALE_SKIN), (BROWN, DARK_SKIN)]
)
def test_irises_are_read_though_they_are_paler_than_the_skin(iris, skin):
    assert share_read(iris, skin) > 0.95


@pytest.mark.parametrize("skin", [DARK_SKIN, PALE_SKIN])
def test_skin_is_no_iris(skin):
    assert share_read(skin, skin) < 0.05


def test_the_shaded_skin_of_a_profile_is_no_iris():
    assert share_read(np.array(PALE_SKIN) * (0.78, 0.97, 1.0), PALE_SKIN) < 0.5
