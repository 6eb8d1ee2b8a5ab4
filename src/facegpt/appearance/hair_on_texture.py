"""The texture of a head that grows hair: what lies on its skin, and the scalp below hair that is a mesh of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.hair import MESH_STYLES, load_style, mean_colour, styles_of
from facegpt.morphable.makehuman.painted_hair import groom_texture
from facegpt.types import Array, Hair

#: How much of the scalp's skin is hidden by roots and shadow below hair, and how dark roots are beside the hair.
HIDDEN, ROOTS = 0.88, 0.55


def groomed(model: MorphableModel, linear_rgb: Array, hair: Hair | None) -> NDArray[np.float32]:
    """Paint the hair of a person into a texture (S, S, 3) linear RGB: brows, beard, cropped hair, roots below a mesh.

    Models without hair, and None, leave it as it is.
    """
    if hair is None or len(styles_of(model)) < 2:
        return np.asarray(linear_rgb, np.float32)
    painted = groom_texture(linear_rgb, hair)
    if hair.style not in MESH_STYLES:
        return painted
    share = HIDDEN * _covered(model, hair.style, len(painted))[..., None]
    roots = ROOTS * mean_colour(hair).astype(np.float32)
    return painted * (1 - share) + share * roots


def _covered(model: MorphableModel, style: str, size: int) -> NDArray[np.float32]:
    """How much of each texel lies below a style's hair: (size, size) in 0..1."""
    return atlas_of(model, size).interpolate(load_style(style).covered[:, None])[..., 0]
