"""Parameters of a head turned on its neck, and of eyes that look somewhere. Angles as in conventions.py."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import rotation_from_rotvec
from facegpt.fitting import gaze
from facegpt.morphable.base import MorphableModel, at_rest, head_vertices, joint_places, with_weights
from facegpt.types import Array, FaceParams

#: Share of a turn that the neck makes; the head makes the rest.
NECK_SHARE = 0.4
#: The joints of the eyes, and the middles of their irises among the detector's points.
EYES, IRISES = ("left_eye", "right_eye"), (473, 468)


def turned(params: FaceParams, yaw_deg: float, pitch_deg: float = 0.0, roll_deg: float = 0.0) -> FaceParams:
    """The head turned by so much from where it is, on its neck: the shoulders stay. The eyes turn along.

    Positive yaw turns the face towards the subject's left (image right), positive pitch lowers the chin, positive roll
    tilts the head to image right.
    """
    by = np.radians([pitch_deg, yaw_deg, -roll_deg])
    joints = np.array(params.joints, np.float32)
    joints[0] += NECK_SHARE * by
    joints[1] += (1 - NECK_SHARE) * by
    return params.replace(joints=joints)


def head_turn_deg(params: FaceParams, other: FaceParams) -> Array:
    """(3,) yaw, pitch, roll from one head to another, by joints and pose, degrees; for turns that are not large."""
    rotation = np.asarray(params.pose.rotation).T @ np.asarray(other.pose.rotation)
    vector = np.array(
        [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]]
    )
    moved = vector / 2 + (np.asarray(other.joints)[:2] - np.asarray(params.joints)[:2]).sum(0)
    pitch, yaw, roll = np.degrees(moved)
    return np.array([yaw, pitch, -roll])


def looking(model: MorphableModel, params: FaceParams, side_deg: float, up_deg: float) -> FaceParams:
    """Both eyes turned to (side, up) from straight ahead in the head, degrees; the lids follow.

    side is positive towards the subject's left. Eyes turn as far as eyes can.
    """
    side = float(np.clip(side_deg, -gaze.LIMIT_SIDE_DEG, gaze.LIMIT_SIDE_DEG))
    up = float(np.clip(up_deg, -gaze.LIMIT_DOWN_DEG, gaze.LIMIT_UP_DEG))
    straight = [[gaze.STRAIGHT_SIDE_DEG, gaze.STRAIGHT_UP_DEG], [-gaze.STRAIGHT_SIDE_DEG, gaze.STRAIGHT_UP_DEG]]
    angles = np.array(straight) + np.array([side, up])
    joints = np.array(params.joints, np.float32)
    for row, (name, rest) in enumerate(zip(EYES, _rest_directions(model, params), strict=True)):
        joints[model.joint_names.index(name)] = gaze.eye_rotvec(np.asarray(rest, np.float64), angles[row])
    return with_weights(params.replace(joints=joints), gaze.look_weights(angles))


def looking_at_camera(model: MorphableModel, params: FaceParams) -> FaceParams:
    """Both eyes turned to the camera from where the head is and how it is turned on its neck."""
    head, neck = (rotation_from_rotvec(params.joints[k]) for k in (1, 0))
    towards = -np.asarray(params.pose.rotation).T @ np.asarray(params.pose.translation)
    towards = (neck @ head).T @ (towards / np.linalg.norm(towards))
    side = np.degrees(np.arctan2(towards[0], max(towards[2], 1e-3)))
    return looking(model, params, float(side), float(np.degrees(np.arcsin(np.clip(towards[1], -1, 1)))))


def _rest_directions(model: MorphableModel, params: FaceParams) -> list[Array]:
    """Where the left and the right eye point before their joints turn, head frame."""
    rest = at_rest(model, params)
    irises = model.embedding("mediapipe478")(head_vertices(model, rest))[list(IRISES)]
    centres = joint_places(model, rest.identity)
    return [iris - centres[model.joint_names.index(name)] for iris, name in zip(irises, EYES, strict=True)]
