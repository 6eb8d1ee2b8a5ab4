"""The canonical face of 478 points: mirroring, rotation of the head, likeness to a face."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import load_arrays

Array = NDArray[np.floating]

#: Outer corners of the eyes: the line from the first to the second runs along the window's x axis in an upright face.
RIGHT_EYE_CORNER, LEFT_EYE_CORNER = 33, 263
_FOREHEAD, _CHIN = 10, 152
_RIGHT_EYE_CORNERS, _LEFT_EYE_CORNERS = [33, 133], [362, 263]
#: Contours of the eyes; inner edges of the lips around their middle, from the subject's right.
EYE_CONTOURS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)
UPPER_INNER_LIP, LOWER_INNER_LIP = (81, 82, 13, 312, 311), (178, 87, 14, 317, 402)
#: Points 0…467 lie on the face; 468…477 are the irises.
FACE_POINTS = 468


@dataclass(frozen=True)
class CanonicalFace:
    """MediaPipe's canonical face (geometry_pipeline_metadata of face_landmarker.task, Apache-2.0).

    Attributes:
        points: (468, 3) mm, head axes (+x the subject's left, +y up, +z out), its own origin.
        weights: (468,) how steady each point is; 33 of them are above zero.
        mirror: (478,) the point that each one becomes in a mirror.
    """

    points: Array
    weights: Array
    mirror: NDArray[np.integer]


@lru_cache(maxsize=1)
def canonical_face() -> CanonicalFace:
    """Load the canonical face once."""
    arrays = load_arrays("face_canonical.npz")
    return CanonicalFace(arrays["points_mm"].astype(np.float64), arrays["weights"].astype(np.float64), arrays["mirror"])


def eye_line_roll_rad(points: Array) -> float:
    """Roll of the line between the outer eye corners of points (478, 2+) in image axes, positive clockwise as seen."""
    across = points[LEFT_EYE_CORNER, :2] - points[RIGHT_EYE_CORNER, :2]
    return float(np.arctan2(across[1], across[0]))


def upright_roll_rad(points: Array) -> float:
    """The roll of a face in its picture from MediaPipe's points (478, 2+), positive clockwise as seen.

    The line of the eyes and, at half its length, the line from forehead to chin turned by 90°: in profile the eyes lie
    behind each other and their line says nothing.
    """
    eyes = points[LEFT_EYE_CORNER, :2] - points[RIGHT_EYE_CORNER, :2]
    down = points[_CHIN, :2] - points[_FOREHEAD, :2]
    return float(np.arctan2(eyes[1] - 0.5 * down[0], eyes[0] + 0.5 * down[1]))


def align(points: Array) -> tuple[Array, float, Array]:
    """Fit rotation, scale and shift of the canonical face to points (478, 3): pixels · = scale · rotation · mm + shift.

    Weighted Procrustes (Umeyama 1991): a weak-perspective camera, for MediaPipe's depth has the scale of x and y.

    Returns:
        rotation (3, 3) head → camera, scale in pixels per mm, residual (468, 3) in mm of the camera frame.
    """
    face = canonical_face()
    share = face.weights / face.weights.sum()
    target = points[:FACE_POINTS]
    source_centred = face.points - share @ face.points
    target_centred = target - share @ target
    left, size, right = np.linalg.svd((target_centred * share[:, None]).T @ source_centred)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = (left * sign) @ right
    scale = float(size @ sign / (share @ (source_centred**2).sum(1)))
    residual = target_centred / max(scale, 1e-9) - source_centred @ rotation.T
    return rotation, scale, residual


def head_rotation(points: Array) -> Array:
    """Head → camera rotation (3, 3) from points (478, 3) in pixels, z smaller = nearer."""
    return align(points)[0]


def deviation_mm(points: Array) -> float:
    """How far points (478, 3) are from the canonical face, turned and scaled onto it: RMS in mm."""
    return rotation_and_deviation_mm(points)[1]


def rotation_and_deviation_mm(points: Array) -> tuple[Array, float]:
    """`head_rotation` and `deviation_mm` of the same points, at the cost of one."""
    rotation, _, residual = align(points)
    return rotation, float(np.sqrt(np.vdot(residual, residual) / len(residual)))


def posed_in_image(points: Array) -> tuple[Array, float, Array]:
    """Weak-perspective pose of the canonical face by points (468+, 2) of an image, without depth.

    The best affine view, with its two axes made orthogonal and of one length.

    Returns:
        rotation (3, 3) head → camera, scale in pixels per mm, shift (2,) px of the canonical face's own origin.
    """
    face = canonical_face()
    middle = face.points.mean(0)
    target = points[:FACE_POINTS, :2]
    view = np.linalg.lstsq(face.points - middle, target - target.mean(0), rcond=None)[0].T
    left, size, right = np.linalg.svd(view, full_matrices=False)
    axes = left @ right
    scale = float(max(size.mean(), 1e-9))
    rotation = np.vstack([axes, np.cross(axes[0], axes[1])])
    return rotation, scale, target.mean(0) - scale * axes @ middle


def lifted(points: Array) -> Array:
    """Points (478, 2) of an image with the depth (478, 3) of the canonical face in their pose; smaller is nearer."""
    rotation, scale, _ = posed_in_image(points)
    depth = np.zeros(len(points))
    depth[:FACE_POINTS] = scale * canonical_face().points @ rotation[2]
    for corners, iris in ((_RIGHT_EYE_CORNERS, slice(468, 473)), (_LEFT_EYE_CORNERS, slice(473, 478))):
        depth[iris] = depth[corners].mean()
    return np.column_stack([points[:, :2], depth - depth[:FACE_POINTS].mean()])


def deviation_in_image(points: Array) -> float:
    """How far points (468+, 2) lie from the canonical face in their pose, seen in the image: RMS in mm."""
    rotation, scale, shift = posed_in_image(points)
    seen = scale * canonical_face().points @ rotation[:2].T + shift
    return float(np.sqrt(((points[:FACE_POINTS, :2] - seen) ** 2).sum(1).mean())) / scale


def derolled(points: Array, roll_rad: float) -> Array:
    """Points (…, 2 or 3) turned about the origin so that a face rolled by `roll_rad` stands upright."""
    cosine, sine = np.cos(roll_rad), np.sin(roll_rad)
    turned = points[..., :2] @ np.array([[cosine, -sine], [sine, cosine]])
    return np.concatenate([turned, points[..., 2:]], -1)
