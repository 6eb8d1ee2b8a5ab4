"""How wrong a head, a pose or a set of landmarks is: one function each, with its unit. Plain numpy, no gradients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, ShapeError


def angle_between_deg(rotation_a: Array, rotation_b: Array) -> float:
    """The angle in degrees of the rotation that takes one (3, 3) rotation to the other."""
    cosine = (np.trace(np.asarray(rotation_a, np.float64) @ np.asarray(rotation_b, np.float64).T) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def landmark_nme_percent(found_px: Array, truth_px: Array) -> float:
    """The mean error of 2D landmarks as a share of the truth's box, in percent (3DDFA; Zhu et al. 2016).

    Both are (L, 2) pixels; the divisor is √(w h) of the tight upright box around `truth_px`, so the head's size in the
    photo does not matter. AFLW2000-3D's protocol when L is 68.
    """
    found, truth = np.asarray(found_px, np.float64)[:, :2], np.asarray(truth_px, np.float64)[:, :2]
    if found.shape != truth.shape:
        raise ShapeError(f"landmarks of different shapes cannot be compared: {found.shape} and {truth.shape}")
    side = float(np.sqrt(np.prod(np.ptp(truth, axis=0))))
    if side == 0:
        raise ShapeError("the true landmarks span no area, so the error has no scale")
    return float(100 * np.linalg.norm(found - truth, axis=1).mean() / side)


def similarity_transform(
    source: Array, target: Array, weights: Array | None = None, *, scale: bool = True
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Find scale (), rotation (3, 3) and translation (3,) with target ≈ scale · rotation @ source + translation.

    Least squares over corresponding points (N, 3), closed form (Umeyama 1991); no mirroring. With `scale` False the
    scale is 1: a metric alignment.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    share = (
        np.full(len(source), 1 / len(source)) if weights is None else np.asarray(weights, np.float64) / np.sum(weights)
    )
    middle_source, middle_target = share @ source, share @ target
    flat, seen = source - middle_source, target - middle_target
    left, values, right = np.linalg.svd((seen * share[:, None]).T @ flat)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = left @ np.diag(signs) @ right
    factor = float((values * signs).sum() / (share @ (flat**2).sum(1))) if scale else 1.0
    return factor, rotation, middle_target - factor * rotation @ middle_source


def align(source: Array, target: Array, weights: Array | None = None, *, scale: bool = True) -> NDArray[np.float64]:
    """Move points (N, 3) onto their counterparts by a similarity, or by a rigid motion when `scale` is False."""
    factor, rotation, translation = similarity_transform(source, target, weights, scale=scale)
    return factor * np.asarray(source, np.float64) @ rotation.T + translation


def vertex_error_mm(found: Array, truth: Array, *, scale: bool = True) -> NDArray[np.float64]:
    """The distance (N,) in mm of corresponding vertices after alignment (`scale` False: no alignment of scale)."""
    return np.linalg.norm(align(found, truth, scale=scale) - np.asarray(truth, np.float64), axis=1)


def recovered_share(found: Array, truth: Array, mean: Array, *, scale: bool = True) -> float:
    """The share of a head's deviation from the mean head that a reconstruction recovers: 1 - error / deviation.

    All three are corresponding vertices (N, 3) in mm in one pose and expression; found and mean are each aligned to
    truth (`scale` False: rigidly, so a wrong size counts). 1 is perfect, 0 as good as the mean head, below 0 worse.
    """
    error = vertex_error_mm(found, truth, scale=scale).mean()
    deviation = vertex_error_mm(mean, truth, scale=scale).mean()
    return float(1 - error / deviation)


def within_radius(vertices: Array, centre: Array, radius_mm: float = 95.0) -> NDArray[np.bool_]:
    """Mark the vertices (N, 3) within a radius of a point: 95 mm about the nose tip is a usual face crop."""
    return np.linalg.norm(np.asarray(vertices) - np.asarray(centre), axis=1) <= radius_mm
