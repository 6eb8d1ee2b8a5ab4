"""The glasses that a request asks for; what it leaves open is drawn, or stays."""

from __future__ import annotations

import numpy as np

from facegpt.glasses.colours import glasses_like
from facegpt.language.glasses_wish import GlassesWish
from facegpt.types import Glasses

#: Frames for who leaves the choice open, clear and dark.
USUAL, USUAL_DARK = ("rectangular", "square", "round", "oval", "browline"), ("aviator", "square", "round")


def wished_glasses(wish: GlassesWish | None, now: Glasses | None, seed: int) -> Glasses | None:
    """The glasses after a request: `now` where it speaks of none."""
    if wish is None:
        return now
    if not wish.on:
        return None
    if now is not None and wish == GlassesWish():
        return now
    dark = wish.tint not in ("", "clear")
    drawn = (USUAL_DARK if dark else USUAL)[int(np.random.default_rng([seed, 41]).integers(3 if dark else 5))]
    style = wish.style or (now.style if now is not None else drawn)
    return glasses_like(style, wish.colour or None, wish.tint or None, now)
