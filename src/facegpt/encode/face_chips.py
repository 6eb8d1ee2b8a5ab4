"""The upright squares of a photo that the recognition network looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.types import Array

#: Side of a chip, pixels; pixels beyond the square that reading between pixels needs.
CHIP_PX, BEYOND = 150, 3
# Where face-api puts the mean of eye centres and mouth in the chip, and the eye-mouth distance, as shares of its side.
_CHIP_X, _CHIP_Y, _CHIP_SCALE = 0.5, 0.43, 0.45


def chip_square(points68: Array) -> tuple[NDArray[np.float64], float, float]:
    """The upper left corner (2,), side and roll (radians) of the square that the network expects to see.

    Args:
        points68: ibug68 points (68, 2) in pixels, or in any other unit.
    """
    points = np.asarray(points68, np.float64)
    eyes = np.stack([points[36:42].mean(0), points[42:48].mean(0)])
    mouth = points[48:68].mean(0)
    roll = float(np.arctan2(*(eyes[1] - eyes[0])[::-1]))
    side = float(np.linalg.norm(eyes - mouth, axis=1).mean()) / _CHIP_SCALE
    along = np.array([np.cos(roll), np.sin(roll)]) * side
    down = np.array([-along[1], along[0]])
    return (eyes.sum(0) + mouth) / 3 - along * _CHIP_X - down * _CHIP_Y, side, roll


def face_chip(image: NDArray[np.uint8], points68: Array) -> NDArray[np.uint8]:
    """Cut the upright square (150, 150, 3) that the network expects, given ibug68 points (68, 2) in pixels."""
    corner, side, roll = chip_square(points68)
    along = np.array([np.cos(roll), np.sin(roll)]) * side / CHIP_PX
    down = np.array([-along[1], along[0]])
    shrink = max(1, int(side / CHIP_PX))  # PIL's affine transform does not antialias: reduce first
    x, y, part = _around(image, corner, along, down, shrink)
    source = Image.fromarray(part)
    if shrink > 1:
        source = source.reduce(shrink)
    matrix = np.array([along[0], down[0], corner[0] + 0.5 - x, along[1], down[1], corner[1] + 0.5 - y]) / shrink
    return np.asarray(
        source.transform((CHIP_PX, CHIP_PX), Image.Transform.AFFINE, tuple(matrix), Image.Resampling.BICUBIC)
    )


def _around(
    image: NDArray[np.uint8], corner: Array, along: Array, down: Array, shrink: int
) -> tuple[int, int, NDArray[np.uint8]]:
    """The part of an image that a chip is read from, and the column and row where it begins: whole reduced pixels."""
    ends = corner + CHIP_PX * np.array([along * 0, along, down, along + down])
    low = np.clip((np.floor(ends.min(0) / shrink).astype(int) - BEYOND) * shrink, 0, None)
    high = np.clip((np.ceil(ends.max(0) / shrink).astype(int) + BEYOND) * shrink, low + shrink, None)
    part = image[low[1] : high[1], low[0] : high[0]]
    return (int(low[0]), int(low[1]), np.ascontiguousarray(part)) if part.size else (0, 0, image)
