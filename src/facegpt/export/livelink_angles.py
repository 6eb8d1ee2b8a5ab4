"""Angles of head and eyes as the app Live Link Face states them, in its recordings and its packets.

Radians. Left and right are the subject's:

    yaw of the head   + the face turns to the left       yaw of an eye   + it looks to the right
    pitch of the head + the face turns up                pitch of an eye + it looks down
    roll of the head  + its top tilts to the right       roll of an eye  0 here: an iris is round

The head's three angles apply in the order of conventions.py (yaw first, roll last). How these signs are known stands
in docs/video.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegpt.conventions import euler_deg_from_rotation
from facegpt.fitting.gaze import measured_deg, told_deg

Floats = NDArray[np.float64]

#: Yaw, pitch and roll of the app per (yaw, pitch, roll) of conventions.py.
_HEAD_SIGNS = np.array([1.0, -1.0, -1.0])


def head_angles_rad(rotation: ArrayLike) -> Floats:
    """The app's yaw, pitch and roll (N, 3) of head → camera rotations (N, 3, 3)."""
    turns = [euler_deg_from_rotation(one) for one in np.asarray(rotation, np.float64)]
    return np.radians(np.array(turns).reshape(-1, 3)) * _HEAD_SIGNS


def eye_angles_rad(gaze_deg: ArrayLike) -> Floats:
    """The app's yaw, pitch and roll (…, 2, 3) of both eyes' measured gaze (…, 2, 2): degrees to the subject's left, up.

    Straight ahead is what the app has there (fitting/gaze.py).
    """
    gaze = np.radians(told_deg(np.asarray(gaze_deg, np.float64)))
    return np.concatenate([-gaze, np.zeros_like(gaze[..., :1])], -1)


def head_turn_deg(angles_rad: ArrayLike) -> Floats:
    """Yaw, pitch and roll (N, 3) of conventions.py, degrees, of the app's head angles (N, 3)."""
    return np.degrees(np.asarray(angles_rad, np.float64)) * _HEAD_SIGNS


def gaze_deg(angles_rad: ArrayLike) -> Floats:
    """Gaze (…, 2, 2), degrees to the subject's left, and up, of the app's eye angles (…, 2, 3)."""
    return measured_deg(-np.degrees(np.asarray(angles_rad, np.float64)[..., :2]))
