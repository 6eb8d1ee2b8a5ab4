"""CIE L*a*b* of linear sRGB under D65 (CIE 15:2004; the primaries are those of IEC 61966-2-1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Linear sRGB → XYZ. White is what (1, 1, 1) becomes, so that greys have no colour.
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = RGB_TO_XYZ.sum(1)
#: Rec. 709 luminance of linear RGB, as it is rounded there.
RGB_TO_Y = np.array([0.2126, 0.7152, 0.0722])
#: Where the cube root gives way to a line, and the line.
_KNEE, _SLOPE, _OFFSET = 6 / 29, 1 / (3 * (6 / 29) ** 2), 4 / 29


def lab_from_linear(linear: ArrayLike) -> NDArray[np.float64]:
    """L*a*b* (..., 3) of linear sRGB (..., 3) in 0..1; L* is 0..100."""
    share = np.asarray(linear, np.float64) @ RGB_TO_XYZ.T / _WHITE
    root = np.where(share > _KNEE**3, np.cbrt(np.maximum(share, 0)), _SLOPE * share + _OFFSET)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def linear_from_lab(lab: ArrayLike) -> NDArray[np.float64]:
    """Linear sRGB (..., 3) of L*a*b* (..., 3), not clipped: colours that no screen shows lie outside 0..1."""
    light, red, yellow = np.moveaxis(np.asarray(lab, np.float64), -1, 0)
    middle = (light + 16) / 116
    root = np.stack([middle + red / 500, middle, middle - yellow / 200], -1)
    share = np.where(root > _KNEE, root**3, (root - _OFFSET) / _SLOPE)
    return np.asarray((share * _WHITE) @ np.linalg.inv(RGB_TO_XYZ).T)
