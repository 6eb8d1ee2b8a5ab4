"""Curves on a head: how far it turns, and the parameters of the face frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from facegpt.animate.curves import Curves
from facegpt.conventions import HEAD_TO_CAMERA_AXES, rotation_from_euler_deg
from facegpt.export.gltf.motion import joint_turns
from facegpt.morphable.base import MorphableModel, at_rest
from facegpt.types import Array, FaceParams, Pose

#: How far a neck turns a head: yaw, pitch and roll, degrees; active range of adults (Youdas et al. 1992), rounded down.
NECK_DEG = (60.0, 40.0, 35.0)
#: Motion within this share of a limit is kept as it is; what is beyond is drawn in, and never reaches the limit.
KEPT_SHARE = 0.7
#: A turn that is drawn in by more than this is told, degrees.
TOLD_FROM_DEG = 1.0


def softly_limited(degrees: Array, limits_deg: tuple[float, float, float]) -> Array:
    """Turns (T, 3) within limits (3,): unchanged up to KEPT_SHARE of them, then ever less, without a kink."""
    limit = np.asarray(limits_deg, np.float64)
    knee = KEPT_SHARE * limit
    beyond = np.abs(degrees) - knee
    drawn_in = knee + (limit - knee) * np.tanh(np.maximum(beyond, 0.0) / (limit - knee))
    return np.where(beyond > 0, np.sign(degrees) * drawn_in, degrees)


def within_limits(curves: Curves, limits_deg: tuple[float, float, float] = NECK_DEG) -> tuple[Curves, str]:
    """Curves whose head turns no farther than it can, and a sentence if that changed them, else ""."""
    if curves.turn_deg is None:
        return curves, ""
    limited = softly_limited(curves.turns, limits_deg)
    moved = np.abs(limited - curves.turns).max(1, initial=0.0)
    if moved.max(initial=0.0) <= TOLD_FROM_DEG:
        return replace(curves, turn_deg=limited), ""
    names = "yaw {:.0f}°, pitch {:.0f}°, roll {:.0f}°".format(*limits_deg)
    share = float((moved > TOLD_FROM_DEG).mean())
    told = f"the head turns farther than it can be shown in {share:.0%} of the frames; it is held within {names}"
    return replace(curves, turn_deg=limited), told


@dataclass(frozen=True, eq=False)
class Motion:
    """Complete curves with the joints that go with them.

    Attributes:
        curves: all 52 weights, turns and gaze.
        rotation: (T, 3, 3) head → camera. eyes_rotvec: (T, 2, 3) radians. turns: joint → (T, 4) quaternions x y z w.
    """

    curves: Curves
    rotation: Array
    eyes_rotvec: Array
    turns: dict[str, Array]

    @classmethod
    def of(cls, curves: Curves) -> Motion:
        """Evaluate the joints of curves."""
        whole = curves.complete()
        rotation = np.stack([rotation_from_euler_deg(*turn) for turn in whole.turns])
        side, up = np.moveaxis(np.radians(whole.gaze), -1, 0)
        eyes = np.stack([-up, side, np.zeros_like(up)], -1)
        return cls(whole, rotation, eyes, joint_turns(rotation, eyes))

    def __len__(self) -> int:
        return len(self.curves)

    def followed(self, model: MorphableModel, params: FaceParams, k: int) -> FaceParams:
        """Frame k as a tracked face has it: the whole head is turned by its pose, only the eyes by joints."""
        rest = at_rest(model, params)
        pose = Pose(self.rotation[k], params.pose.translation)
        return rest.replace(expression=self._weights(k), joints=self._joints(model, k, ("eye",)), pose=pose)

    def posed(self, model: MorphableModel, params: FaceParams, k: int) -> FaceParams:
        """Frame k as files have it: neck and head turn by joints, the shoulders stay upright."""
        rest = at_rest(model, params)
        pose = Pose(HEAD_TO_CAMERA_AXES, params.pose.translation)
        return rest.replace(
            expression=self._weights(k), joints=self._joints(model, k, ("neck", "head", "eye")), pose=pose
        )

    def _weights(self, k: int) -> Array:
        return np.asarray(self.curves.weights[k], np.float32)

    def _joints(self, model: MorphableModel, k: int, moving: tuple[str, ...]) -> Array:
        joints = np.zeros((model.sizes.joints, 3), np.float32)
        for name, quaternions in self.turns.items():
            if name in model.joint_names and any(name.endswith(kind) for kind in moving):
                joints[model.joint_names.index(name)] = Rotation.from_quat(quaternions[k]).as_rotvec()
        return joints
