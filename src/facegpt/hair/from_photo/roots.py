"""The roots of hair on a skin that a photo gave."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_of_bytes
from facegpt.hair.painted import paint_scalp
from facegpt.hair.presets import groom_of
from facegpt.hair.worn import grows_hair
from facegpt.morphable.base import MorphableModel
from facegpt.render.srgb_bytes import repainted
from facegpt.types import Hair


def with_roots(model: MorphableModel, skin: NDArray[np.uint8], hair: Hair | None) -> NDArray[np.uint8]:
    """A photo's skin (S, S, 4) uint8 sRGB with the roots of hair on its scalp; as it is without hair."""
    if hair is None or not grows_hair(model):
        return skin
    bare = linear_of_bytes(skin[..., :3])
    return np.dstack([repainted(skin[..., :3], bare, paint_scalp(model, bare, groom_of(hair), hair)), skin[..., 3]])
