"""Colours that words give to lips and skin beyond what grows: coefficients of the albedo far from people's."""

from __future__ import annotations

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.skin_tints import TANS, tint_lab
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.skin import skin_read, skin_set, skin_tinted
from facegpt.types import Array

#: Colour of lips by name → its coefficient of the albedo, SDs: paint goes beyond what grows.
LIPS = {"red": 7.0, "dark red": 9.0, "pink": 3.5, "natural": 0.0, "pale": -5.0}

#: The reddest lips without paint, SDs.
REDDEST_GROWN = 2.0
#: A lightness of skin, SDs, below which a tan is not seen.
TANNED_MOST = -1.0


def painted(model: MakeHumanHead, albedo: Array, request: HeadRequest) -> Array:
    """The albedo (A,) with the tint or the tan of skin and the colour of lips that a request names."""
    if request.skin in TANS:
        albedo = _tanned(model, albedo, TANS[request.skin])
    elif request.skin:
        albedo = skin_tinted(model.albedo, albedo, tint_lab(request.skin))
    if not request.lips:
        return albedo
    coloured: Array = np.array(albedo, np.float32)
    coloured[NAMED["lip_redness"]] = LIPS[request.lips]
    return coloured


def with_bare_lips(albedo: Array, reddest: float = LIPS["natural"]) -> Array:
    """The albedo (A,) with lips no redder than so many SDs: than usual ones, or REDDEST_GROWN, as lips grow."""
    bare: Array = np.array(albedo, np.float32)
    bare[NAMED["lip_redness"]] = min(float(bare[NAMED["lip_redness"]]), reddest)
    return bare


def _tanned(model: MakeHumanHead, albedo: Array, depth: float) -> Array:
    """The albedo (A,) after the sun: darker by `depth` SDs and golden; skin that is as dark by nature stays."""
    now = skin_read(model.albedo, albedo)
    darker = min(max(now["skin_lightness"] - TANNED_MOST, 0.0), depth)
    sun = {"skin_lightness": -darker, "skin_redness": 0.5 * darker, "skin_yellowness": 0.4 * darker}
    return np.asarray(skin_set(model.albedo, {name: now[name] + by for name, by in sun.items()}, albedo), np.float32)
