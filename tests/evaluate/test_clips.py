"""The clips of `eval track`: motion, a hand that comes and goes, ICT's names, and seeds that are apart."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt_lab.evaluate.clips.cast import SEED, TUNING_SEED, parts
from facegpt_lab.evaluate.clips.curves import extreme
from facegpt_lab.evaluate.clips.hand import Wave, hand_at
from facegpt_lab.evaluate.clips.ict import ict_weights

WAVE = Wave(20, 60, 0.0, 0.0, 0.0, (0.4, 0.2, 0.2))
NOSE = np.array([10.0, -20.0, 700.0])


def test_pulled_faces_begin_after_the_rest_and_stay_weights():
    motion = extreme(150, seed=3)
    assert np.abs(motion.expression[motion.rest]).max() < 1e-9
    assert motion.expression.min() >= 0
    assert motion.expression.max() <= 1
    assert motion.expression.max(0)[[ARKIT_NAMES.index("eyeBlinkLeft")]] == 1
    assert np.abs(motion.turn_deg[:, 0]).max() > 10


@pytest.mark.parametrize("frame", [0, 19, 60, 100])
def test_the_hand_is_away_before_and_after(frame):
    assert hand_at(WAVE, frame, NOSE) is None


def test_the_hand_covers_the_nose_from_the_front_and_comes_from_below():
    over, coming = hand_at(WAVE, 40, NOSE), hand_at(WAVE, 20, NOSE)
    near = np.linalg.norm(over.vertices[:, :2] - NOSE[:2] * 0.94, axis=1)
    assert near.min() < 12
    assert over.vertices[near < 30, 2].max() < NOSE[2]
    assert coming.vertices[:, 1].min() > over.vertices[:, 1].min() + 150  # y down


def test_weights_go_by_icts_names_and_its_lips_meet_without_crossing():
    weights = np.zeros(52)
    for name, value in (("browInnerUp", 0.4), ("jawOpen", 0.5), ("mouthClose", 0.5), ("eyeLookUpLeft", 1.0)):
        weights[ARKIT_NAMES.index(name)] = value
    told = ict_weights(weights)
    assert told["browInnerUpLeft"] == told["browInnerUpRight"] == pytest.approx(0.4)
    assert told["mouthClose"] == pytest.approx(0.85 * 0.5)
    assert "eyeLookUpLeft" not in told


def test_nobody_is_both_tuned_on_and_tested_on():
    tuned, tested = ({part.seed for part in parts(40, seed)} for seed in (TUNING_SEED, SEED))
    assert not tuned & tested
