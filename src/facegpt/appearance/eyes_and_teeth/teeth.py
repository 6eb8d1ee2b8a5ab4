"""The colour of the teeth, from what a photo shows of them between parted lips.

Teeth lie in a hollow, are wet, and a fitted jaw is a millimetre beside the photo's: some of what the head takes for
teeth is lip, gum or the dark behind them. So the palest of it is read, and the head model's teeth are changed by no
more than teeth differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.light import shading
from facegpt.appearance.prior import TexturePrior
from facegpt.appearance.unwrap import Unwrapped
from facegpt.types import Array

#: Green albedo of the model's teeth up to which they are gum, and from which enamel.
ENAMEL = (0.25, 0.45)
#: Least visibility of a texel of enamel that is read, and the least share of all enamel that tells anything.
SEEN, FEWEST = 0.3, 0.04
#: Quantile of the texels that is read: lips, gums and the dark are below it, glints of the wet above.
PALE = 0.6
#: Share of all enamel that a photo shows, and the light that pictures take from enamel between lips so far apart
#: (render/portrait.py), log units: it is added to what was read, so that it is taken once. A wide smile loses little.
OPENING, IN_HOLLOW = (0.05, 0.11), (0.8, 0.08)
#: The most that is read: paler teeth lie in light that the skin doesn't tell of. The least and the most by which teeth
#: may be brighter than the model's in the light that they get. Log units.
PALEST, BRIGHTNESS = -0.12, (-0.5, 0.3)
#: Share of their hue beside the model's that is kept, for lips run into them; least and most by channel, log units.
HUE_KEPT, HUE = 0.5, ((0.0, -0.03, -0.2), (0.15, 0.04, 0.0))
_LEAST = 2e-3


def teeth_change(seen: Unwrapped, lighting: Array, prior: TexturePrior, grey: bool = False) -> NDArray[np.float32]:
    """What a photo's teeth add to the log of the model's (H, W, 3); 0 beside them, and all over for closed lips.

    Args:
        seen: the photo on the grid of `prior`.
        lighting: (9, 3) what lights the skin.
        prior: of the head model.
        grey: whether the photo has no colour, which then tells brightness only.
    """
    enamel = enamel_of(prior)
    shown = (seen.weight > SEEN) & (enamel > 0.5)
    opening = shown.sum() / max((enamel > 0.5).sum(), 1)
    if opening < FEWEST or not shown.any():
        return np.zeros(prior.mean_log.shape, np.float32)
    lit = seen.colour[shown] / np.maximum(shading(seen.normal[shown], lighting), 1e-3)
    told = np.quantile(np.log(np.maximum(lit, _LEAST)), PALE, axis=0)
    change = told - np.quantile(prior.mean_log[shown], PALE, axis=0)
    brightness = np.clip(min(change.mean(), PALEST) + np.interp(opening, OPENING, IN_HOLLOW), *BRIGHTNESS)
    hue = np.zeros(3) if grey else np.clip(HUE_KEPT * (change - change.mean()), *HUE)
    return (enamel[..., None] * (brightness + hue)).astype(np.float32)


def enamel_of(prior: TexturePrior) -> NDArray[np.float32]:
    """Where enamel is, (H, W) in 0..1, and not gum."""
    low, high = ENAMEL
    pale = np.clip((np.exp(prior.mean_log[..., 1]) - low) / (high - low), 0, 1)
    return np.where(prior.hard & ~prior.eyes, pale, 0).astype(np.float32)
