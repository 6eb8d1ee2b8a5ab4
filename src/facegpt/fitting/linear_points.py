"""Landmarks as a linear function of the shape: what a fit to points knows of a head model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class ShapedPoints(Protocol):
    """Points of a head by its shape, and what its pose turns about."""

    @property
    def centre(self) -> Floats:
        """(3,) mm, head frame."""

    def __call__(self, theta: Floats) -> Floats:
        """Evaluate θ (I + E,): (L, 3) mm, head frame."""


@dataclass(frozen=True)
class LinearPoints:
    """Landmarks as a linear function of the shape θ = (identity, expression): mean + basis @ θ, head frame, mm.

    Attributes:
        mean: (L, 3). basis: (L, 3, I + E) float64, or float32 for speed. identity: I.
    """

    mean: Floats
    basis: Floats
    identity: int

    def __call__(self, theta: Floats) -> Floats:
        """Evaluate θ (I + E,): (L, 3) float64."""
        moved = self.basis.reshape(self.mean.size, len(theta)) @ theta.astype(self.basis.dtype)
        return self.mean + moved.reshape(self.mean.shape)

    @cached_property
    def centre(self) -> Floats:
        """(3,) the middle of the mean landmarks, about which poses are expressed."""
        return self.mean.mean(0)

    def some(self, rows: NDArray[np.intp]) -> AnchoredPoints:
        """Some of the landmarks, with the pose expressed about the middle of all."""
        return AnchoredPoints(self.mean[rows], self.basis[rows], self.identity, self.centre)


@dataclass(frozen=True)
class AnchoredPoints(LinearPoints):
    """Linear points whose pose is expressed about a given point instead of their own middle, as another set's is."""

    anchor: Floats

    @property
    def centre(self) -> Floats:
        """(3,) what the pose turns about."""
        return self.anchor
