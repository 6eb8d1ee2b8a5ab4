"""The skin that glasses touch, sampled so finely that the distance to it can be told quickly. Head frame, mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.morphable.base import MorphableModel
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array

#: Parts of the head that glasses come near to, as boxes about the mean head: lowest and highest corner.
_BOXES = (((-85.0, -25.0, 15.0), (85.0, 55.0, 130.0)), ((-95.0, -45.0, -75.0), (95.0, 45.0, 20.0)))
#: Points on each side of a triangle; triangles there are some 4 mm wide.
_STEPS = 4


class NearSkin:
    """A person's skin around eyes, nose and ears.

    Attributes:
        points, normals: (N, 3), all over that skin, about 1 mm apart.
    """

    def __init__(self, model: MorphableModel, vertices: Array) -> None:
        """Sample the skin of a head whose vertices (V, 3) are given."""
        skin = model.triangles[model.part == model.part_names.index("skin")]
        normals = vertex_normals(vertices, skin)
        triangles = skin[_near(model.mean_vertices, skin)]
        steps = range(_STEPS + 1)
        weights = np.array([(i, j, _STEPS - i - j) for i in steps for j in steps if i + j <= _STEPS]) / _STEPS
        self.points: Array = np.einsum("wk,fkx->fwx", weights, vertices[triangles]).reshape(-1, 3)
        turned = np.einsum("wk,fkx->fwx", weights, normals[triangles]).reshape(-1, 3)
        self.normals: Array = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
        self._tree = cKDTree(self.points)

    def distance(self, points: Array) -> Array:
        """Signed distance (N,) of points (N, 3), negative inside the head."""
        return self.look(points)[0]

    def look(self, points: Array) -> tuple[Array, Array]:
        """Signed distance (N,), and the normal (N, 3) of the skin nearest to each point."""
        away, row = self._tree.query(points)
        normal = self.normals[row]
        height = ((points - self.points[row]) * normal).sum(1)
        return np.where(away < 2.0, height, np.copysign(away, height)), normal


def _near(mean: Array, triangles: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which triangles (F,) lie in one of _BOXES on the mean head."""
    middle = np.asarray(mean)[triangles].mean(1)
    return np.any([((middle > low) & (middle < high)).all(1) for low, high in _BOXES], axis=0)
