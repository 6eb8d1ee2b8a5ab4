"""The residuals of all places and their normal equations, block by block: most unknowns move one photo's rows only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """The residuals (N, 2 J) of all places, and what each unknown does to them, before whitening.

    Attributes:
        error: (N, 2 J). by_identity: (N, 2 J, I). by_photo: (J, N, 2, 7 + E), of each photo's own rows; other photos'
            unknowns don't move them. weight: (N, 2 J, 2 J) inverse covariance of matching errors and the place's own
            offset together. to_off: (N, 3, 2 J), what residuals say of that offset, mm.
    """

    error: Floats
    by_identity: Floats
    by_photo: Floats
    weight: Floats
    to_off: Floats

    def after(self, step: Floats) -> Floats:
        """The residuals (N, 2 J) after a step, to first order."""
        count = self.by_identity.shape[2]
        own = step[count:].reshape(len(self.by_photo), -1)
        moved = np.einsum("jnpu,ju->njp", self.by_photo, own).reshape(self.error.shape)
        return self.error + self.by_identity @ step[:count] + moved

    def normal(self) -> tuple[Floats, Floats]:
        """Hessian and gradient of half the sum of squares, block by block."""
        count, photos, size = self.by_identity.shape[2], len(self.by_photo), self.by_photo.shape[3]
        hessian, gradient = np.zeros((count + photos * size,) * 2), np.zeros(count + photos * size)
        weighed = self.weight @ self.by_identity
        pull = np.einsum("nab,nb->na", self.weight, self.error)
        hessian[:count, :count] = np.tensordot(self.by_identity, weighed, ((0, 1), (0, 1)))
        gradient[:count] = np.tensordot(pull, self.by_identity, 2)
        for j in range(photos):
            at, rows = slice(count + j * size, count + (j + 1) * size), slice(2 * j, 2 * j + 2)
            own = self.by_photo[j]
            gradient[at] = np.tensordot(pull[:, rows], own, 2)
            hessian[at, :count] = np.tensordot(own, weighed[:, rows], ((0, 1), (0, 1)))
            hessian[:count, at] = hessian[at, :count].T
            for k in range(j + 1):
                there = slice(count + k * size, count + (k + 1) * size)
                across = self.weight[:, rows, 2 * k : 2 * k + 2] @ self.by_photo[k]
                hessian[at, there] = np.tensordot(own, across, ((0, 1), (0, 1)))
                hessian[there, at] = hessian[at, there].T
        return hessian, gradient
