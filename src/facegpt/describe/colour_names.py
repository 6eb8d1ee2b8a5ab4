"""Plain names of colours, by the nearest of some in CIELAB."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from facegpt.cielab import lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.types import Array

#: Name → sRGB of a middling shade of it, 0..255. Shades of grey are told by lightness below this chroma.
_SHADES: dict[str, tuple[tuple[int, int, int], ...]] = {
    "red": ((190, 30, 40), (120, 25, 30)),
    "pink": ((235, 160, 175), (225, 110, 150)),
    "orange": ((225, 125, 40),),
    "brown": ((110, 70, 45), (75, 50, 35), (150, 105, 70)),
    "beige": ((210, 190, 160), (180, 160, 130)),
    "yellow": ((230, 205, 60), (200, 170, 50)),
    "green": ((60, 130, 60), (40, 80, 45), (120, 160, 80), (95, 105, 60)),
    "turquoise": ((60, 160, 160), (35, 100, 105)),
    "blue": ((50, 90, 180), (35, 50, 100), (130, 170, 220), (85, 110, 150)),
    "purple": ((115, 60, 140), (75, 45, 90), (165, 140, 195)),
}
LEAST_CHROMA = 9.0
#: Upper bounds of CIE L* and the words for greys; and what is said before a colour.
_GREYS = ((18, "black"), (38, "dark grey"), (66, "grey"), (87, "light grey"), (101, "white"))
_DARK, _LIGHT = 28.0, 72.0
#: Colours whose own name says how light they are.
_OF_THEMSELVES = ("pink", "beige", "yellow", "brown", "orange")


def lab_of(srgb: ArrayLike) -> Array:
    """CIE L*a*b* (D65) of sRGB in 0..255 (..., 3)."""
    return lab_from_linear(srgb_to_linear(np.asarray(srgb, float) / 255))


def colour_name(srgb: ArrayLike) -> str:
    """What a colour (3,), 0..255, is called: "dark blue", "light grey", "beige"."""
    return _name_of_lab(lab_of(srgb))


def _name_of_lab(lab: Array) -> str:
    lightness, chroma = float(lab[0]), float(np.hypot(*lab[1:]))
    if chroma < LEAST_CHROMA or lightness < _GREYS[0][0] / 2:
        return next(word for bound, word in _GREYS if lightness < bound)
    names, known = _known_shades()
    name = names[int((((known - lab) * (0.6, 1.0, 1.0)) ** 2).sum(1).argmin())]
    if name in _OF_THEMSELVES and name != "brown":
        return name
    return f"dark {name}" if lightness < _DARK else f"light {name}" if lightness > _LIGHT else name


@cache
def _known_shades() -> tuple[tuple[str, ...], Array]:
    """Names of the known shades, and their CIE L*a*b* (N, 3)."""
    names = tuple(name for name, shades in _SHADES.items() for _ in shades)
    return names, lab_of([shade for shades in _SHADES.values() for shade in shades])


def main_colours(pixels: ArrayLike, most: int = 2, share: float = 0.2) -> tuple[str, ...]:
    """Names of the colours that make up pixels (N, 3), 0..255, the most common first; none rarer than `share`.

    Each of a few hundred pixels votes, so that a mean of two colours, which nobody sees, is never told.
    """
    rows = np.asarray(pixels).reshape(-1, 3)
    if not len(rows):
        return ()
    chosen = rows[np.linspace(0, len(rows) - 1, min(len(rows), 400)).astype(int)]
    votes: dict[str, int] = {}
    for lab in lab_of(chosen):
        name = _name_of_lab(lab)
        votes[name] = votes.get(name, 0) + 1
    order = sorted(votes, key=lambda name: -votes[name])[:most]
    return tuple(name for k, name in enumerate(order) if k == 0 or votes[name] >= share * len(chosen))
