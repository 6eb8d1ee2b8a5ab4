"""Parameters of a head turned on its neck, and of eyes that look somewhere. Angles as in conventions.py."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array, FaceParams

#: Share of a turn that the neck makes; the head makes the rest.
NECK_SHARE = 0.4


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
