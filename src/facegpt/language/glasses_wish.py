"""What words ask of glasses: on or off, which frame, its colour, and the tint of the lenses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GlassesWish:
    """What words ask of glasses; a field that they leave open is "".

    Attributes:
        on: whether the head is to wear any; False takes them off.
        style: one of `glasses.frames.STYLES`. colour: of the frame, of `glasses.colours.FRAME_COLOURS`.
        tint: of the lenses, of `glasses.colours.TINTS`.
    """

    on: bool = True
    style: str = ""
    colour: str = ""
    tint: str = ""
