"""Crowns that went bald have no roots of hair in their skin; shaven ones do."""

from __future__ import annotations

import numpy as np

from facegpt.hair.presets import groom_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.skin import NAMED
from facegpt.types import Array, Hair

#: The coefficient of a shaven scalp's roots at which none are left (`LEAST` of lab/runs/albedo/build.py).
ROOTS, NONE_LEFT = NAMED["scalp_hair"], -0.75
#: How far the roots of a bald head that nobody shaved are gone: with none, its scalp is lighter than its forehead.
SMOOTH = 0.45


def without_roots(model: MorphableModel, albedo: Array, hair: Hair | None, shaven: bool = True) -> Array:
    """Coefficients of skin (A,) with as few roots on the scalp as the crown of a groom is bald; others stay.

    shaven: whether a head without hair is a shaven one, whose roots show.
    """
    if hair is None or not model.model_id.startswith("makehuman-head/"):
        return albedo
    bald = groom_of(hair).crown_thinning if hair.style != "bald" else 0.0 if shaven else SMOOTH
    if bald <= 0 or albedo[ROOTS] <= NONE_LEFT:
        return albedo
    bare = np.array(albedo, np.float32)
    bare[ROOTS] += bald * (NONE_LEFT - bare[ROOTS])
    return bare
