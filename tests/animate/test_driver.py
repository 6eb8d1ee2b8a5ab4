"""A clip of somebody as a driver: told from their own rest, in step with the clip, lost frames and all."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scripted_look import ScriptedLook, head_at, scripted_frames

from facegpt.animate.account import account_of
from facegpt.animate.curves import Curves
from facegpt.animate.driver import MOST_AT_REST, calm_frames, driving_curves, from_rest
from facegpt.api import FaceGPT
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import FaceGPTError

JAW, SMILE = ARKIT_NAMES.index("jawOpen"), ARKIT_NAMES.index("mouthSmileLeft")
BLINK = ARKIT_NAMES.index("eyeBlinkLeft")


def driven(count=200):
    """Somebody whose face at rest has a crooked smile, who opens the mouth now and then and blinks."""
    weights = np.zeros((count, 52))
    weights[:, SMILE] = 0.2
    opened = np.clip(np.sin(np.arange(count) / 12), 0, 1)
    weights[:, JAW] = 0.05 + 0.95 * opened
    weights[::40, BLINK] = 1.0
    turn = np.tile([12.0, -5.0, 2.0], (count, 1)) + opened[:, None] * [10.0, 0.0, 0.0]
    return Curves(ARKIT_NAMES, weights, 30.0, turn), opened


def test_what_a_face_has_at_rest_is_not_handed_on():
    curves, opened = driven()
    told = from_rest(curves)
    assert told.weights[:, SMILE].max() < 1e-9
    assert np.abs(told.weights[:, JAW] - opened).max() < 1e-9  # nothing at rest, and 1 stays 1
    assert told.weights[:, BLINK].max() == 1.0
    calm = opened == 0
    assert np.abs(told.turns[calm]).max() < 1e-9
    assert told.turns[opened.argmax(), 0] == pytest.approx(10.0, abs=0.1)
    assert np.abs(from_rest(curves, gain=0.5).weights[:, JAW] - 0.5 * opened).max() < 1e-9


def test_who_smiles_all_the_time_still_smiles():
    weights = np.zeros((60, 52))
    weights[:, SMILE] = 0.9
    told = from_rest(Curves(ARKIT_NAMES, weights, 30.0))
    assert told.weights[:, SMILE].min() > 1 - (1 - 0.9) / (1 - MOST_AT_REST) - 1e-9


def test_calm_frames_have_open_eyes():
    curves, _ = driven()
    assert not any(k % 40 == 0 for k in calm_frames(curves.weights))


class ScriptedModel(FaceGPT):
    """A model whose networks see what a script says."""

    def face_look(self, quick=False):
        return self._look


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    for frame in scripted_frames(40):
        Image.fromarray(frame.pixels).save(folder / f"{frame.index:03d}.png", compress_level=1)
    return folder


def jaw(number):
    return 0.4 + 0.4 * np.sin(number / 5)


def model_of(head, script):
    model = ScriptedModel(head)
    object.__setattr__(model, "_look", ScriptedLook(head, script))
    return model


@pytest.mark.slow
def test_a_clip_with_known_curves_drives_with_these_curves(head, clip):
    def script(number):
        weights = np.zeros(52, np.float32)
        weights[JAW] = jaw(number)
        lost = 20 <= number < 23
        return {} if lost else {"anna": head_at(head, 0.0, yaw=5.0 * np.sin(number / 6), expression=weights)}

    (curves,) = driving_curves(model_of(head, script), clip, 25.0)
    truth = jaw(np.arange(40))
    assert len(curves) == 40 and curves.fps == 25
    assert np.corrcoef(curves.weights[:, JAW], truth)[0, 1] > 0.98
    shifts = [np.corrcoef(curves.weights[3:-3, JAW], np.roll(truth, k)[3:-3])[0, 1] for k in range(-3, 4)]
    assert abs(int(np.argmax(shifts)) - 3) <= 1  # in step within a frame
    assert np.corrcoef(curves.turns[:, 0], 5 * np.sin(np.arange(40) / 6))[0, 1] > 0.95


@pytest.mark.slow
def test_who_comes_late_is_in_step_with_the_clip_and_nobody_drives_nobody(head, clip):
    def late(number):
        weights = np.zeros(52, np.float32)
        weights[JAW] = jaw(number)
        return {"anna": head_at(head, expression=weights)} if number >= 10 else {}

    (curves,) = driving_curves(model_of(head, late), clip, 25.0)
    assert len(curves) == 40
    assert np.abs(np.diff(curves.weights[:9, JAW])).max() < 1e-6
    with pytest.raises(FaceGPTError, match="no face was found"):
        driving_curves(model_of(head, lambda number: {}), clip, 25.0)


@pytest.mark.slow
def test_a_clip_is_told_as_its_script_has_it(head, clip):
    def script(number):
        weights = np.zeros(52, np.float32)
        weights[JAW] = 0.8 * np.clip(1 - abs(number - 20) / 8, 0, 1)
        return {"anna": head_at(head, expression=weights)}

    (person,) = account_of(model_of(head, script), clip).people
    opened = next(one for one in person.movements if one.name == "jawOpen")
    assert opened.peak_s == pytest.approx(20 / 25, abs=0.08)
    assert opened.onset_s == pytest.approx(12 / 25, abs=0.12)
    assert opened.end_s == pytest.approx(28 / 25, abs=0.12)
