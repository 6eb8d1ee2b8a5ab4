"""Windows that adapt: parabolas pass unchanged, noise shrinks as foretold, edges keep their frame."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.video.adaptive_window import (
    EASED,
    REACH,
    WINDOWS,
    WindowSettings,
    blended,
    chosen_width,
    heard_noise,
    noise_after,
    window_weights,
)

STEPS = np.arange(-REACH, REACH + 1.0)


def windows(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, which exist, and places of the windows of a curve of so many frames."""
    index = np.arange(count)[:, None] + STEPS.astype(int)
    return np.tile(STEPS, (count, 1)), (index >= 0) & (index < count), np.clip(index, 0, count - 1)


def calm(curve: np.ndarray, noise: float) -> np.ndarray:
    offsets, there, index = windows(len(curve))
    weights = window_weights(offsets, there)
    values = np.einsum("snw,nw->sn", weights, curve[index] * there)[..., None]
    apart = np.zeros((len(WINDOWS), len(WINDOWS), len(curve)))
    for wide in range(len(WINDOWS)):
        for narrow in range(wide):
            apart[wide, narrow] = noise_after(weights[wide] - weights[narrow], offsets, 0.0)
    place = chosen_width(values, apart, np.full((len(curve), 1), noise), {(0,): 1.0}, WindowSettings(correlation=0.0))
    return blended(values, place)[:, 0]


def test_a_parabola_passes_every_quadratic_window_and_a_line_every_window():
    offsets, there, index = windows(40)
    weights = window_weights(offsets, there)
    for curve, degree in ((0.02 * (np.arange(40.0) - 11) ** 2, 2), (0.3 * np.arange(40.0) - 4, 1)):
        found = np.einsum("snw,nw->sn", weights, curve[index] * there)
        for one, (half, of) in zip(found, WINDOWS, strict=True):
            inner = slice(REACH, -REACH) if degree == 2 else slice(2, -2)
            if half == 0 or of >= degree:
                wide_enough = half == 0 or half >= 2 or degree == 1
                assert not wide_enough or np.abs(one - curve)[inner].max() < 1e-6


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_noise_is_as_small_behind_a_window_as_foretold(correlation):
    random, count = np.random.default_rng(1), 20_000
    noise = random.normal(size=count)
    for k in range(1, count):
        noise[k] = correlation * noise[k - 1] + np.sqrt(1 - correlation**2) * noise[k]
    offsets, there = STEPS[None], np.ones((1, len(STEPS)), bool)
    for weights in window_weights(offsets, there):
        found = np.convolve(noise, weights[0][::-1], "valid").std()
        assert found == pytest.approx(noise_after(weights, offsets, correlation)[0], rel=0.05)


def test_a_step_keeps_its_height_and_its_frame_and_rest_is_calm():
    noise = np.random.default_rng(2).normal(0, 0.02, 120)
    truth = np.where(np.arange(120) < 60, 0.2, 0.8)
    found = calm(truth + noise, 0.02)
    assert np.abs(found - truth).max() < 0.1
    rest = np.r_[REACH : 60 - REACH - EASED, 60 + REACH + EASED : 120 - REACH]
    assert np.abs(found - truth)[rest].mean() < 0.4 * np.abs(noise)[rest].mean()
    assert np.diff(found, 2)[rest - 1].std() < 0.2 * np.diff(truth + noise, 2)[rest - 1].std()


def test_heard_noise_leaves_out_curves_that_rest_at_a_bound():
    random = np.random.default_rng(3)
    residue = np.column_stack([random.normal(0, 0.03, 400), np.zeros(400)])
    residue[::2, 0] = 0
    found = heard_noise(residue, np.ones(400), np.array([0.004, 0.004]))
    assert found[0] == pytest.approx(0.03, rel=0.2) and found[1] == 0.004
