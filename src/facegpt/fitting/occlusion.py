"""What lies in front of the face, by the dense network's coarse map of parts: hands, glasses, hair, a mask, a cup."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, DensePoints

Floats = NDArray[np.float64]

#: Parts of `DensePoints.parts` that hide the face. Beards and brows are skin there, as in the albedo model.
HAIR, OCCLUDER = 3, 6
#: What lies around the head.
BACKGROUND = 0


def unhidden(
    dense: DensePoints, pixels: Array, hiding: tuple[int, ...] = (HAIR, OCCLUDER), outside: float = 1.0
) -> Floats:
    """How likely none of the parts `hiding` is at pixels (N, 2) of the photo: (N,) in 0..1, `outside` the crop."""
    hidden = dense.parts[..., list(hiding)].sum(-1)
    height, width = hidden.shape
    crop = np.asarray(dense.crop, np.float64)
    at = np.asarray(pixels, np.float64) @ crop[:, :2].T + crop[:, 2]
    at = (at + 0.5) * np.array([width, height]) / dense.crop_px - 0.5  # cells, the centre of the first at (0, 0)
    inside = (at > -0.5).all(1) & (at[:, 0] < width - 0.5) & (at[:, 1] < height - 0.5)
    at = np.clip(at, 0, [width - 1.001, height - 1.001])
    column, row = at.astype(int).T
    right, down = (at - np.floor(at)).T
    top = hidden[row, column] * (1 - right) + hidden[row, column + 1] * right
    bottom = hidden[row + 1, column] * (1 - right) + hidden[row + 1, column + 1] * right
    return np.where(inside, 1 - np.clip(top * (1 - down) + bottom * down, 0, 1), outside)
