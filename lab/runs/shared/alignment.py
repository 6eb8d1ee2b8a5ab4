"""Similarity between corresponding points."""

from __future__ import annotations

import numpy as np

from lab.runs.shared.sources import Array


def similarity(source: Array, target: Array, weight: Array) -> tuple[float, Array, Array]:
    """Weighted similarity (scale, rotation, shift) from source to target points (Umeyama 1991)."""
    w = weight / weight.sum()
    a, b = w @ source, w @ target
    u, s, vt = np.linalg.svd(((source - a) * w[:, None]).T @ (target - b))
    sign = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u @ sign @ vt).T
    scale = (s * np.diag(sign)).sum() / (w[:, None] * (source - a) ** 2).sum()
    return float(scale), rotation, b - scale * rotation @ a
