"""Crops for the landmark network whose labels are exact, without the studio."""

from __future__ import annotations

import numpy as np
import torch

from facegpt.conventions import rotation_from_euler_deg


def made_up_samples(head, count, seed=0):
    """Crops whose picture only shows where points are: a blur of colour by the depth of the points."""
    rng = np.random.default_rng(seed)
    embedding = head.embedding("dense")
    for _ in range(count):
        identity = rng.normal(0, 1, 60).astype(np.float32)
        expression = rng.uniform(0, 0.3, 52).astype(np.float32)
        yaw_deg = rng.uniform(-50, 50)
        with torch.no_grad():
            joints = torch.zeros(1, 4, 3)
            vertices = head.vertices(torch.tensor(identity)[None], torch.tensor(expression)[None], joints)[0].numpy()
        points = embedding(vertices) @ rotation_from_euler_deg(yaw_deg, rng.normal(0, 5), 0).T
        face = points[:468, :2]
        scale = 144 / (1.4 * np.ptp(face, axis=0).max())
        pixels = (points[:, :2] - (face.max(0) + face.min(0)) / 2) * scale + 71.5
        image = np.full((144, 144, 3), 90, np.uint8)
        x, y = np.clip(np.round(pixels).astype(int), 0, 143).T
        image[y, x] = np.stack([150 + points[:, 2], 128 + points[:, 2], x + 50], 1).clip(0, 255)
        yield {
            "image": image,
            "points_px": pixels.astype(np.float32),
            "visible": (points[:, 2] > 0).astype(np.uint8),
            "parts": np.full((36, 36), 1, np.uint8),
            "identity": identity,
            "expression": expression,
            "yaw_deg": np.float32(yaw_deg),
            "px_per_mm": np.float32(scale),
        }
