"""A clip on its own pixels: the head's motion and gaze stay, the expression follows."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from made_up_head import made_up_head, made_up_params

from facegpt.animate import clip as clips
from facegpt.animate.clip import ClipMover
from facegpt.animate.curves import Curves
from facegpt.animate.motion import Motion
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Pose

pytest.importorskip("av", reason="needs the extra video")

SMILE, JAW, LOOK, BROW = (
    ARKIT_NAMES.index(name) for name in ("mouthSmileLeft", "jawOpen", "eyeLookUpLeft", "browInnerUp")
)
COUNT, FPS = 8, 10.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    from facegpt.export.video_file import VideoFile

    path = tmp_path_factory.mktemp("clip") / "a.mp4"
    with VideoFile(path, FPS) as file:
        for k in range(COUNT):
            file.add(np.full((48, 64, 3), 20 * k + 20, np.uint8), k / FPS)
    return path


def followed(k, smile=0.0):
    """The face of frame k: it looks up and turns as the clip goes on."""
    expression = np.zeros(52, np.float32)
    expression[[SMILE, LOOK]] = smile, 0.1 * k
    params = made_up_params(made_up_head(), seed=1).replace(expression=expression)
    return params.replace(pose=Pose(params.pose.rotation, params.pose.translation + np.array([k, 0, 0])))


def mover(clip, smiles, source="driver", skipped=()):
    frames = {round(k / FPS, 4): followed(k, smile) for k, smile in enumerate(smiles) if k not in skipped}
    face = SimpleNamespace(params=followed(0))
    return ClipMover.of(None, clip, face, frames, 64, source)


def motion(one, jaw, fps=FPS):
    weights = np.zeros((len(jaw), 52))
    weights[:, JAW] = jaw
    return Motion.of(one.fitted(Curves(ARKIT_NAMES, weights, fps)))


def test_the_take_is_as_long_as_the_clip_and_at_its_rate(clip):
    one = mover(clip, [0.0] * COUNT)
    assert (one.fps, one.count) == (FPS, COUNT)
    assert motion(one, [0.0, 0.5]).curves.weights[:, JAW] == pytest.approx([0, *[0.5] * 7])
    assert len(motion(one, np.zeros(90), 30.0)) == COUNT


def test_the_head_s_place_and_gaze_stay_and_the_expression_is_the_motion_s(clip):
    one = mover(clip, [0.9, 0.1, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1])
    shown = followed(5, 0.9)
    changed = one.params(shown, motion(one, [0.6]), 5)
    assert changed.expression[JAW] == pytest.approx(0.6)
    assert changed.expression[SMILE] == pytest.approx(0.1, abs=0.01)  # of the person's calm moments, not of the frame
    assert changed.expression[LOOK] == shown.expression[LOOK]
    assert np.array_equal(changed.pose.translation, shown.pose.translation)
    assert np.array_equal(changed.joints, shown.joints)


def test_curves_say_the_whole_expression(clip):
    one = mover(clip, [0.3] * COUNT, "curves")
    assert one.params(followed(2, 0.3), motion(one, [0.0]), 2).expression[SMILE] == 0


@pytest.mark.parametrize("source", ["audio", "say"])
def test_a_dubbed_frame_keeps_its_own_upper_face_and_gets_the_mouth_of_the_speech(clip, source):
    one = mover(clip, [0.9] * COUNT, source)
    shown = followed(5, 0.9)
    expression = shown.expression.copy()
    expression[[BROW, JAW]] = 0.4, 0.7
    changed = one.params(shown.replace(expression=expression), motion(one, [0.2]), 5)
    assert changed.expression[BROW] == pytest.approx(0.4)
    assert changed.expression[LOOK] == shown.expression[LOOK]
    assert changed.expression[JAW] == pytest.approx(0.2)  # what the mouth said in the clip is gone
    assert changed.expression[SMILE] < 0.2
    assert np.array_equal(changed.pose.rotation, shown.pose.rotation)


def test_speech_that_is_longer_than_the_clip_is_told_of(clip):
    one = mover(clip, [0.0] * COUNT, "audio")
    long, short = (Curves(ARKIT_NAMES, np.zeros((n, 52)), FPS) for n in (30, COUNT))
    assert "3.0 s and the clip 0.8 s" in one.remark(long)
    assert one.remark(short) is None


def test_frames_in_which_the_face_is_not_seen_are_as_filmed(clip, monkeypatch):
    class Rig:
        def __init__(self, params):
            self.params = params

        def picture(self, params):
            return np.full((48, 64, 3), 255, np.uint8)

    made = lambda model, photo, face, size: Rig(face.params)  # noqa: E731
    monkeypatch.setattr(import_module("facegpt.picture.prepare"), "prepare", made)
    monkeypatch.setattr(clips, "replace", lambda face, params: SimpleNamespace(params=params))
    one = mover(clip, [0.0] * COUNT, skipped=(3,))
    means = [float(picture.mean()) for picture in one.pictures(motion(one, [0.0]))]
    assert len(means) == COUNT
    assert means[3] == pytest.approx(80, abs=3)
    assert {round(mean) for k, mean in enumerate(means) if k != 3} == {255}
