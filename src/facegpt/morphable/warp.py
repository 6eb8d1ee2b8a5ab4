"""A smooth warp of space that takes one set of points to another: what carries hair from one head to the next."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array, ShapeError


class Warp:
    """The smoothest displacement of space through given ones: biharmonic splines, linear far away.

    displacement(x) = Σ_i c_i |x - a_i| + b·(x, 1), the thin-plate spline of three dimensions (Duchon 1977; Bookstein
    1989). The anchors stay, so that the system is factored once and each further target costs one product.
    """

    def __init__(self, anchors: Array, stiffness_mm: float = 0.0) -> None:
        """Prepare anchors (N, 3) mm; `stiffness_mm` above 0 lets them miss their targets for a smoother warp."""
        self.anchors = np.asarray(anchors, np.float64)
        count = len(self.anchors)
        if self.anchors.shape != (count, 3) or count < 4:
            raise ShapeError(f"a warp needs anchors (N, 3), at least 4; got {self.anchors.shape}")
        system = np.zeros((count + 4, count + 4))
        # |r| is conditionally negative definite, so smoothing subtracts from the diagonal.
        system[:count, :count] = _distances(self.anchors, self.anchors) - stiffness_mm * np.eye(count)
        system[:count, count : count + 3] = self.anchors
        system[:count, -1] = 1.0
        system[count:, :count] = system[:count, count:].T
        self._inverse = np.linalg.inv(system)[:, :count]

    def operator(self, points: Array) -> Array:
        """The matrix (P, N) that turns displacements of the anchors (N, 3) into those of points (P, 3)."""
        points = np.asarray(points, np.float64)
        rows = np.concatenate([_distances(points, self.anchors), points, np.ones((len(points), 1))], 1)
        return (rows @ self._inverse).astype(np.float32)


def _distances(first: Array, second: Array) -> Array:
    """(P, 3), (N, 3) → (P, N)."""
    square = (first**2).sum(1)[:, None] + (second**2).sum(1)[None] - 2 * first @ second.T
    return np.sqrt(np.maximum(square, 0.0))
