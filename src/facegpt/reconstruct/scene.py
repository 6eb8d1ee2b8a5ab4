"""The scene around a face of a photo: what is seen beside the head itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from facegpt.conventions import euler_deg_from_rotation
from facegpt.describe.scene import Scene, scene_of
from facegpt.encode.objects import things_around
from facegpt.encode.parts import parts
from facegpt.face import Face
from facegpt.types import Array, FaceGPTError

#: The eyeballs' joints; a closed eye looks nowhere from this weight of its lid on.
EYES, CLOSED = ("left_eye", "right_eye"), 0.7


def scene_around(face: Face, others: Sequence[Face] = (), device: str = "cpu") -> Scene:
    """Read the scene around a face from its photo.

    Args:
        face: of the photo.
        others: the other faces of the same photo.
        device: where the networks of parts and of objects run; the second only if it was pulled.

    Raises:
        FaceGPTError: if the head was made from no photo, or the pulled network of objects is damaged.
    """
    if face.photo is None:
        raise FaceGPTError("this head was made from no photo")
    scale = face.photo.shape[1] / face.params.camera.width

    def small(points: Array) -> Array:
        return (np.asarray(points) + 0.5) * scale - 0.5

    points = small(face.landmarks("mediapipe478"))
    seen = parts(face.photo, points, device=device)
    seen = seen.apart_from(points, [small(each.landmarks("mediapipe478")) for each in others])
    size = face.params.camera.width, face.params.camera.height
    boxes = [small(each.box.reshape(2, 2)).ravel() for each in others]
    scene = scene_of(face.photo, seen, small(face.box.reshape(2, 2)).ravel(), size, boxes)
    turned_deg, gaze_deg = euler_deg_from_rotation(face.params.pose.rotation), gaze_of(face)
    things = things_around(face.photo, points, bool(scene.headwear), device)
    return replace(scene, turned_deg=turned_deg, gaze_deg=gaze_deg, things=things)


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
    turns = [Rotation.from_rotvec(np.asarray(face.params.joints[names.index(eye)], float)) for eye in EYES]
    return np.array([turn.apply([0.0, 0.0, 1.0]) for turn in turns]) @ np.asarray(face.params.pose.rotation, float).T


def from_camera_deg(face: Face, looks: Array) -> tuple[float, float]:
    """How far a direction (3,), camera frame, lies from the one to the camera: to the right of the picture, down."""
    to_camera = -np.asarray(face.params.pose.translation, float)
    found = [np.degrees(np.arctan2(v[:2], -v[2])) for v in (np.asarray(looks), to_camera / np.linalg.norm(to_camera))]
    side, down = found[0] - found[1]
    return float(side), float(down)
