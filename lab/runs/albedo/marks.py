"""A plain landmark fit for the albedo build: pose, identity and expression to MediaPipe points, by Gauss-Newton.

It is kept apart from facegpt.fitting so that a better fitter doesn't change the committed albedo.
"""

from __future__ import annotations

import numpy as np

from facegpt.conventions import HEAD_TO_CAMERA_AXES, rotation_from_rotvec
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, Camera, FaceParams, Pose

#: SD of a landmark in mm, of an expression weight, and the assumed distance of the camera in mm.
SIGMA_MM, EXPRESSION_SD, DISTANCE_MM = 1.8, 0.25, 900.0
_FACE_HEIGHT_MM = 150.0  # of MediaPipe's box, for the first guess of the focal length
_STEPS, _POSE_STEPS = 12, 4


def fit_marks(model: MorphableModel, points_px: Array, width: int, height: int) -> FaceParams:
    """Fit the head to MediaPipe points (478, ≥ 2) in pixels of a photo of this size."""
    target = np.asarray(points_px, np.float64)[:468, :2]
    marks = model.embedding("mediapipe478")
    corners, weights = marks.corners[:468], np.asarray(marks.weights[:468], np.float64)
    rest = np.einsum("lcx,lc->lx", model.mean_vertices[corners], weights)
    identity = np.einsum("ilcx,lc->ilx", model.identity_basis[:, corners], weights)
    expression = np.einsum("elcx,lc->elx", model.expression_basis[:, corners], weights)
    basis = np.concatenate([identity, expression]).transpose(1, 2, 0)  # (468, 3, I + E)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    focal = np.ptp(target[:, 1]) / _FACE_HEIGHT_MM * DISTANCE_MM
    rotation, translation = HEAD_TO_CAMERA_AXES.copy(), np.array([0.0, 0.0, DISTANCE_MM])
    translation[:2] = (target.mean(0) - centre) / focal * DISTANCE_MM - (rotation @ rest.mean(0))[:2]
    shape = np.zeros(basis.shape[2])
    low = np.r_[np.full(len(identity), -3.5), np.zeros(len(expression))]
    high = np.r_[np.full(len(identity), 3.5), np.ones(len(expression))]
    prior = np.r_[np.ones(len(identity)), np.full(len(expression), EXPRESSION_SD**-2)]
    for step in range(_STEPS):
        turned = (rest + basis @ shape) @ rotation.T
        camera = turned + translation
        error = target - (camera[:, :2] / camera[:, 2:] * focal + centre)
        jacobian = _jacobian(turned, camera, focal, np.einsum("xy,lyk->lxk", rotation, basis))
        sigma = SIGMA_MM * focal / DISTANCE_MM
        robust = 1.0 / np.maximum(1.0, np.linalg.norm(error, axis=1) / (3 * sigma))
        frozen = np.zeros(6 + len(shape), bool)
        frozen[6:] = step < _POSE_STEPS
        change = _solve(
            jacobian, error, robust / sigma**2, np.r_[np.zeros(6), prior], np.r_[np.zeros(6), shape], frozen, low, high
        )
        rotation = rotation_from_rotvec(change[:3]) @ rotation
        translation = translation + change[3:6]
        shape = np.clip(shape + change[6:], low, high)
    sizes = model.sizes
    return FaceParams(
        model.model_id,
        shape[: sizes.identity].astype(np.float32),
        shape[sizes.identity :].astype(np.float32),
        np.zeros((sizes.joints, 3), np.float32),
        Pose(rotation, translation),
        np.zeros(sizes.albedo, np.float32),
        np.zeros((9, 3), np.float32),
        Camera(float(focal), (float(centre[0]), float(centre[1])), width, height),
    )


def _jacobian(turned: Array, camera: Array, focal: float, basis: Array) -> Array:
    """Derivative (468, 2, 6 + K) of the pixels by rotation vector, translation and shape."""
    move = np.zeros((len(turned), 3, 6 + basis.shape[2]))
    x, y, z = turned.T
    move[:, 0, 1], move[:, 0, 2], move[:, 1, 0] = z, -y, -z
    move[:, 1, 2], move[:, 2, 0], move[:, 2, 1] = x, y, -x
    move[:, :, 3:6] = np.eye(3)
    move[:, :, 6:] = basis
    slope = camera[:, :2] / camera[:, 2:]
    return focal * (move[:, :2] - slope[:, :, None] * move[:, 2:]) / camera[:, 2:, None]


def _solve(
    jacobian: Array, error: Array, weight: Array, prior: Array, now: Array, frozen: Array, low: Array, high: Array
) -> Array:
    """One Gauss-Newton step with an active set of bounds (a bound that is pushed against is held)."""
    rows = jacobian * weight[:, None, None]
    hessian = np.einsum("lxi,lxj->ij", rows, jacobian, optimize=True) + np.diag(prior)
    gradient = np.einsum("lxi,lx->i", rows, error) - prior * now
    held = frozen.copy()
    held[6:] |= ((now[6:] <= low) & (gradient[6:] < 0)) | ((now[6:] >= high) & (gradient[6:] > 0))
    free = ~held
    change = np.zeros(len(prior))
    change[free] = np.linalg.solve(hessian[np.ix_(free, free)] + 1e-9 * np.eye(int(free.sum())), gradient[free])
    return change
