"""The headwear that a request puts on a head; `hats.csv` has the kinds."""

from __future__ import annotations

from facegpt.language.headwear_wish import HeadwearWish
from facegpt.morphable.base import MorphableModel
from facegpt.types import FaceParams
from facegpt.wear.hats import hats, headwear_like
from facegpt.wear.worn import person_below, wears_headwear


def with_wished_headwear(model: MorphableModel, params: FaceParams, wish: HeadwearWish | None, off: bool) -> FaceParams:
    """A head with what a request puts on it, or without any if it takes it `off`; as it is where it says neither."""
    if wish is None or not wears_headwear(model):
        return params.replace(headwear=None) if off else params
    below = person_below(model, params, hats()[wish.name].kind)
    return params.replace(headwear=headwear_like(wish.name, wish.colour, below))
