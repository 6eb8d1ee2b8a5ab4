"""Smoothing on curves whose truth is known: rest is calm, and what is fast stays."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg, rotation_from_rotvec
from facegpt.video.observation import FOLLOWED, RECORD
from facegpt.video.smoothing import FixedLag, LiveFilter, SmoothingSettings, smoothed
from facegpt_lab.evaluate.clips.curves import FPS, speech_like
from facegpt_lab.evaluate.clips.scores import angle_deg, lag

JAW, CLOSE = ARKIT_NAMES.index("jawOpen"), ARKIT_NAMES.index("mouthClose")
BLINK = ARKIT_NAMES.index("eyeBlinkLeft")
LIDS = [BLINK, ARKIT_NAMES.index("eyeBlinkRight")]
#: SD of the measured noise: weights, radians, pixels, log scale, degrees.
NOISE = {"expression": 0.02, "rotation": 0.004, "place": 0.25, "log_scale": 0.002, "gaze": 0.8}


@pytest.fixture(scope="module")
def motion():
    return speech_like(240, seed=11, rest=80)


@pytest.fixture(scope="module")
def rows(motion):
    """The motion as it would be measured: with noise, and the variance that the fit would state."""
    random = np.random.default_rng(2)
    count = len(motion.expression)
    out = np.zeros(count, RECORD)
    out["frame"], out["time_s"] = np.arange(count), np.arange(count) / FPS
    noisy = motion.expression + random.normal(0, NOISE["expression"], motion.expression.shape)
    out["expression"] = np.clip(noisy, 0, 1)
    out["place"] = random.normal(0, NOISE["place"], (count, 2))
    out["log_scale"] = random.normal(0, NOISE["log_scale"], count)
    for k in range(count):
        shake = rotation_from_rotvec(random.normal(0, NOISE["rotation"], 3))
        out["rotation"][k] = shake @ rotation_from_euler_deg(*motion.turn_deg[k])
    out["gaze"] = random.normal(0, NOISE["gaze"], (count, 2, 2))
    settings, variance = SmoothingSettings(), np.zeros(FOLLOWED)
    pose, weights, looks = settings.noise
    variance[:3], variance[3:5] = (NOISE["rotation"] / pose) ** 2, (NOISE["place"] / pose) ** 2
    variance[5], variance[6:58] = (NOISE["log_scale"] / pose) ** 2, (NOISE["expression"] / weights) ** 2
    variance[58:] = (NOISE["gaze"] / looks) ** 2
    out["variance"] = variance
    return out


def live(rows):
    calm = LiveFilter()
    return np.array([calm(row) for row in rows], RECORD)


def restless(values, rest) -> float:
    return float(np.sqrt((np.diff(values[np.flatnonzero(rest)[3:]], 2, axis=0) ** 2).mean()))


@pytest.mark.parametrize("calm", [live, smoothed])
def test_a_face_at_rest_rests(rows, motion, calm):
    found = calm(rows)
    for name in ("expression", "place", "log_scale"):
        assert restless(found[name], motion.rest) < restless(rows[name], motion.rest) / 3
    turns = [angle_deg(a, b) for a, b in zip(found["rotation"][10:80], found["rotation"][9:79], strict=True)]
    shaky = [angle_deg(a, b) for a, b in zip(rows["rotation"][10:80], rows["rotation"][9:79], strict=True)]
    assert np.mean(turns) < np.mean(shaky) / 3


@pytest.mark.parametrize("calm", [live, smoothed])
def test_blinks_keep_their_height(rows, motion, calm):
    found = calm(rows)["expression"][:, BLINK]
    for at in motion.blinks:
        assert found[at - 2 : at + 3].max() > 0.9 * motion.expression[at, BLINK]


@pytest.mark.parametrize("calm", [live, smoothed])
def test_plosives_close_the_lips(rows, motion, calm):
    """The lips are closed where mouthClose takes back what jawOpen opens."""
    found = calm(rows)["expression"]
    for at in motion.closures:
        near = slice(at - 1, at + 2)
        assert (found[near, JAW] - found[near, CLOSE]).min() < 0.08


def test_the_live_filter_follows_within_a_frame(rows, motion):
    found = live(rows)["expression"]
    assert lag(motion.expression[:, JAW], found[:, JAW]) < 0.7
    assert abs(lag(motion.expression[:, JAW], smoothed(rows)["expression"][:, JAW])) < 0.25


def test_files_come_nearer_to_the_truth_and_live_calm_costs_little(rows, motion):
    """Of units that move: at rest weights cannot fall below 0, so that noise there has a mean."""
    moving = motion.expression.std(0) > 0.04
    raw, at_once, file = (
        np.abs(found["expression"] - motion.expression)[:, moving].mean()
        for found in (rows, live(rows), smoothed(rows))
    )
    assert file < 0.96 * raw
    assert at_once < 1.05 * raw


def test_a_camera_that_is_noisier_than_fits_state_is_calm_at_rest_and_keeps_its_blinks(rows, motion):
    """Lids and pose are measured with three times the noise that is stated."""
    random, noisy = np.random.default_rng(5), rows.copy()
    noisy["expression"][:, LIDS] += random.normal(0, 2.8 * NOISE["expression"], (len(rows), 2))
    noisy["place"] += random.normal(0, 2.8 * NOISE["place"], (len(rows), 2))
    for calm in (live, smoothed):
        found = calm(noisy)
        assert restless(found["place"], motion.rest) < restless(noisy["place"], motion.rest) / 2
        lids = found["expression"][:, LIDS]
        assert restless(lids, motion.rest) < 0.6 * restless(noisy["expression"][:, LIDS], motion.rest)
        for at in motion.blinks:
            assert lids[at - 2 : at + 3, 0].max() > 0.9 * motion.expression[at, BLINK]


def test_a_stream_is_smoothed_nearly_as_the_whole(rows):
    lag = FixedLag(10)
    out = []
    for k, row in enumerate(rows):
        out += list(lag.push(k, [row]))
    out += list(lag.flush())
    assert [k for k, _ in out] == list(range(len(rows)))
    found = np.array([row["expression"] for _, (row,) in out])
    apart = np.abs(np.delete(found - smoothed(rows)["expression"], LIDS, axis=1))
    assert np.quantile(apart, 0.99) < 0.02 and apart.max() < 0.1  # lids and noise are learnt on the way


def test_blinks_of_a_stream_that_is_smoothed_are_whole(rows, motion):
    """Lids are seen to half of their way: the first are raised by what is usual, the last by those before."""
    half = rows.copy()
    half["expression"][:, LIDS] *= 0.5
    lag = FixedLag(10)
    out = [one for k, row in enumerate(half) for one in lag.push(k, [row])] + list(lag.flush())
    found = np.array([row["expression"][BLINK] for _, (row,) in out])
    first, *_, last = motion.blinks
    assert found[first - 1 : first + 2].max() > 0.65
    assert found[last - 1 : last + 2].max() > 0.9


def test_a_cut_begins_anew(rows):
    two = rows[:40].copy()
    two["expression"][20:] = 0.9
    two["cut"][20:] = 1
    found = smoothed(two)
    assert np.abs(found["expression"][20:] - 0.9).max() < 1e-6
    assert found["expression"][19].max() < 0.5


def test_the_focal_length_does_not_change(rows):
    moved = rows.copy()
    moved["log_depth"] = np.log(800.0) - moved["log_scale"]
    found = smoothed(moved)
    assert np.allclose(found["log_depth"] + found["log_scale"], np.log(800.0))


@pytest.fixture(scope="module")
def shaky(motion):
    """A face that speaks while its head sways, measured with noise that goes on for frames and is not stated.

    The head's turn and the jaw err together, as those of real networks do.
    """
    random, count = np.random.default_rng(8), len(motion.expression)
    noise = np.zeros((count, 62))
    for k in range(1, count):
        noise[k] = 0.4 * noise[k - 1] + np.sqrt(1 - 0.4**2) * random.normal(size=62)
    out = np.zeros(count, RECORD)
    out["frame"], out["time_s"], out["box"] = np.arange(count), np.arange(count) / FPS, (0, 0, 120, 120)
    weights = motion.expression + 0.015 * noise[:, 6:58]
    weights[:, JAW] += 0.015 * noise[:, 0]
    out["expression"] = np.clip(weights, 0, 1)
    sway = 8 * np.sin(np.arange(count)[:, None] / 30.0 * (1.0, 1.4, 0.8))
    for k in range(count):
        out["rotation"][k] = rotation_from_rotvec(0.004 * noise[k, :3]) @ rotation_from_euler_deg(*sway[k])
    out["place"], out["log_scale"] = 0.3 * noise[:, 3:5], 0.002 * noise[:, 5]
    out["variance"] = 1e-6
    return out, sway


def test_noise_that_no_fit_states_is_calmed_and_motion_is_kept(shaky, motion):
    rows, sway = shaky
    found = smoothed(rows)
    still = motion.expression.std(0) <= 0.04
    for name in ("place", "log_scale"):
        assert restless(found[name], np.ones(len(rows), bool)) < restless(rows[name], np.ones(len(rows), bool)) / 3
    for curves in (found, rows):
        assert curves["expression"].shape == motion.expression.shape
    shaken = [restless(one["expression"][:, still], np.ones(len(rows), bool)) for one in (found, rows)]
    assert shaken[0] < shaken[1] / 2
    truth = [rotation_from_euler_deg(*turn) for turn in sway]
    off = [np.mean([angle_deg(a, b) for a, b in zip(one["rotation"], truth, strict=True)]) for one in (found, rows)]
    assert off[0] < 0.75 * off[1]
    turns = [angle_deg(a, b) for a, b in zip(found["rotation"][2:], found["rotation"][:-2], strict=True)]
    true_turns = [angle_deg(a, b) for a, b in zip(truth[2:], truth[:-2], strict=True)]
    assert np.mean(turns) == pytest.approx(np.mean(true_turns), rel=0.15)  # the sway itself is whole


def test_blinks_and_lag_survive_noise_that_no_fit_states(shaky, motion):
    found = smoothed(shaky[0])["expression"]
    assert np.mean([found[at - 1 : at + 2, BLINK].max() for at in motion.blinks]) > 0.9
    assert abs(lag(motion.expression[:, JAW], found[:, JAW])) < 0.25
    for at in motion.closures:
        assert (found[at - 1 : at + 2, JAW] - found[at - 1 : at + 2, CLOSE]).min() < 0.12
