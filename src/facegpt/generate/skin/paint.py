"""Colours that words give to lips and skin beyond what grows: coefficients of the albedo far from people's."""

from __future__ import annotations

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.skin_tints import tint_lab
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.skin import skin_tinted
from facegpt.types import Array

#: Colour of lips by name → its coefficient of the albedo, SDs: paint goes beyond what grows.
LIPS = {"red": 7.0, "dark red": 9.0, "pink": 3.5, "natural": 0.0, "pale": -5.0}


def painted(model: MakeHumanHead, albedo: Array, request: HeadRequest) -> Array:
    """The albedo (A,) with the tint of skin and the colour of lips that a request names."""
    if request.skin:
        albedo = skin_tinted(model.albedo, albedo, tint_lab(request.skin))
    if not request.lips:
        return albedo
    coloured: Array = np.array(albedo, np.float32)
    coloured[NAMED["lip_redness"]] = LIPS[request.lips]
    return coloured
