"""Mixes of MakeHuman's three ancestry macros, to identity and back.

They steer heads from words only: nothing in this package reads them from a photo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceGPTError

#: The macros, as MakeHuman calls them; an equal mix is the average head.
ANCESTRIES = ("african", "asian", "caucasian")


@dataclass(frozen=True)
class AncestryMix:
    """Attributes: steps (3, I), from the average head to each macro's; nearly one plane, for they add up to nothing."""

    steps: Array

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray]) -> AncestryMix:
        """Read the steps from the head's data file."""
        return AncestryMix(arrays["ancestry"].astype(np.float64))

    def identity(self, shares: Mapping[str, float], start: Array | None = None) -> Array:
        """The identity (I,) of a mix, its shares scaled to add up to 1; with `start`, the nearest one to it.

        Raises:
            FaceGPTError: for an unknown name, a negative share, or shares that are all zero.
        """
        unknown = sorted(set(shares) - set(ANCESTRIES))
        if unknown:
            raise FaceGPTError(f"unknown macro '{unknown[0]}'; there are: {', '.join(ANCESTRIES)}")
        wanted = np.array([shares.get(name, 0.0) for name in ANCESTRIES])
        if wanted.min() < 0 or wanted.sum() <= 0:
            raise FaceGPTError("shares of a mix must not be negative, and one of them must be above zero")
        target = (wanted / wanted.sum()) @ self.steps
        if start is None:
            return target
        origin = np.asarray(start, np.float64)
        plane = np.linalg.svd(self.steps, full_matrices=False)[2][:2]
        return origin + (plane @ (target - origin)) @ plane

    def shares(self, identity: Array) -> dict[str, float]:
        """The mix, 0..1 each and adding up to 1, that lies nearest to an identity (I,)."""
        z = np.asarray(identity, np.float64)
        best = min(self._candidates(z), key=lambda mix: float(np.sum((mix @ self.steps - z) ** 2)))
        return {name: float(share) for name, share in zip(ANCESTRIES, best, strict=True)}

    def _candidates(self, z: Array) -> list[Array]:
        """The nearest point of the triangle's plane, if inside; of its sides; and its corners."""
        corners = np.eye(3)
        found: list[Array] = list(corners)
        for k in range(3):
            a, b = corners[k], corners[(k + 1) % 3]
            side = (b - a) @ self.steps
            along = float((z - a @ self.steps) @ side) / float(side @ side)
            found.append(a + min(max(along, 0.0), 1.0) * (b - a))
        edges = self.steps[:2] - self.steps[2]
        inner = np.linalg.lstsq(edges.T, z - self.steps[2], rcond=None)[0]
        if inner.min() >= 0 and inner.sum() <= 1:
            found.append(np.array([*inner, 1 - inner.sum()]))
        return found
