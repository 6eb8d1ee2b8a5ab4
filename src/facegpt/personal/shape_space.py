"""What a personal head may be: the people of the default head, and smooth deviations of one person from all of them.

The deviation is a Gaussian process over the mean head (Lüthi et al. 2017): a smooth field of displacements, large where
a clip shows skin and fading to zero where it shows none. It stands on anchors spread over the face, so that a few
hundred whitened coefficients hold it, N(0, 1) each, as the identity's do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.dense import IRISES
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array, LandmarkEmbedding

Floats = NDArray[np.float64]

#: Anchors of the field, and by how much nearer than this (mm) they never lie to each other.
ANCHORS = 200
#: The field: SD in mm and length in mm over which it changes, one pair a scale.
SCALES = ((0.7, 28.0), (0.35, 12.0))
#: Skin is seen up to this far from the tip of the nose, mm; the field has faded to zero at the second.
FULL_MM, NONE_MM = 85.0, 125.0
#: Parts that keep their shape and move as a whole.
RIGID = ("left_eye", "right_eye", "upper_teeth", "lower_teeth", "tongue")


@dataclass(frozen=True)
class ShapeSpace:
    """Linear coordinates of a person's neutral shape: identity (I,) of the default head, then the field's (3 K,).

    Attributes:
        model: the default head. field: (V, K) mm; coefficient 3 k + c moves vertices along axis c.
    """

    model: MakeHumanHead
    field: NDArray[np.float32]

    @property
    def identity(self) -> int:
        """I."""
        return self.model.sizes.identity

    @property
    def size(self) -> int:
        """I + 3 K."""
        return self.identity + 3 * self.field.shape[1]

    @cached_property
    def dense(self) -> LandmarkEmbedding:
        """The embedding "dense" without the irises, as the fit takes it."""
        whole = self.model.embedding("dense")
        kept = np.r_[:SURFACE, SURFACE + IRISES : len(whole.corners)]
        return LandmarkEmbedding("dense", whole.corners[kept], whole.weights[kept])

    def offset(self, shape: Floats) -> Floats:
        """The field's displacement (V, 3) mm of a whole shape vector (I + 3 K,)."""
        return self.field.astype(np.float64) @ shape[self.identity :].reshape(-1, 3)

    def neutral(self, shape: Floats) -> Floats:
        """Vertices (V, 3) mm of a shape."""
        model, z = self.model, shape[: self.identity]
        return model.mean_vertices + np.tensordot(z, model.identity_basis, 1) + self.offset(shape)

    def at(self, embedding: LandmarkEmbedding) -> NDArray[np.float32]:
        """How embedded points move with the shape: (L, 3, I + 3 K) mm."""
        corners, weights = embedding.corners, embedding.weights.astype(np.float32)
        z = np.einsum("ilcx,lc->lxi", self.model.identity_basis[:, corners], weights)
        field = np.einsum("lck,lc->lk", self.field[corners], weights)
        return np.concatenate([z, _by_axis(field)], 2)

    def at_vertices(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """How vertices (N,) move with the shape: (N, 3, I + 3 K) mm."""
        z = self.model.identity_basis[:, rows].transpose(1, 2, 0)
        return np.concatenate([z, _by_axis(self.field[rows])], 2)


def _by_axis(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, K) scalar fields as displacements (N, 3, 3 K), each axis by its own coefficients."""
    count, modes = field.shape
    out = np.zeros((count, 3, modes, 3), np.float32)
    for axis in range(3):
        out[:, axis, :, axis] = field
    return out.reshape(count, 3, 3 * modes)


@lru_cache(maxsize=2)
def shape_space(model: MakeHumanHead) -> ShapeSpace:
    """The space of a head model; the same object each time for the same model."""
    places = _places(model)
    window = _window(model, places)
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    seen = skin[window[skin] > 0.05]
    anchors = places[spread(places, seen, ANCHORS)]
    between = _kernel(anchors, anchors) + 1e-4 * np.eye(len(anchors))
    root = np.linalg.cholesky(between)
    field = np.linalg.solve(root, _kernel(anchors, places)).T  # K(V, A) L⁻ᵀ
    return ShapeSpace(model, (window[:, None] * field).astype(np.float32))


def _places(model: MakeHumanHead) -> Floats:
    """Where the field is read for each vertex: its own place, for rigid parts their middle."""
    places = np.asarray(model.mean_vertices, np.float64).copy()
    for name in RIGID:
        rows = np.unique(model.triangles[model.part == model.part_names.index(name)])
        places[rows] = places[rows].mean(0)
    return places


def _window(model: MakeHumanHead, places: Floats) -> Floats:
    """(V,) 1 on the face, 0 on the back of the head, scalp and neck."""
    tip = model.embedding("ibug68")(model.mean_vertices)[30]
    away = np.linalg.norm(places - tip, axis=1)
    share = np.clip((NONE_MM - away) / (NONE_MM - FULL_MM), 0, 1)
    return share**2 * (3 - 2 * share)


def _kernel(one: Floats, other: Floats) -> Floats:
    squared = ((one[:, None] - other[None]) ** 2).sum(-1)
    return sum(sd**2 * np.exp(-0.5 * squared / length**2) for sd, length in SCALES)


def spread(places: Floats, rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Rows that are far from each other: farthest-point sampling, from the first row on."""
    chosen = [int(rows[0])]
    gaps = np.full(len(rows), np.inf)
    for _ in range(min(count, len(rows)) - 1):
        gaps = np.minimum(gaps, np.linalg.norm(places[rows] - places[chosen[-1]], axis=1))
        chosen.append(int(rows[gaps.argmax()]))
    return np.array(chosen)


def shape_of(space: ShapeSpace, identity: Array) -> Floats:
    """The shape vector of a person of the default head."""
    return np.concatenate([np.asarray(identity, np.float64), np.zeros(space.size - space.identity)])
