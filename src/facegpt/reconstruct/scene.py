"""The scene around a face of a photo: what is seen beside the head itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from facegpt.conventions import euler_deg_from_rotation
from facegpt.describe.scene import Scene, scene_of
from facegpt.encode.objects import things_around
from facegpt.encode.parts import parts
from facegpt.face import Face
from facegpt.face.looking import gaze_of
from facegpt.types import Array, FaceGPTError


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
