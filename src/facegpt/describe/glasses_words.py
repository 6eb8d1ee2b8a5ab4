"""Glasses in words."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.glasses.colours import FRAME_COLOURS, TINTS
from facegpt.glasses.shape_words import narrows, shape_words
from facegpt.glasses.worn import CLEAR, SUNGLASSES
from facegpt.types import Array, Glasses


def glasses_words(glasses: Glasses | None) -> str:
    """Say which glasses a head wears; "" for none."""
    if glasses is None:
        return ""
    shape = shape_words(glasses)
    frame = "" if shape.startswith("rimless") else f" with {_nearest(glasses.colour, FRAME_COLOURS)} frames"
    if narrows(glasses) and shape != "browline":
        frame = ", narrower below" + (frame and f",{frame}")
    if glasses.darkness >= SUNGLASSES:
        return f"It wears dark {shape} sunglasses{frame}."
    tints = {name: colour for name, (colour, dark) in TINTS.items() if dark}
    tinted = f" and {_nearest(glasses.tint, tints)} lenses" if glasses.darkness > CLEAR else ""
    return f"It wears {shape} glasses{frame}{tinted}."


def _nearest(colour: Array | tuple[float, ...], names: dict[str, tuple[float, float, float]]) -> str:
    """The name of the colour that looks most like one, linear RGB."""
    seen = linear_to_srgb(np.array(colour))
    return min(names, key=lambda name: float(((linear_to_srgb(np.array(names[name])) - seen) ** 2).sum()))
