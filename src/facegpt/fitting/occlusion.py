"""What lies in front of the face, by the dense network's coarse map of parts: hands, glasses, hair, a mask, a cup."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import KERNEL
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
    cells, out = np.array(dense.parts.shape[1::-1]) / dense.crop_px, np.full(len(pixels), outside, np.float64)
    to_cells = np.asarray(dense.crop, np.float64) * cells[:, None]
    to_cells[:, 2] += 0.5 * cells - 0.5  # the centre of the first at (0, 0)
    parts = np.ascontiguousarray(dense.parts, np.float32)
    _unhidden(parts, np.array(hiding), np.ascontiguousarray(pixels, np.float64), to_cells, out)
    return out


@njit(**KERNEL)
def _unhidden(parts, hiding, pixels, to_cells, out):  # type: ignore[no-untyped-def]
    """Write how likely none of `hiding` is at pixels (N, 2), between cells of parts (H, W, P), where it is known."""
    height, width = parts.shape[:2]
    for n in range(len(pixels)):
        x = to_cells[0, 0] * pixels[n, 0] + to_cells[0, 1] * pixels[n, 1] + to_cells[0, 2]
        y = to_cells[1, 0] * pixels[n, 0] + to_cells[1, 1] * pixels[n, 1] + to_cells[1, 2]
        if not (-0.5 < x < width - 0.5 and -0.5 < y < height - 0.5):
            continue
        x, y = min(max(x, 0.0), width - 1.001), min(max(y, 0.0), height - 1.001)
        column, row = int(x), int(y)
        right, down = x - column, y - row
        top, bottom = 0.0, 0.0
        for part in hiding:
            top += parts[row, column, part] * (1 - right) + parts[row, column + 1, part] * right
            bottom += parts[row + 1, column, part] * (1 - right) + parts[row + 1, column + 1, part] * right
        out[n] = 1 - min(max(top * (1 - down) + bottom * down, 0.0), 1.0)
