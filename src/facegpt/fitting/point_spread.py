"""How far points of a fitted head may be off by what is not known of the person, and how far its expression moves them.

What a similarity of the whole face would explain is left out: where and how large a head is says no shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.linear_points import LinearPoints

Floats = NDArray[np.float64]


def identity_spread_mm(points: LinearPoints, covariance: Floats, face: NDArray[np.int64]) -> Floats:
    """The posterior SD (L,) of each point's place, mm, by the doubt of the identity (Laplace's, all else free).

    Args:
        points: of the head.
        covariance: (I, I) of the identity (scale.identity_covariance).
        face: rows of the points by which heads are aligned.
    """
    shapes = _aligned(points, points.basis[:, :, : points.identity].astype(np.float64), face)
    variance = ((shapes.reshape(-1, len(covariance)) @ covariance).reshape(shapes.shape) * shapes).sum((1, 2))
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def expression_mm(points: LinearPoints, theta: Floats, face: NDArray[np.int64]) -> Floats:
    """How far (L,) mm the expression of θ (I + E,) moves each point."""
    moved = points.basis[:, :, points.identity :].astype(np.float64) @ theta[points.identity :]
    return np.asarray(np.linalg.norm(_aligned(points, moved[..., None], face)[..., 0], axis=1))


def _aligned(points: LinearPoints, moves: Floats, face: NDArray[np.int64]) -> Floats:
    """Moves of the points (L, 3, M) without the small similarity that explains most of those of the face."""
    offset = points.mean - points.mean[face].mean(0)
    (x, y, z), zero = offset.T, np.zeros(len(offset))
    turns = np.array([[zero, z, -y], [-z, zero, x], [y, -x, zero]]).transpose(2, 0, 1)  # each axis × offset
    shifts = np.broadcast_to(np.eye(3), (len(offset), 3, 3))
    similar = np.concatenate([shifts, turns, offset[..., None]], 2)  # (L, 3, 7)
    known = similar[face].reshape(-1, 7)
    found = np.linalg.solve(known.T @ known, known.T @ moves[face].reshape(len(known), -1))
    return np.asarray(moves - similar @ found)
