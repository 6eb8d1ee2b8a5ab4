"""A head model as the landmark fit sees it: 478 linear points, two eyeballs and the prior. Made once per model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.eye_opening import LIDS
from facegpt.fitting.gauss_newton import Prior
from facegpt.fitting.lid_points import LidPoints, lid_points
from facegpt.fitting.linear_points import AnchoredPoints, LinearPoints
from facegpt.fitting.mediapipe_points import LEFT_IRIS, RIGHT_IRIS, SURFACE
from facegpt.morphable.base import MorphableModel, joint_places
from facegpt.types import Array, LandmarkEmbedding

Floats = NDArray[np.float64]

#: SD of an expression weight, and the slope of the exponential prior that draws it to 0 (both per unit weight).
EXPRESSION_SD, EXPRESSION_PULL = 0.5, 0.0
#: Identity never leaves this many SDs.
IDENTITY_LIMIT = 4.0
#: What the detector's points cannot show: it has no point on the tongue.
UNSEEN_UNITS = ("tongueOut",)


@dataclass(frozen=True)
class EmbeddedModel:
    """One head model prepared for fitting.

    Attributes:
        model_id: of the head model.
        surface: the 468 skin points. iris: the 10 iris points (right eye 468-472, left eye 473-477), eyes at rest.
        eye_centre: (2, 3) of the mean head, left then right eye; eye_basis: (2, 3, I) how it moves with identity, mm.
        eye_joints: (2,) indices of the left and right eye among the model's joints. joints: J. albedo: A.
        prior: on (identity, expression).
        lids: the lids' points of `surface`, as the model draws them.
    """

    model_id: str
    surface: LinearPoints
    iris: LinearPoints
    eye_centre: Floats
    eye_basis: Floats
    eye_joints: tuple[int, int]
    joints: int
    albedo: int
    prior: Prior
    lids: LidPoints


def embed_points(model: MorphableModel, embedding: LandmarkEmbedding) -> LinearPoints:
    """Evaluate an embedding on the mean and every basis vector of a model, at rest."""
    corners, weights = embedding.corners, embedding.weights

    def at(vectors: Array) -> Floats:
        return np.einsum("...lcx,lc->...lx", np.asarray(vectors)[..., corners, :].astype(np.float64), weights)

    basis = np.concatenate([at(model.identity_basis), at(model.expression_basis)])
    return LinearPoints(
        at(model.mean_vertices), np.ascontiguousarray(basis.transpose(1, 2, 0), np.float32), model.sizes.identity
    )


def _rows(points: LinearPoints, rows: slice | NDArray) -> LinearPoints:
    return LinearPoints(points.mean[rows], np.ascontiguousarray(points.basis[rows]), points.identity)


def default_prior(identity: int) -> Prior:
    """The prior on (identity, expression): N(0, 1) within ±4, and small weights in 0..1; the tongue stays in."""
    units = len(ARKIT_NAMES)
    upper = np.concatenate([np.full(identity, IDENTITY_LIMIT), np.ones(units)])
    for name in UNSEEN_UNITS:
        upper[identity + ARKIT_NAMES.index(name)] = 0.0
    return Prior(
        mean=np.zeros(identity + units),
        sd=np.concatenate([np.ones(identity), np.full(units, EXPRESSION_SD)]),
        pull=np.concatenate([np.zeros(identity), np.full(units, EXPRESSION_PULL)]),
        lower=np.concatenate([np.full(identity, -IDENTITY_LIMIT), np.zeros(units)]),
        upper=upper,
    )


@lru_cache(maxsize=4)
def embedded(model: MorphableModel) -> EmbeddedModel:
    """Prepare a head model for fitting; the same object each time for the same model."""
    embedding = model.embedding("mediapipe478")
    points = embed_points(model, embedding)
    surface = _rows(points, slice(0, SURFACE))
    eyes = (model.joint_names.index("left_eye"), model.joint_names.index("right_eye"))
    count = model.sizes.identity
    probes = np.eye(count + 1, count, -1, dtype=np.float32)  # the mean, then one SD of each component
    centres = joint_places(model, probes)[:, list(eyes)].astype(np.float64)
    return EmbeddedModel(
        model_id=model.model_id,
        surface=surface,
        iris=_rows(points, np.array([*RIGHT_IRIS, *LEFT_IRIS])),
        eye_centre=centres[0],
        eye_basis=(centres[1:] - centres[0]).transpose(1, 2, 0),
        eye_joints=eyes,
        joints=model.sizes.joints,
        albedo=model.sizes.albedo,
        prior=default_prior(count),
        lids=lid_points(model, surface, embedding, LIDS),
    )


@lru_cache(maxsize=4)
def densely_embedded(model: MorphableModel) -> EmbeddedModel:
    """Prepare a head model whose surface is the embedding "dense": MediaPipe's 468 points, then all but its irises."""
    face = embedded(model)  # type: ignore[arg-type]
    points = embed_points(model, model.embedding("dense"))
    kept = _rows(points, np.r_[:SURFACE, SURFACE + len(face.iris.mean) : len(points.mean)])
    return replace(face, surface=AnchoredPoints(kept.mean, kept.basis, kept.identity, face.surface.centre))
