"""How different two colours look: the Euclidean distance in CIE L*a*b* (CIE 1976 ΔE)."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array


def delta_e(one: Array, other: Array) -> Array:
    """Distances (...) of colours (..., 3) in L*a*b*."""
    return np.linalg.norm(np.asarray(one) - np.asarray(other), axis=-1)
