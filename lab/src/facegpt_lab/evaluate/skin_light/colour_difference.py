"""How different two colours look: CIE L*a*b* under D65, and the Euclidean distance in it (CIE 1976 ΔE)."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array

#: Linear sRGB → XYZ, relative to the white of D65 (IEC 61966-2-1).
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _XYZ.sum(1)


def lab_of_linear(rgb: Array) -> Array:
    """L*a*b* (..., 3) of linear sRGB (..., 3)."""
    share = np.asarray(rgb, np.float64) @ _XYZ.T / _WHITE
    cube = np.where(share > (6 / 29) ** 3, np.cbrt(np.maximum(share, 0)), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(cube, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def delta_e(one: Array, other: Array) -> Array:
    """Distances (...) of colours (..., 3) in L*a*b*."""
    return np.linalg.norm(np.asarray(one) - np.asarray(other), axis=-1)
