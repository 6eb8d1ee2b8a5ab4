"""How a stored frame is turned and mirrored to be shown: the display matrix of MP4 and QuickTime files.

Phones store frames as the sensor reads them and say by a matrix how to show them. Front cameras mirror, some editors
flip or transpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Orientation:
    """The eight ways to lay a frame on a screen, carried out in this order.

    Attributes:
        transposed: rows become columns. left_right, top_bottom: then mirrored so.
    """

    transposed: bool = False
    left_right: bool = False
    top_bottom: bool = False

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The frame (H, W, …) as it is shown, contiguous."""
        if self.transposed:
            pixels = pixels.swapaxes(0, 1)
        return np.ascontiguousarray(pixels[:: -1 if self.top_bottom else 1, :: -1 if self.left_right else 1])

    @property
    def mirrored(self) -> bool:
        """Whether left and right change places, other than by a turn."""
        return (self.transposed + self.left_right + self.top_bottom) % 2 == 1

    @property
    def turn_deg(self) -> int:
        """How far the frame is turned counter-clockwise (0, 90, 180, 270), after it was mirrored left to right."""
        if self.transposed:
            return 270 if self.left_right else 90
        return 180 if self.top_bottom else 0


def orientation_of(frame: Any) -> Orientation:
    """How a decoded frame (of PyAV) is shown; as it is stored where it carries no matrix."""
    for data in frame.side_data:
        if data.type.name == "DISPLAYMATRIX":
            return from_matrix(np.frombuffer(bytes(data)[:36], "=i4").reshape(3, 3))
    return Orientation()


def from_matrix(matrix: ArrayLike) -> Orientation:
    """The orientation nearest to a display matrix (3, 3).

    A stored point (x right, y down) is shown at (x, y, 1) @ matrix (ISO/IEC 14496-12, 6.2.2). Places are left out,
    and turns by other angles become the nearest quarter.
    """
    (a, b), (c, d) = np.asarray(matrix, np.float64)[:2, :2]
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(False, bool(a < 0), bool(d < 0))
    return Orientation(True, bool(c < 0), bool(b < 0))
