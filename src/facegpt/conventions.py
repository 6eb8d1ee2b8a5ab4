"""Units, frames, names and the dimension legend: stated once, here, and tested in tests/test_conventions.py.

Convention:
    Image: x right, y down; the centre of the top-left pixel is (0, 0), so an image spans [-0.5, W - 0.5].
    Colour: sRGB uint8 at the border (files, user arrays), linear float32 in [0, 1] inside.
    Head frame: right-handed, millimetres; +x the subject's left, +y up, +z out of the face; the origin is midway
        between the two tragia (the small flaps in front of the ear canals).
    Camera frame: OpenCV; x right, y down, z forward, millimetres.
    Rotations: (3, 3) matrices, or unit quaternions (w, x, y, z); a bare angle carries its unit in its name (`yaw_deg`).
    Texture coordinates: u right, v up, both in [0, 1]; row 0 of a texture image is v = 1 (as in OBJ).
    Left and right are the subject's, never the viewer's.

Dimension legend:
    B batch, V vertices, F triangles, U texture coordinates, I identity, E expression, J joints, A albedo,
    L landmarks, K named controls, H W image, T tokens, D features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: The 52 ARKit blendshapes, alphabetically: the order of every expression vector in this project.
ARKIT_NAMES: tuple[str, ...] = (
    *("browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff"),
    *("cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight"),
    *("eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight"),
    *("eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen"),
    *("jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight"),
    *("mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight"),
    *("mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft"),
    *("mouthUpperUpRight", "noseSneerLeft", "noseSneerRight", "tongueOut"),
)

#: Rotation that takes the axes of an upright frontal head (x left, y up, z out) to the camera's (right, down, forward).
HEAD_TO_CAMERA_AXES: NDArray[np.float64] = np.diag([1.0, -1.0, -1.0])

#: Horizontal visible iris diameter: mean and SD in mm (Rüfer et al. 2005, Cornea 24(3):259).
IRIS_DIAMETER_MM, IRIS_DIAMETER_SD_MM = 11.71, 0.42


def mirror_arkit_name(name: str) -> str:
    """The name of the blendshape that is this one seen in a mirror (browDownLeft ↔ browDownRight)."""
    if name.endswith("Left"):
        return name[: -len("Left")] + "Right"
    if name.endswith("Right"):
        return name[: -len("Right")] + "Left"
    return name


def srgb_to_linear(srgb: ArrayLike) -> NDArray[np.float32]:
    """Convert sRGB in [0, 1] to linear light (IEC 61966-2-1), keeping the shape. Divide uint8 by 255 first."""
    value = np.asarray(srgb, np.float32)
    return np.where(value <= 0.04045, value / 12.92, ((np.maximum(value, 0.0) + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


#: Linear light of the 256 values of sRGB.
LINEAR_OF_BYTE: NDArray[np.float32] = srgb_to_linear(np.arange(256) / 255.0)


def linear_of_bytes(srgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light of sRGB in 0..255, of the same shape: `srgb_to_linear(srgb / 255)`, looked up."""
    return LINEAR_OF_BYTE.take(srgb)


def linear_to_srgb(linear: ArrayLike) -> NDArray[np.float32]:
    """Convert linear light in [0, 1] to sRGB in [0, 1] (IEC 61966-2-1); the shape is kept."""
    value = np.clip(np.asarray(linear, np.float32), 0.0, None)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * np.power(value, 1 / 2.4) - 0.055).astype(np.float32)


def rotation_from_euler_deg(yaw_deg: float, pitch_deg: float = 0.0, roll_deg: float = 0.0) -> NDArray[np.float64]:
    """Build the head → camera rotation of a head turned by yaw, then pitch, then roll.

    Positive yaw turns the face towards the subject's left (image right), positive pitch lowers the chin (nods
    down), positive roll tilts the head so that its top moves to image right. All zero is an upright frontal head.
    """
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return HEAD_TO_CAMERA_AXES @ about_z @ about_x @ about_y


def euler_deg_from_rotation(rotation: ArrayLike) -> tuple[float, float, float]:
    """(yaw_deg, pitch_deg, roll_deg) of a head → camera rotation: the inverse of `rotation_from_euler_deg`."""
    head = HEAD_TO_CAMERA_AXES @ np.asarray(rotation, np.float64)
    pitch = np.arcsin(np.clip(head[2, 1], -1.0, 1.0))
    yaw = np.arctan2(-head[2, 0], head[2, 2])
    roll = np.arctan2(head[0, 1], head[1, 1])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def rotation_from_rotvec(rotvec: ArrayLike) -> NDArray[np.float64]:
    """Rotation matrix (3, 3) of a rotation vector (3,) in radians (Rodrigues' formula)."""
    vector = np.asarray(rotvec, np.float64)
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
