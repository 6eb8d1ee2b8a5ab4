"""The points of the lids as the head draws them: a blink is as long as the person's eye is high.

A fit takes every point for a linear function of the shape. Lids are not: what units do depends on the person and on
each other. Where it matters how far an eye is open, these points are asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.linear_points import LinearPoints
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.correctives import Correctives
from facegpt.types import LandmarkEmbedding

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LidPoints:
    """Points that the shape θ = (identity, expression) moves linearly, and what correctives add.

    Attributes:
        linear: the L points without them. correctives: at these points, or None where a head model has none.
    """

    linear: LinearPoints
    correctives: Correctives | None = None

    def __call__(self, theta: Floats) -> Floats:
        """Evaluate θ (I + E,): (L, 3) mm, head frame."""
        points = self.linear(theta)
        if self.correctives is not None:
            self.correctives.add_to_one(points, *np.split(theta, [self.linear.identity]))
        return points

    def several(self, thetas: Floats) -> Floats:
        """Evaluate several θ (B, I + E) of one person at once: (B, L, 3) mm, head frame."""
        basis = self.linear.basis.reshape(self.linear.mean.size, -1)
        points = self.linear.mean + (thetas.astype(basis.dtype) @ basis.T).reshape(-1, *self.linear.mean.shape)
        if self.correctives is not None:
            identity, expressions = np.split(thetas, [self.linear.identity], axis=1)
            self.correctives.add_to_many(points, identity[0], expressions)
        return points

    @property
    def centre(self) -> Floats:
        """(3,) what the pose turns about."""
        return self.linear.centre


def lid_points(
    model: MorphableModel, surface: LinearPoints, embedding: LandmarkEmbedding, rows: NDArray[np.intp]
) -> LidPoints:
    """Some `rows` of a surface's points, which are those of an embedding, as the model draws them."""
    points = surface.some(rows)
    if not hasattr(model, "correctives"):
        return LidPoints(points)
    some = replace(embedding, corners=embedding.corners[rows], weights=embedding.weights[rows])
    return LidPoints(points, model.correctives.at(some))
