"""Hollows of a face are not much brighter than its open skin: what is, was given back too much light.

Brows, nose and lids shade the sockets of the eyes. How much no nine harmonics tell exactly, and the albedo of a dark
place is its colour over a small number: pale and orange spots beside brows and on lids, which every even light shows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Log units by which skin about the eyes may be brighter than the face's open skin (tighter bounds cost likeness), and
#: by which it must be darker for its hue to count as make-up in full.
BRIGHTER, MADE_UP_DARK = 0.5, 0.25
#: Fewest texels of open skin that tell its brightness, and the quantile of it that is meant.
FEWEST, OPEN = 40, 0.6


def open_brightness(total: Array, bare: Array) -> float | None:
    """How bright a face's open skin is, log units; None where too little of it is seen.

    total: (H, W, 3) log albedo. bare: (H, W) in 0..1, skin without eyes, brows, lips and beards.
    """
    sure = bare > 0.5
    if sure.sum() < FEWEST:
        return None
    return float(np.quantile(total[sure].mean(-1), OPEN))


def too_bright(total: Array, level: float | None, hollow: Array) -> NDArray[np.float32]:
    """What to add to log albedo (H, W, 3), 0 or less, so that hollows (H, W) in 0..1 are no brighter than `level`."""
    if level is None:
        return np.zeros_like(total, np.float32)
    excess = np.maximum(total.mean(-1) - level - BRIGHTER, 0)
    return (-gaussian_blur(excess * hollow, 0.7)[..., None] * np.ones(3)).astype(np.float32)


def make_up(total: Array, level: float | None) -> NDArray[np.float32]:
    """How far a hue about the eyes may be make-up (H, W), 0..1: that is darker than the skin around it."""
    if level is None:
        return np.zeros(total.shape[:2], np.float32)
    return np.clip((level - total.mean(-1)) / MADE_UP_DARK, 0, 1).astype(np.float32)
