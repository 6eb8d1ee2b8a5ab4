"""Motion in a GLB: the weights of the morph targets and the turns of neck, head and eyes over time.

Convention: times are seconds from the clip's first frame. The shoulders stay where they are: how the head stands
towards the camera is shared between neck and head, and where it is in the room is left to curves.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.export.gltf.buffer import FLOAT, Buffer
from facegpt.types import Array, FaceGPTError

#: Share of the head's turn that the neck makes.
NECK_SHARE = 0.4


@dataclass(frozen=True)
class HeadAnimation:
    """The motion of one head.

    Attributes:
        time_s: (N,) rising. weights: (N, 52) in the order of ARKIT_NAMES.
        turns: joint name → (N, 4) unit quaternions (x, y, z, w) of that joint against its parent.
    """

    time_s: Array
    weights: Array
    turns: dict[str, Array]


def joint_turns(rotations: Array, eyes: Array) -> dict[str, Array]:
    """Quaternions (N, 4) x, y, z, w of each joint, from head → camera (N, 3, 3) and the eyes' rotvecs (N, 2, 3)."""
    from scipy.spatial.transform import Rotation  # here: slow to import, and most files hold no motion

    upright = Rotation.from_matrix(HEAD_TO_CAMERA_AXES.T @ np.asarray(rotations, np.float64))
    neck = Rotation.from_rotvec(NECK_SHARE * upright.as_rotvec())
    turns = {"neck": neck, "head": neck.inv() * upright}
    turns |= {name: Rotation.from_rotvec(np.asarray(eyes)[:, k]) for k, name in enumerate(("left_eye", "right_eye"))}
    return {name: _steady(turn.as_quat()) for name, turn in turns.items()}


def animation_of(buffer: Buffer, motion: HeadAnimation, joints: list[str], morphing: list[int]) -> dict[str, Any]:
    """The glTF animation of a head whose joints are nodes 0, 1, … and whose meshes that morph are at `morphing`.

    Raises:
        FaceGPTError: if there is no frame, or times do not rise.
    """
    times = checked_times(motion.time_s).astype("<f4")
    at = buffer.dense(times[:, None], FLOAT, "SCALAR", None, limits=True)
    weights = np.clip(np.asarray(motion.weights, "<f4"), 0, 1).reshape(-1, 1)
    listed = buffer.dense(weights, FLOAT, "SCALAR", None)
    outputs = [("weights", node, listed) for node in morphing]
    for name, turn in motion.turns.items():
        quaternions = np.asarray(turn, "<f4")
        outputs.append(("rotation", joints.index(name), buffer.dense(quaternions, FLOAT, "VEC4", None)))
    samplers = [{"input": at, "output": output, "interpolation": "LINEAR"} for _, _, output in outputs]
    channels = [{"sampler": k, "target": {"node": node, "path": path}} for k, (path, node, _) in enumerate(outputs)]
    return {"name": "take", "samplers": samplers, "channels": channels}


def checked_times(time_s: Array) -> NDArray[np.float64]:
    """The times of an animation (N,), seconds.

    Raises:
        FaceGPTError: if there is none, or they do not rise.
    """
    times = np.asarray(time_s, np.float64)
    if not len(times) or (np.diff(times.astype(np.float32)) <= 0).any():
        raise FaceGPTError("an animation needs a frame, and times that rise from frame to frame")
    return times


def _steady(quaternions: Array) -> Array:
    """Quaternions of the sign that lies nearest to the last one: readers that blend linearly take no long way round."""
    flips = np.sign((quaternions[1:] * quaternions[:-1]).sum(1))
    flips[flips == 0] = 1
    return quaternions * np.concatenate([[1.0], np.cumprod(flips)])[:, None]
