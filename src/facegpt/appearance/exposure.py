"""What a photo's sensor could not hold: channels at their limit tell only that the light was at least so strong.

And near black, noise and rounding make hues that nothing has.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.render import channels
from facegpt.types import Array

#: Linear values between which a channel stops to tell anything (sRGB levels 232 and 251).
LIMIT = (0.80, 0.965)
#: How much the skin's statistics count beside one channel that is within its limits.
STATISTICS = 0.15

#: Linear value at which half of a hue is noise (sRGB level 13).
BLACK = 0.004


def clipped_share(colour: Array) -> NDArray[np.float32]:
    """How far each channel (..., 3) of linear RGB is at its limit, 0..1."""
    at = np.clip((np.asarray(colour) - LIMIT[0]) / (LIMIT[1] - LIMIT[0]), 0, 1)
    return (at * at * (3 - 2 * at)).astype(np.float32)


def declipped(colour: Array, residual: Array) -> NDArray[np.float32]:
    """What to add to residuals (H, W, 3), log units above the fitted skin, where the photo's colour was clipped.

    A clipped channel was at least as bright as it looks, and most likely as far above the fitted skin as the channels
    that are whole; where none is, the skin has the hue of the statistics. colour: (H, W, 3) linear RGB of the photo.
    """
    out, clipped = np.zeros(residual.shape, np.float32), channels.largest(np.asarray(colour)) > LIMIT[0]
    residual, share = residual[clipped], clipped_share(colour[clipped])  # few are
    whole = 1 - share
    brightest = np.maximum(channels.largest(residual, keepdims=True), 0)
    told = channels.total(whole * residual, keepdims=True) + STATISTICS * brightest
    told = told / (channels.total(whole, keepdims=True) + STATISTICS)
    out[clipped] = share * np.maximum(told - residual, 0)
    return out


def dehued(colour: Array, residual: Array) -> NDArray[np.float32]:
    """What to add to residuals (H, W, 3), log units, so that what is nearly black has the hue of the fitted skin.

    colour: (H, W, 3) linear RGB of the photo.
    """
    noise = BLACK / (channels.mean(np.asarray(colour), keepdims=True) + BLACK)
    hue = residual - channels.mean(residual, keepdims=True)
    return (-noise * hue).astype(np.float32)
