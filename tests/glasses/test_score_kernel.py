"""How frames lie on a photo by kernels, beside the slow way."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.detect.windows import Window
from facegpt.encode.parts import GLASSES, PARTS, FaceParts
from facegpt.glasses.fit import wearer_of
from facegpt.glasses.frames import FRAMES, outline
from facegpt.glasses.silhouettes import BAND_PX, Band, outlines_of, plainly_scored, scores
from facegpt.types import Camera, Glasses, Pose


@pytest.fixture
def band():
    """A picture of noise about the eyes of a head that is turned, with noise for the belief in glasses."""
    draw = np.random.default_rng(3)
    turn = np.radians(20)
    rotation = np.array([[np.cos(turn), 0, np.sin(turn)], [0, -1, 0], [np.sin(turn), 0, -np.cos(turn)]])
    window = Window(300.0, 220.0, 240.0, 0.1)
    image = draw.uniform(0, 1, (3, BAND_PX, BAND_PX)).astype(np.float32)
    belief = draw.uniform(0, 1, (BAND_PX, BAND_PX)).astype(np.float32)
    parts = FaceParts(np.zeros((8, 8, len(PARTS)), np.float32), np.ones((8, 8), bool), np.eye(2, 3))
    pose = Pose(rotation, np.array([0.0, 30.0, 700.0]))
    return Band(window, image, belief, pose, Camera(900.0, (310.0, 190.0), 640, 480), np.array([1.0, 0.4]), parts)


@pytest.mark.parametrize("soft", [True, False])
def test_frames_are_scored_as_the_slow_way_scores_them(head, band, soft):
    looks = tuple(Glasses(style, size=size, drop_mm=3.0) for style in FRAMES for size in (0.9, 1.1))
    frames = outlines_of(looks, wearer_of(head, np.zeros(head.sizes.identity)), 16)
    quick, plain = scores(band, frames, 1.5, soft), plainly_scored(band, frames, 1.5, soft)
    for name in ("dark", "bright", "step", "overlap", "hued"):
        assert np.allclose(getattr(quick, name), getattr(plain, name), atol=2e-6), name


def test_a_belief_on_a_window_is_the_belief_at_each_of_its_pixels():
    beliefs = np.random.default_rng(1).uniform(0, 1, (20, 30, len(PARTS))).astype(np.float32)
    parts = FaceParts(beliefs, np.ones((20, 30), bool), np.array([[0.05, 0.01, 2.0], [-0.01, 0.05, 3.0]]))
    window, side = Window(200.0, 150.0, 260.0, 0.2), 25
    middles = (np.arange(side) + 0.5) / side
    pixels = window.to_photo(np.stack(np.meshgrid(middles, middles), -1)).reshape(-1, 2)
    assert np.allclose(parts.belief_in(window, side, GLASSES).ravel(), parts.belief_at(pixels, GLASSES), atol=1e-5)


def test_an_outline_scales_with_its_lens():
    assert np.allclose(outline("aviator", 60.0, 50.4), 1.2 * outline("aviator", 50.0, 42.0))
