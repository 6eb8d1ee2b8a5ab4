"""A stored example with more relief: what another sculpture's folds would do to its light, to first order.

A new example takes half a second, this a thousandth: each step sees sculptures that no file holds.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

from facegpt.detail.explained_light import HOLLOW_TEXELS
from facegpt.detail.skin_window import Maps

#: What a hollow takes from the log of the light a mm; blur of light in the skin, texels; the least share of the light.
HOLLOW, SPREAD, LEAST = (0.3, 1.4), (0.0, 1.0), 0.25
#: Factors of an added relief.
DEEPER = (0.5, 2.0)


def shade(values: Maps, relief: Maps, rng: np.random.Generator) -> Maps:
    """By how much a relief (H, W) mm changes the fine differences of an example (H, W): tenths of a log unit.

    values: (STORED or more, H, W), an example's channels.
    """
    down, across = np.gradient(relief)
    hollow = rng.uniform(*HOLLOW) * (relief - uniform_filter(relief, HOLLOW_TEXELS))
    change = np.log(np.maximum(1 + values[5] * across + values[6] * down, LEAST)) + np.clip(hollow, -1, 0.3)
    pixels = 2.0 ** float(np.median(values[7]))  # a texel
    blur = np.hypot(rng.uniform(*SPREAD), 0.4 / max(pixels, 0.25))
    return np.asarray(10 * gaussian_filter(change, blur) * np.clip(values[4], 0, 1), np.float32)


def borrowed(other: Maps, rng: np.random.Generator) -> Maps:
    """The relief (H, W) mm of another stored example (STORED + 1, H, W), deeper or shallower, where that is seen."""
    return np.asarray(other[-1] * np.clip(other[4], 0, 1) * rng.uniform(*DEEPER), np.float32)
