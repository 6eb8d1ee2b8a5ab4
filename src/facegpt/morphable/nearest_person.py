"""The person of one head model who is nearest to another model's: the first step of `convert`, and of lent attributes.

The default head's skin is bent onto each model (transfer/carried.py), which gives the same places on both; the identity
is the least-squares one with its prior N(0, I). Distances along the surface count less than those across it: two models
never agree on where on the skin a place is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.metrics import similarity_transform, within_radius
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.head_file import HeadFile
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.transfer.carried import Carried, default_head
from facegpt.types import Array, LandmarkEmbedding

Floats = NDArray[np.float64]

#: Rounds, and SDs in mm of a place across the surface and along it, beside a unit prior of identity.
_ROUNDS, _ACROSS_MM, _ALONG_MM = 8, 1.0, 3.0
#: The face, about the tip of the nose, mm; places further off count this much.
_FACE_MM, _REST_COUNTS = 95.0, 0.2


@dataclass(frozen=True)
class Places:
    """The default head's skin on a model: the same K places on each.

    Attributes:
        embedding: where they lie. believed: (K,) whether the model has them. face: (K,) 1 on the face, less elsewhere.
    """

    embedding: LandmarkEmbedding
    believed: NDArray[np.bool_]
    face: Floats


def nearest_identity(identity: Array, source: MorphableModel, target: MorphableModel) -> NDArray[np.float32]:
    """Identity (I,) of `target` whose neutral head is nearest to that of an identity of `source`."""
    here, there = places(source), places(target)  # type: ignore[arg-type]
    weight = np.where(here.believed & there.believed, here.face, 0.0)
    neutral = source.mean_vertices + np.tensordot(np.asarray(identity, np.float32), source.identity_basis, 1)
    return place_identity(here.embedding(neutral).astype(np.float64), target, there.embedding, weight)[0]


@lru_cache(maxsize=8)
def places(model: MorphableModel) -> Places:
    """The default head's skin vertices on a model, the same for each call with the same model."""
    own = default_head()
    skin = np.unique(own.triangles[own.part == own.part_names.index("skin")])
    tip = own.embedding("ibug68")(own.mean_vertices)[30]
    face = np.where(within_radius(own.mean_vertices[skin], tip, _FACE_MM), 1.0, _REST_COUNTS)
    if isinstance(model, MakeHumanHead):
        weights = np.tile(np.array([1.0, 0.0, 0.0], np.float32), (len(skin), 1))
        return Places(LandmarkEmbedding("skin", np.stack([skin] * 3, 1), weights), np.ones(len(skin), bool), face)
    carried = getattr(model, "carried", None)  # heads read from files were bent once already
    if not isinstance(carried, Carried):
        carried = Carried.onto(_as_file(model))
    embedding, gap = carried.skin_places(skin)
    return Places(embedding, gap < 2.0, face)


def _as_file(model: MorphableModel) -> HeadFile:
    """A head model of another package, as far as bending needs it."""
    return HeadFile(
        model_id=model.model_id,
        vertices=model.mean_vertices,
        identity=model.identity_basis,
        triangles=model.triangles,
        part=model.part,
        part_names=tuple(model.part_names),
    )


def place_identity(neutral: Floats, target: MorphableModel, embedding: LandmarkEmbedding, weight: Floats) -> tuple:
    """Identity (I,) of the target nearest to places (K, 3), and the rigid motion that takes these to its frame."""
    mean = embedding(np.asarray(target.mean_vertices, np.float64))
    basis = embedding(np.asarray(target.identity_basis, np.float64))  # (I, K, 3)
    skin = target.triangles[target.part == target.part_names.index("skin")]
    identity: Array = np.zeros(len(basis))
    motion = (1.0, np.eye(3), np.zeros(3))
    for _ in range(_ROUNDS):
        now = mean + np.tensordot(identity, basis, 1)
        motion = similarity_transform(neutral, now, weight, scale=False)
        vertices = np.asarray(target.mean_vertices) + np.tensordot(identity, target.identity_basis, 1)
        normal = embedding(vertex_normals(vertices, skin)).astype(np.float64)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        missing = neutral @ motion[1].T + motion[2] - mean
        hessian, gradient = np.eye(len(basis)), np.zeros(len(basis))
        across = np.einsum("ikx,kx->ik", basis, normal)
        for rows, goal, precision in (
            (across, (missing * normal).sum(1), 1 / _ACROSS_MM**2 - 1 / _ALONG_MM**2),
            (basis.reshape(len(basis), -1), missing.ravel(), 1 / _ALONG_MM**2),
        ):
            heavy = rows * np.repeat(weight, rows.shape[1] // len(weight)) * precision
            hessian += heavy @ rows.T
            gradient += heavy @ goal
        identity = np.linalg.solve(hessian, gradient).astype(np.float64).ravel()
    return identity.astype(np.float32), motion
