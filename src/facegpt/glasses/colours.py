"""Colours of frames and of lenses by name, and glasses as people ask for them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.conventions import srgb_to_linear
from facegpt.glasses.frames import FRAMES, check_style
from facegpt.types import FaceGPTError, Glasses

Colour = tuple[float, float, float]

#: Frames: name → linear RGB.
FRAME_COLOURS: dict[str, Colour] = {
    "black": (0.012, 0.012, 0.013),
    "gold": (0.42, 0.27, 0.09),
    "silver": (0.40, 0.40, 0.42),
    "gunmetal": (0.10, 0.10, 0.11),
    "tortoise": (0.09, 0.035, 0.012),
    "brown": (0.06, 0.026, 0.012),
    "grey": (0.13, 0.13, 0.13),
    "white": (0.78, 0.78, 0.76),
    "red": (0.36, 0.016, 0.014),
    "blue": (0.018, 0.05, 0.26),
    "green": (0.016, 0.11, 0.04),
    "pink": (0.60, 0.17, 0.27),
    "purple": (0.13, 0.028, 0.21),
    "yellow": (0.64, 0.44, 0.03),
    "orange": (0.60, 0.16, 0.012),
    "copper": (0.36, 0.14, 0.06),
}
#: Lenses: name → linear RGB that they take on and the share of the light that they keep.
TINTS: dict[str, tuple[Colour, float]] = {
    "clear": ((0.010, 0.010, 0.011), 0.0),
    "dark": ((0.010, 0.010, 0.011), 0.88),
    "grey": ((0.030, 0.031, 0.033), 0.75),
    "brown": ((0.045, 0.020, 0.008), 0.78),
    "green": ((0.010, 0.035, 0.018), 0.78),
    "blue": ((0.015, 0.035, 0.14), 0.60),
    "pink": ((0.35, 0.10, 0.14), 0.45),
    "yellow": ((0.50, 0.33, 0.03), 0.40),
    "orange": ((0.45, 0.13, 0.01), 0.50),
    "red": ((0.25, 0.012, 0.010), 0.60),
    "purple": ((0.09, 0.02, 0.13), 0.60),
}
#: How dark lenses of a colour given by its numbers are.
DARKNESS = 0.7


def colour_from(text: str, names: dict[str, Colour], what: str) -> Colour:
    """A colour by its name or as "#rrggbb": linear RGB. Raises FaceGPTError for another; `what` says of what."""
    if text in names:
        return names[text]
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise FaceGPTError(f"'{text}' is no colour of {what}; there are #rrggbb and: {', '.join(names)}")
    red, green, blue = srgb_to_linear([int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)]).tolist()
    return red, green, blue


def tint_from(tint: str | float) -> tuple[Colour, float]:
    """Lenses by a name, "#rrggbb" or a darkness 0..1: colour and darkness. Raises FaceGPTError for another."""
    if isinstance(tint, str):
        if tint in TINTS:
            return TINTS[tint]
        return colour_from(tint, {name: colour for name, (colour, _) in TINTS.items()}, "lenses"), DARKNESS
    if not np.isfinite(tint) or not 0 <= tint <= 1:
        raise FaceGPTError(f"the tint of lenses is a name, #rrggbb or a darkness of 0 to 1, not {tint!r}")
    return TINTS["dark"][0], float(tint)


def glasses_like(
    style: str, color: str | None = None, tint: str | float | None = None, now: Glasses | None = None
) -> Glasses:
    """Glasses of a style; what is not said is as `now`, else as usual for the style, with clear lenses.

    Raises:
        FaceGPTError: for a style, a colour or a tint that there is not.
    """
    check_style(style)
    before = now or Glasses(style, FRAMES[style].colour)
    colour = before.colour if now is None or now.style == style else FRAMES[style].colour
    if color is not None:
        colour = colour_from(color, FRAME_COLOURS, "frames")
    tinted, dark = (before.tint, before.darkness) if tint is None else tint_from(tint)
    if now is not None and now.style == style:
        return replace(now, colour=colour, tint=tinted, darkness=dark)
    return Glasses(style, colour, tinted, dark)
