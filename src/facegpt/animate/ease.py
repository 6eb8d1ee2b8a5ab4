"""How movements begin and end: the smoothest way from one place to another (minimum jerk, Flash and Hogan 1985)."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array


def eased(share: Array) -> Array:
    """0..1 of the way at a share of the time: 0 before the movement, 1 after it, at rest at both ends."""
    x = np.clip(np.asarray(share, np.float64), 0.0, 1.0)
    return x**3 * (10 - 15 * x + 6 * x**2)


def moved(values: Array, time_s: Array, begin_s: float, lasts_s: float, goal: Array) -> Array:
    """Values (T, N) that from `begin_s` on go to a goal (N,), from wherever they are then, and stay there."""
    k = int(np.searchsorted(time_s, begin_s - 1e-9))
    if k >= len(values):
        return values
    out = values.copy()
    share = eased((time_s[k:] - begin_s) / max(lasts_s, 1e-3))[:, None]
    out[k:] = values[k:] + (np.asarray(goal) - values[k:]) * share
    return out
