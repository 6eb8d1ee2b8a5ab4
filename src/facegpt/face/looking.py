"""Where the eyes of a head look, and the same head with its eyes straight ahead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation, rotation_from_rotvec
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.face import Face

#: The eyeballs' joints; a closed eye looks nowhere from this weight of its lid on.
EYES, CLOSED = ("left_eye", "right_eye"), 0.7
#: A head that is turned from the camera by more than this, and whose eyes look at it within that, degrees, looks at who
#: takes the photo.
TURNED_DEG, AT_CAMERA_DEG = 8.0, 12.0
#: Heads with their eyes ahead, by the head that they are of, as long as that lives: a turntable draws one often.
_AHEAD: WeakKeyDictionary[Face, Face] = WeakKeyDictionary()
_LOOKS = np.array([name.startswith("eyeLook") for name in ARKIT_NAMES])


def gaze_of(face: Face) -> tuple[float, float] | None:
    """How far both eyes look from the camera's direction, degrees: to the right of the picture, down; None: closed."""
    shut = min(face.blendshapes["eyeBlinkLeft"], face.blendshapes["eyeBlinkRight"])
    ahead = eyes_ahead(face)
    return None if ahead is None or shut >= CLOSED else from_camera_deg(face, np.mean(ahead, axis=0))


def eyes_ahead(face: Face) -> Array | None:
    """Where the left and the right eye look: (2, 3) directions in the camera frame; None for heads without eyeballs."""
    names = list(getattr(face.model, "joint_names", ()))
    if not set(EYES) <= set(names):
        return None
    looks = [rotation_from_rotvec(face.params.joints[names.index(eye)])[:, 2] for eye in EYES]
    return np.array(looks) @ np.asarray(face.params.pose.rotation, float).T


def from_camera_deg(face: Face, looks: Array) -> tuple[float, float]:
    """How far a direction (3,), camera frame, lies from the one to the camera: to the right of the picture, down."""
    to_camera = -np.asarray(face.params.pose.translation, float)
    found = [np.degrees(np.arctan2(v[:2], -v[2])) for v in (np.asarray(looks), to_camera / np.linalg.norm(to_camera))]
    side, down = found[0] - found[1]
    return float(side), float(down)


def was_fitted(face: Face) -> bool:
    """Whether a head was fitted to a photo: then how sure its identity is stays with it, changed and in files too."""
    return face.photo is not None or face.scale_sd is not None or face.doubt.sd is not None


def turns_to_the_camera(face: Face) -> bool:
    """Whether somebody looks at who takes the photo, and the head is turned away: only the eyes turn to the camera."""
    ahead = eyes_ahead(face)
    if ahead is None or not was_fitted(face):
        return False
    yaw, pitch, _ = euler_deg_from_rotation(face.params.pose.rotation)
    if np.hypot(yaw, pitch) <= TURNED_DEG:
        return False
    return float(np.hypot(*from_camera_deg(face, ahead.mean(0)))) <= AT_CAMERA_DEG


def with_eyes_ahead(face: Face) -> Face:
    """The same head with its eyes straight ahead, and its lids as they then are."""
    joints, names = np.array(face.params.joints), list(getattr(face.model, "joint_names", ()))
    joints[[names.index(eye) for eye in EYES]] = 0.0
    expression = np.where(_LOOKS, 0.0, np.asarray(face.params.expression)).astype(np.float32)
    ahead = replace(face, params=face.params.replace(joints=joints, expression=expression))
    ahead.__dict__["texture"] = face.texture  # skin does not move with the eyes: it is painted once for both
    return ahead


def from_elsewhere(face: Face) -> Face:
    """A head as pictures from other sides than its photo's show it: its eyes ahead if they turned to the camera."""
    if not turns_to_the_camera(face):
        return face
    if face not in _AHEAD:
        _AHEAD[face] = with_eyes_ahead(face)
    return _AHEAD[face]
