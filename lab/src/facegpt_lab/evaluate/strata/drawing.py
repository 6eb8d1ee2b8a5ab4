"""A photo as somebody would draw it: with a pencil, or in flat colours with an outline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, median_filter

from facegpt.types import Array


def drawn(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a picture (H, W, 3) uint8 sRGB anew by its lines; colours, where there are any, are flat."""
    photo = image / 255.0
    calm = np.stack([median_filter(photo[..., k], 5) for k in range(3)], -1)
    line = _lines(calm.mean(-1), sharp=rng.uniform(8, 20))
    if rng.random() < 0.5:
        paper, lead = rng.uniform(0.88, 1.0), rng.uniform(0.05, 0.3)
        tone = _flat(calm.mean(-1), 3)[..., None] ** 0.4  # a pencil shades little
        out = lead + (paper - lead) * np.repeat(np.minimum(line[..., None], 0.55 + 0.45 * tone), 3, 2)
    else:
        grey = calm.mean(-1)
        flat = _flat(grey, int(rng.integers(4, 7))) / np.maximum(gaussian_filter(grey, 1.2), 0.02)
        out = gaussian_filter(calm, (4.0, 4.0, 0.0)) * (flat * line)[..., None]
    return (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)


def _lines(grey: Array, sharp: float) -> Array:
    """Lines where it is darker than around: 0 on them, 1 elsewhere; XDoG of Winnemöller et al. 2012, sec. 2.3."""
    near, far = gaussian_filter(grey, 0.9), gaussian_filter(grey, 1.5)
    change = 100 * (near - far)
    return np.where(change > -1.0, 1.0, 1.0 + np.tanh(sharp / 10 * (change + 1.0)))


def _flat(values: Array, levels: int) -> Array:
    """Values 0..1 rounded to so many levels, seen a little out of focus first."""
    return np.clip(np.round(gaussian_filter(values, 1.2) * levels), 0, levels) / levels
