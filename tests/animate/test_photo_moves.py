"""Faces of a photo in motion: each keeps its own expression under the motion, and nobody else's face moves along."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from made_up_head import made_up_head, made_up_params

from facegpt.animate.curves import Curves
from facegpt.animate.motion import Motion
from facegpt.animate.photo import Mover, photo_frames
from facegpt.conventions import ARKIT_NAMES

SMILE, JAW, BROW = (ARKIT_NAMES.index(name) for name in ("mouthSmileLeft", "jawOpen", "browInnerUp"))


class Rig:
    """A face of a photo that is a patch: as bright as its jaw is open."""

    def __init__(self, left: int) -> None:
        self.model = made_up_head()
        expression = np.zeros(52, np.float32)
        expression[[SMILE, JAW, BROW]] = 0.5, 0.4, 0.3
        self.params = made_up_params(self.model, seed=left).replace(expression=expression)
        self.left = left

    def changed(self, params, fine=True):
        picture, mask = np.full((8, 20, 3), 9, np.uint8), np.zeros((8, 20), np.uint8)
        picture[:, self.left : self.left + 4] = round(100 * float(params.expression[JAW]))
        mask[:, self.left : self.left + 4] = 255
        return SimpleNamespace(picture=picture, mask=mask)

    def picture(self, params, fine=False):
        return self.changed(params).picture


@pytest.fixture(autouse=True)
def picture_package(monkeypatch):
    """The package that moves photos, as far as motion asks of it."""
    package = ModuleType("facegpt.picture")
    package.turned = lambda params, yaw, pitch, roll: params.replace(worn=(yaw, pitch, roll))
    package.prepare = lambda model, photo, face, size=None: Rig(0)
    monkeypatch.setitem(sys.modules, "facegpt.picture", package)


def motion(jaw, gaze=0.0, yaw=0.0):
    count = len(jaw)
    weights, look, turn = np.zeros((count, 52)), np.zeros((count, 2, 2)), np.zeros((count, 3))
    weights[:, JAW], look[..., 0], turn[:, 0] = jaw, gaze, yaw
    return Motion.of(Curves(ARKIT_NAMES, weights, 30.0, turn, look))


@pytest.mark.parametrize(
    ("source", "smile", "jaw", "brow"), [("driver", 0.5, 0.4, 0.3), ("curves", 0, 0, 0), ("audio", 0.25, 0, 0.3)]
)
def test_what_stays_of_the_photo_s_own_expression(source, smile, jaw, brow):
    mover = Mover.of(None, "photo.jpg", None, 512, source)
    still, shut = mover.params(motion([0.0]), 0), mover.params(motion([1.0]), 0)
    assert still.expression[[SMILE, JAW, BROW]] == pytest.approx([smile, jaw, brow], abs=1e-6)
    assert shut.expression[JAW] == 1.0  # full stays full


def test_eyes_and_head_move_from_where_the_photo_has_them():
    mover = Mover.of(None, "photo.jpg", None, 512, "driver")
    before, after = mover.rig.params, mover.params(motion([0.0], gaze=10.0, yaw=7.0), 0)
    eye = mover.rig.model.joint_names.index("left_eye")
    assert np.degrees(after.joints[eye] - before.joints[eye]) == pytest.approx([0, 10, 0], abs=1e-4)
    assert after.worn == (7.0, 0.0, 0.0)


def test_two_people_move_by_their_own_motion():
    one, two = (Mover(Rig(left), np.zeros(52)) for left in (1, 12))
    pictures = list(photo_frames([(one, motion([0.0, 0.5])), (two, motion([1.0, 0.2, 0.8]))]))
    assert len(pictures) == 3
    assert [int(p[4, 2, 0]) for p in pictures] == [0, 50, 50]  # the shorter one holds its last frame
    assert [int(p[4, 13, 0]) for p in pictures] == [100, 20, 80]
    assert all((p[:, 6:11] == 9).all() for p in pictures)
