"""A person's way of speaking, measured and carried to other speech. Truth: people whose way is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.animate.animating import TALKING
from facegpt.animate.curves import Curves
from facegpt.animate.idle import enlivened
from facegpt.animate.style import GROUPS, Style, idle_of, in_style, read_style, style_of
from facegpt.conventions import ARKIT_NAMES
from facegpt.errors import FaceGPTError

JAW, CLOSE = ARKIT_NAMES.index("jawOpen"), ARKIT_NAMES.index("mouthClose")
#: Two people: the scale of all they do, how much further the left side goes, and how lively they are.
LOUD = (1.3, 0.5, replace(TALKING, blink_every_s=1.2, sway_deg=(4.0, 3.0, 2.0)))
QUIET = (0.55, -0.4, replace(TALKING, blink_every_s=5.0, sway_deg=(0.8, 0.6, 0.5)))
MOVING = ("jawOpen", "mouthPucker", "mouthFunnel", "mouthSmile", "mouthUpperUp", "mouthLowerDown", "browInnerUp")


def speech(seed: int, seconds: float = 10.0, fps: float = 30.0) -> Curves:
    """Speech-like motion of jaw, lips and corners, with lips that shut."""
    rng, count = np.random.default_rng(seed), int(seconds * fps)
    time_s, weights = np.arange(count) / fps, np.zeros((count, len(ARKIT_NAMES)))
    for name in (
        "jawOpen",
        "mouthPucker",
        "mouthFunnel",
        "mouthSmile",
        "mouthUpperUp",
        "mouthLowerDown",
        "browInnerUp",
    ):
        wave = sum(np.sin(2 * np.pi * f * time_s + rng.uniform(0, 7)) for f in rng.uniform(0.4, 4.0, 4)) / 4
        size = 0.45 if name == "jawOpen" else 0.3
        weights[:, [k for k, n in enumerate(ARKIT_NAMES) if n.startswith(name)]] = size * np.maximum(wave, 0)[:, None]
    shut = rng.random(count) < 0.1
    weights[shut, CLOSE] = weights[shut, JAW]
    return Curves(ARKIT_NAMES, weights, fps)


def spoken_by(person, seed: int) -> Curves:
    scale, left, idle = person
    said = speech(seed)
    side = np.array([0.5 if n.endswith("Left") else -0.5 if n.endswith("Right") else 0.0 for n in ARKIT_NAMES])
    return enlivened(replace(said, weights=np.clip(said.weights * scale * np.exp(side * left), 0, 1)), seed, idle)


def figures(style: Style) -> np.ndarray:
    """What is compared of styles, in units that are alike: log ratios."""
    ranges = [np.log(style.ranges[name] + 0.05) for name in GROUPS]
    sides = [style.left[name] for name in GROUPS]
    return np.array([*ranges, *sides, np.log(style.blink_every_s), *np.log(style.sway_deg)])


def test_a_person_is_measured_as_they_are():
    loud, quiet = (style_of(spoken_by(person, 3), TALKING) for person in (LOUD, QUIET))
    assert loud.ranges["jaw"] > 1.7 * quiet.ranges["jaw"]
    assert loud.left["spread"] > 0.3 and quiet.left["spread"] < -0.2
    assert loud.blink_every_s < 2 < quiet.blink_every_s
    assert loud.sway_deg[0] > 2 * quiet.sway_deg[0]


def test_other_speech_in_a_persons_way_is_nearest_to_their_own_other_clip():
    right = 0
    for seed in range(10):
        styles = [style_of(spoken_by(person, seed), TALKING) for person in (LOUD, QUIET)]
        held_out = [figures(style_of(spoken_by(person, 100 + seed), TALKING)) for person in (LOUD, QUIET)]
        for k, style in enumerate(styles):
            made = enlivened(in_style(speech(200 + seed), style), seed, idle_of(style, TALKING))
            found = figures(style_of(made, TALKING))
            right += int(np.argmin([np.abs(found - other).sum() for other in held_out])) == k
    assert right >= 18  # of 20


def test_lips_that_are_shut_stay_shut():
    said = speech(5)
    styled = in_style(said, style_of(spoken_by(LOUD, 3), TALKING)).weights
    shut = (said.weights[:, CLOSE] > 0) & (styled[:, JAW] < 1)
    assert np.abs(styled[shut, JAW] - styled[shut, CLOSE]).max() < 1e-6


def test_nods_are_as_large_as_the_persons_head_moves():
    said = replace(speech(5), turn_deg=np.full((300, 3), 2.0))
    nods = [in_style(said, style_of(spoken_by(person, 3), TALKING), TALKING).turns.mean() for person in (LOUD, QUIET)]
    assert nods[0] > 1.4 * nods[1] and nods[1] < 2.0


def test_a_style_is_kept_in_a_file_and_damaged_ones_are_told(tmp_path):
    style = style_of(spoken_by(QUIET, 1), TALKING)
    assert read_style(style.write(tmp_path / "style.json")) == style
    (tmp_path / "bad.json").write_text('{"format": "facegpt-style", "version": 1, "sway_deg": [1]}')
    (tmp_path / "worse.json").write_text("[]")
    for name, told in (("bad.json", "damaged"), ("worse.json", "damaged"), ("none.json", "there is no style")):
        with pytest.raises(FaceGPTError, match=told):
            read_style(tmp_path / name)


def test_a_second_says_too_little():
    with pytest.raises(FaceGPTError, match="10 s or more"):
        style_of(speech(1, seconds=1.0), TALKING)
