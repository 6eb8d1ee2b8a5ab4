"""Known heads in crops, as the photo part of the language model sees them."""

from __future__ import annotations

import math

import numpy as np
import torch

from facegpt.conventions import rotation_from_euler_deg
from facegpt.encode.photo_view import CropGeometry, PhotoView, Placing
from facegpt.language.model.photo_theta import CropTheta
from facegpt.render.lighting import default_studio_lighting

#: Channels of the encoder's grid, as the tests' tiny models have them.
CHANNELS = 6


def people(geometry: CropGeometry, count: int, seed: int = 0) -> tuple[CropTheta, PhotoView]:
    """Make known heads, and an encoder that sees their points exactly and knows nothing else of them."""
    rng = np.random.default_rng(seed)
    turns = np.stack([rotation_from_euler_deg(*rng.uniform(-20, 20, 2), 0.0) for _ in range(count)])
    flip = np.diag([1.0, -1.0, -1.0])  # head axes to camera axes

    def drawn(*shape, scale=1.0):
        return torch.from_numpy(rng.normal(0, scale, shape)).float()

    optical = drawn(count, 2, scale=1.0)
    placing = Placing(
        torch.from_numpy(turns @ flip if np.linalg.det(turns[0] @ flip) > 0 else turns).float(),
        drawn(count, 2, scale=0.1),
        torch.full((count,), math.log(1 / 110)) + drawn(count, scale=0.05),
        torch.full((count,), math.log(1000.0)),
    )
    light = torch.from_numpy(default_studio_lighting()).expand(count, 9, 3)
    theta = CropTheta(
        drawn(count, 60, scale=0.7), drawn(count, 52).abs() * 0.2, placing, optical, drawn(count, 33, scale=0.5), light
    )
    points = geometry.project(geometry.points(theta.identity, theta.expression), placing, optical)
    nothing = torch.zeros_like(theta.identity)
    return theta, PhotoView(
        drawn(count, 16, CHANNELS),
        points,
        torch.ones(points.shape[:2]),
        points[:, :478],
        nothing,
        nothing + 1,
        torch.zeros_like(theta.expression),
        optical,
    )
