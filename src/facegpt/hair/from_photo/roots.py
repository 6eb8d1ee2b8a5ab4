"""The roots of hair on a skin that a photo gave."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.hair.painted import paint_scalp
from facegpt.hair.presets import groom_of
from facegpt.hair.worn import grows_hair
from facegpt.morphable.base import MorphableModel
from facegpt.types import Hair


def with_roots(model: MorphableModel, skin: NDArray[np.uint8], hair: Hair | None) -> NDArray[np.uint8]:
    """A photo's skin (S, S, 4) uint8 sRGB with the roots of hair on its scalp; as it is without hair."""
    if hair is None or not grows_hair(model):
        return skin
    linear = srgb_to_linear(skin[..., :3] / 255.0).astype(np.float32)
    colour = linear_to_srgb(np.clip(paint_scalp(model, linear, groom_of(hair), hair), 0, 1))
    return np.dstack([np.round(colour * 255).astype(np.uint8), skin[..., 3]])
