"""How far a found head is from the true one, where both have the same vertices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.confidence import region_rows
from facegpt.fitting.dense import without_irises
from facegpt.metrics import (
    angle_between_deg,
    recovered_share,
    similarity_transform,
    vertex_error_mm,
)
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, FaceParams


class Shapes(NamedTuple):
    """Corresponding vertices (N, 3) mm of three heads in one pose and expression: found, true, and the mean head."""

    found: Array
    true: Array
    mean: Array

    def share(self, *, scale: bool = True) -> float:
        """Share of the deviation from the mean head that was recovered (`scale` False: a wrong size counts)."""
        return recovered_share(self.found, self.true, self.mean, scale=scale)

    def error_mm(self, *, scale: bool = True) -> float:
        """Mean distance of found and true vertices after alignment."""
        return float(vertex_error_mm(self.found, self.true, scale=scale).mean())

    def deviation_mm(self, *, scale: bool = True) -> float:
        """Mean distance of the mean head's and the true vertices after alignment."""
        return float(vertex_error_mm(self.mean, self.true, scale=scale).mean())


def shapes_of(model: MorphableModel, truth: FaceParams, identity: Array, region: NDArray[np.int64]) -> Shapes:
    """Vertices `region` of the head with identity (I,), of the true one and the mean one, in the truth's expression."""
    found, true, mean = (
        head_vertices(model, truth.replace(identity=each))[region]
        for each in (np.asarray(identity, np.float32), truth.identity, np.zeros_like(truth.identity))
    )
    return Shapes(found, true, mean)


def points68_px(model: MorphableModel, params: FaceParams) -> Array:
    """The 68 points of a head as its camera sees them, (68, 2) px."""
    return params.camera.project(params.pose.apply(model.embedding("ibug68")(head_vertices(model, params))))


def region_error_mm(model: MorphableModel, found: FaceParams, truth: FaceParams) -> dict[str, float]:
    """The mean distance of corresponding points, expression included, after one similarity over the face."""
    points = model.embedding("dense")
    guess, real = (without_irises(points(head_vertices(model, params))) for params in (found, truth))
    regions = region_rows(len(real))
    face = np.concatenate([rows for name, rows in regions.items() if name != "ears"])
    factor, rotation, shift = similarity_transform(guess[face], real[face])
    error = np.linalg.norm(factor * guess @ rotation.T + shift - real, axis=1)
    return {name: float(error[rows].mean()) for name, rows in {"face": face, **regions}.items()}


def turn_deg(model: MorphableModel, found: FaceParams, truth: FaceParams) -> float:
    """The angle between the two faces as the camera sees them; a turned neck counts like a turned pose."""
    points = model.embedding("mediapipe478")
    placed = [params.pose.apply(points(head_vertices(model, params))) for params in (found, truth)]
    return angle_between_deg(similarity_transform(*placed)[1], np.eye(3))
