"""The light on a face by its points: balls under lamps of known direction stand for faces."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import linear_to_srgb
from facegpt.detect.light_on_face import light_on_face

SIDE, RADIUS = 200, 80.0


def ball_under(lamp, level: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """A white ball (SIDE, SIDE, 3) under a lamp in that direction (x right, y down, z away) and some light from
    everywhere; and 478 points (N, 3) of its front."""
    row, column = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    depth = -np.sqrt(np.maximum(RADIUS**2 - row**2 - column**2, 0))
    facing = np.stack([column, row, depth], -1) / RADIUS
    bright = level * (0.3 + np.maximum(facing @ (np.asarray(lamp) / np.linalg.norm(lamp)), 0))
    picture = np.round(255 * linear_to_srgb(np.clip(bright, 0, 1))).astype(np.uint8)
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 478)
    out = RADIUS * 0.75 * np.sqrt(np.random.default_rng(1).uniform(0, 1, 478))
    x, y = out * np.cos(angle), out * np.sin(angle)
    points = np.stack([x, y, -np.sqrt(RADIUS**2 - x**2 - y**2)], 1) + np.array([(SIDE - 1) / 2, (SIDE - 1) / 2, 0])
    return np.repeat(picture[..., None], 3, 2), points


@pytest.mark.parametrize("lamp", [(1, 0, -1), (-1, 0, -1), (0, -1, -1), (0, 1, -0.5)])
def test_light_falls_off_away_from_the_lamp(lamp):
    slopes = light_on_face(*ball_under(lamp))[1:3]
    told, true = slopes / np.linalg.norm(slopes), np.array(lamp[:2]) / np.linalg.norm(lamp[:2])
    assert told @ true > np.cos(np.radians(10))


def test_half_the_light_is_half_as_bright_and_falls_off_alike():
    full, half = (light_on_face(*ball_under((1, 0, -1), level)) for level in (0.6, 0.3))
    assert full[0] - half[0] == pytest.approx(np.log(2), abs=0.03)
    np.testing.assert_allclose(full[1:], half[1:], atol=0.05)


def test_dark_brows_and_glare_turn_no_light():
    picture, points = ball_under((0, 0, -1))
    marked = picture.copy()
    marked[60:70, 60:95], marked[120:126, 110:118] = 8, 255
    np.testing.assert_allclose(light_on_face(marked, points), light_on_face(picture, points), atol=0.12)
