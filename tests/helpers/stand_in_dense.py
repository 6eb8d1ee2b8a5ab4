"""What a dense landmark network might say of a known head: its points with errors whose size is known."""

from __future__ import annotations

import numpy as np

from facegpt.morphable.base import head_vertices
from facegpt.types import DensePoints, FaceParams


def dense_of(model, params: FaceParams, seed: int = 0, error_mm: float = 0.5, known: float = 0.0) -> DensePoints:
    """Project the dense points with independent errors; `known` is the share of the identity's variance that it sees.

    The crop is the whole photo, and shows nothing but skin.
    """
    rng = np.random.default_rng([481, seed])
    placed = params.pose.apply(model.embedding("dense")(head_vertices(model, params)).astype(np.float64))
    px_per_mm = params.camera.focal_px / placed[:, 2]
    sigma = error_mm * px_per_mm
    count = len(params.identity)
    mean = known * params.identity + np.sqrt(known * (1 - known)) * rng.normal(size=count)  # of N(mean, 1 - known)
    parts = np.zeros((32, 32, 7))
    parts[..., 1] = 1.0
    shrink = 128 / params.camera.width
    offset = 0.5 * shrink - 0.5
    return DensePoints(
        points_px=params.camera.project(placed) + sigma[:, None] * rng.normal(size=(len(placed), 2)),
        sigma_px=np.maximum(sigma, 1e-3),
        visible=np.ones(len(placed)),
        identity=mean,
        identity_sd=np.full(count, np.sqrt(1 - known)),
        expression=params.expression.copy(),
        parts=parts,
        crop=np.array([[shrink, 0, offset], [0, shrink, offset]]),
    )
