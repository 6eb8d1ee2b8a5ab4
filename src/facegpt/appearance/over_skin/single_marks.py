"""Moles and spots of one half of a face, which its mirror image must not show on the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from facegpt.render import channels
from facegpt.render.texel_grids import blur
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Width of a mark, texels of the analysis grid; how strong one is at least, log units, and how many times the usual.
WIDTH, LEAST, TIMES_USUAL = 1.5, 0.012, 4.0
#: How far a mark reaches, and from how far it is filled, texels of the analysis grid.
REACH, FILL = 5, 3.0


def single_marks(detail: Array, weight: Array, bare: Array) -> NDArray[np.float32]:
    """Where a face has marks of its own (H, W), 0..1: spots that differ from the skin on all sides.

    The larger and the smaller curvature of a spot's brightness have one sign and are both large; folds and lines curve
    across alone.

    Args: detail: (H, W, 3) log units. weight: (H, W) how well it is seen. bare: (H, W) in 0..1, bare skin.
    """
    smooth = gaussian_blur(channels.mean(detail), WIDTH, truncate=3)
    down, across = np.gradient(smooth)
    (yy, yx), xx = np.gradient(down), np.gradient(across, axis=1)
    middle, apart = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + yx**2)
    strength = WIDTH**2 * np.maximum(np.abs(middle) - apart, 0) * bare * (weight > 0.3)
    seen = strength > 0
    if not seen.any():
        return np.zeros_like(weight)
    least = max(LEAST, TIMES_USUAL * float(np.median(strength[seen])))
    found = maximum_filter(np.clip(strength / least - 1, 0, 1), REACH)
    return np.asarray(gaussian_blur(found.astype(np.float32), 0.7))


def without_marks(detail: Array, weight: Array, marks: Array) -> NDArray[np.float32]:
    """Detail (H, W, 3) whose marks (H, W), 0..1, are filled with what lies around them."""
    around = blur(detail, weight * (1 - marks), FILL)
    return np.asarray(detail + marks[..., None] * (around - detail), np.float32)
