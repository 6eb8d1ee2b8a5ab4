"""How still a skull stays: figures of points whose motion is known."""

import numpy as np

from facegpt_lab.evaluate.protocols.rigid import Stillness, nodding, residue, rows


def test_motion_along_a_parabola_leaves_nothing_and_noise_leaves_most_of_itself():
    time = np.linspace(0, 3, 90)[:, None, None]
    smooth = np.array([5.0, -2.0]) * time + 3 * time**2 + np.zeros((1, 4, 2))
    assert residue(smooth) < 1e-9
    noise = np.random.default_rng(0).normal(0, 0.5, smooth.shape)
    assert 0.5 < residue(smooth + noise) / (0.5 * np.sqrt(2)) < 1.0  # a parabola takes three of seven unknowns


def test_a_skull_that_takes_a_tenth_of_the_jaw_is_told():
    jaw = np.clip(np.sin(np.linspace(0, 20, 200)), 0, 1)
    truth = np.zeros((200, 4, 2))
    truth[:, -1, 1] = 40 + 30 * jaw
    assert abs(nodding(3 * jaw, jaw, truth) - 0.1) < 1e-6
    assert nodding(np.zeros(200), jaw, truth) == 0


def test_the_ratio_of_smoothing_is_judged():
    clip = Stillness({"frame by frame": 0.4, "live": 0.3, "file": 0.1}, {}, {}, {})
    assert rows("real", [clip])[-1].met
    assert not rows("real", [Stillness({"frame by frame": 0.4, "live": 0.3, "file": 0.3}, {}, {}, {})])[-1].met
