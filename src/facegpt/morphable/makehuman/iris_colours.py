"""What the hue of irises means in colours: brown, hazel, green, blue-green, blue, pale grey.

Real irises lie on a curve: more melanin makes them brown, less lets the stroma's scattered light through, first green
beside the remaining pigment, then blue (Sturm and Larsson 2009). A straight line in log colour passes from brown to a
brownish grey, so the albedo model bends its coefficient `iris_hue` above 0 by what this file says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

#: Log units of red, green and blue for one SD of the hue below 0, where it is a straight line
#: (lab/runs/albedo/build.py).
LINE = np.array([-0.25, 0.22, 0.75])
#: Hues from 0 on, and the irises' linear RGB there at average brightness.
HUES = np.array([0.0, 0.25, 0.5, 0.8, 1.1, 1.5, 2.5])
COLOURS = np.array(
    [
        (0.0685, 0.0347, 0.0171),  # brown
        (0.0850, 0.0620, 0.0240),  # hazel
        (0.0780, 0.0900, 0.0430),  # green
        (0.0750, 0.1080, 0.0980),  # blue-green
        (0.0700, 0.1180, 0.1850),  # blue
        (0.0900, 0.1500, 0.2400),  # light blue
        (0.1700, 0.2000, 0.2200),  # pale grey
    ]
)


def _steps() -> NDArray[np.float64]:
    """How much the slope of the bend grows at each hue: (K, 3); beyond the last the colour stays."""
    bend = np.log(COLOURS / COLOURS[0]) - HUES[:, None] * LINE
    slopes = np.vstack([np.diff(bend, axis=0) / np.diff(HUES)[:, None], -LINE])
    return np.diff(slopes, axis=0, prepend=0)


#: The bend is Σ_k max(hue - HUES[k], 0) · STEPS[k]: a form that tensors share.
STEPS = _steps()


def iris_bend(hue: Array | float) -> Array:
    """What hues (...) add to the straight line, log units of red, green and blue: (..., 3)."""
    return np.asarray(np.maximum(np.asarray(hue)[..., None] - HUES, 0) @ STEPS)


def iris_plane(hue_basis: Array) -> Array:
    """How much of an iris each texel is, (...) about 0..1, from the hue's basis there (..., 3)."""
    return np.asarray(hue_basis) @ LINE / (LINE @ LINE)
