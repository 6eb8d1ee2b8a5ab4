"""Losses of the dense landmark network, one function each. Dimension letters: encode/landmark_network.py."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facegpt.encode.landmark_loss import FARTHEST, point_loss
from facegpt.encode.landmark_network import NetworkOutput
from facegpt.metrics import within_radius
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array

#: Share of the whole metric beside the one that forgives a similarity transform.
METRIC_SHARE = 0.25
_NOSE_TIP = 30  # among ibug68


@dataclass(frozen=True)
class SurfaceMetrics:
    """Squared errors of coefficients as squared millimetres on the surface: error = dᵀ G d.

    Attributes:
        identity: (I, I) mm² of the neutral face: a quarter as it stands and the rest after the best similarity
            transform, since a crop does not tell how large a head is.
        expression: (E, E) mm², mean over the detector's points.
    """

    identity: Tensor
    expression: Tensor


def surface_metrics(model: MorphableModel) -> SurfaceMetrics:
    """Work out the metrics of a head model."""
    mean = np.asarray(model.mean_vertices, np.float64)
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    face = skin[within_radius(mean[skin], model.embedding("ibug68")(mean)[_NOSE_TIP])]
    basis = np.asarray(model.identity_basis, np.float64)[:, face]
    moved = without_similarity(mean[face], basis)
    identity = METRIC_SHARE * _gram(basis) + (1 - METRIC_SHARE) * _gram(moved)
    points = model.embedding("mediapipe478")(np.asarray(model.expression_basis, np.float64))[:, :468]
    return SurfaceMetrics(torch.from_numpy(identity).float(), torch.from_numpy(_gram(points)).float())


def without_similarity(mean: Array, basis: Array) -> Array:
    """Take from displacements (I, N, 3) of points (N, 3) what turning, moving and scaling would do, to first order."""
    centred = mean - mean.mean(0)
    moves = [np.cross(axis, centred) for axis in np.eye(3)] + [np.tile(axis, (len(mean), 1)) for axis in np.eye(3)]
    directions = np.linalg.qr(np.stack([*moves, centred]).reshape(7, -1).T)[0]
    flat = basis.reshape(len(basis), -1)
    return (flat - flat @ directions @ directions.T).reshape(basis.shape)


def _gram(basis: Array) -> Array:
    """Mean over points of the products of displacements (K, N, 3): (K, K)."""
    flat = basis.reshape(len(basis), -1)
    return flat @ flat.T / basis.shape[1]


def shape_loss(points: Tensor, log_sigma: Tensor, truth: Tensor) -> Tensor:
    """Mean squared whitened error of points (B, P, 2) after the best move, turn and scaling of each face, halved.

    Errors that all points share are most of the likelihood and none of the person: they are left to it alone.
    """
    learnt = (truth.abs().amax(2, keepdim=True) < FARTHEST).float()
    count = learnt.sum(1, keepdim=True).clamp(min=1)
    place = (truth - (learnt * truth).sum(1, keepdim=True) / count) * learnt
    error = points - truth
    error = (error - (learnt * error).sum(1, keepdim=True) / count) * learnt
    turned = torch.stack([-place[..., 1], place[..., 0]], -1)
    size = place.square().sum((1, 2), keepdim=True).clamp(min=1e-6)
    for direction in (place, turned):
        error = error - direction * ((direction * error).sum((1, 2), keepdim=True) / size)
    squared = error.square().sum(2) * torch.exp(-2 * log_sigma.detach())
    return 0.5 * squared.sum() / learnt.sum().clamp(min=1)


def squared_mm(found: Tensor, truth: Tensor, metric: Tensor) -> Tensor:
    """The mean squared error in mm² of coefficients (B, K) on the surface: (B,)."""
    error = found - truth
    return ((error @ metric) * error).sum(1)


def spread_loss(found: Tensor, log_sd: Tensor, truth: Tensor) -> Tensor:
    """Negative log likelihood of coefficients (B, I) by their log spread alone: their means are learnt in mm."""
    return (log_sd + 0.5 * (found.detach() - truth).square() * torch.exp(-2 * log_sd)).mean()


def losses(out: NetworkOutput, truth: dict[str, Tensor], metrics: SurfaceMetrics) -> dict[str, Tensor]:
    """Every loss and their weighted sum "total".

    Args:
        out: of the network.
        truth: points (B, P, 2) crop units, visible (B, P), identity (B, I), expression (B, E), parts (B, 32, 32).
        metrics: of the head model.
    """
    identity = squared_mm(out.identity, truth["identity"], metrics.identity).mean()
    expression = squared_mm(out.expression, truth["expression"], metrics.expression).mean()
    weights = (out.expression - truth["expression"]).square().mean()
    near = (truth["points"].abs().amax(2) < 1.0).float()
    visible = functional.binary_cross_entropy_with_logits(out.visible, truth["visible"].float(), near)
    found = {
        "points": point_loss(out.points, out.log_sigma, truth["points"]),
        "first": point_loss(out.first_points, out.first_log_sigma, truth["points"]),
        "shape": shape_loss(out.points, out.log_sigma, truth["points"]),
        "identity_mm2": identity,
        "spread": spread_loss(out.identity, out.identity_log_sd, truth["identity"]),
        "expression_mm2": expression,
        "weights": weights,
        "visible": visible,
        "parts": functional.cross_entropy(out.parts, truth["parts"]),
    }
    total = torch.stack([WEIGHTS[name] * value for name, value in found.items()]).sum()
    return {"total": total, **found}


#: How much each loss counts.
WEIGHTS = {
    "points": 1.0,
    "first": 0.5,
    "shape": 1.0,
    "identity_mm2": 0.4,
    "spread": 0.2,
    "expression_mm2": 0.12,
    "weights": 3.0,
    "visible": 0.3,
    "parts": 0.3,
}
