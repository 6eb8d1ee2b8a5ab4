"""Colours of hair by name, and what lighter, redder and streaked make of one. Linear RGB; set by eye in CIE L*a*b*."""

from __future__ import annotations

import numpy as np

from facegpt.cielab import lab_from_linear
from facegpt.describe.hair_readings import hair_colour, shown_linear
from facegpt.hair.whiskers import hair_colour as hair_seen
from facegpt.types import Hair

Colour = tuple[float, float, float]
#: Natural colours → readings of lightness and redness (describe/hair_readings.py), dyes → L*a*b*.
NATURAL = {
    **{"black": (-1.9, 0.0), "dark_brown": (-1.2, 0.1), "brown": (-0.6, 0.25), "light_brown": (0.05, 0.1)},
    **{"dark_blond": (0.5, -0.1), "blond": (1.1, 0.0), "strawberry": (0.75, 0.6), "ginger": (-0.05, 1.1)},
    **{"auburn": (-0.85, 1.0), "platinum": (2.0, -0.1)},
}
DYES = {
    **{"red": (36, 58, 38), "blue": (34, 6, -46), "turquoise": (56, -34, -14), "green": (46, -42, 32)},
    **{"pink": (66, 48, -4), "purple": (38, 38, -42), "orange": (60, 44, 60)},
}
#: Grey and white of brows and beards → L*a*b*; L* of "dark" brows at most, of "light" ones at least.
GREYED = {"grey": (56, 0, 1), "white": (71, 0, 3)}
DARK_BROWS, LIGHT_BROWS = 17.0, 52.0
#: What tones add to L*, a*, b*.
TONES = {"darker": (-14, 0, -3), "lighter": (14, 0, 5), "redder": (0, 13, 8), "ashier": (2, -9, -7)}
#: Darkest and lightest hair, L*.
_RANGE = (4.0, 84.0)
#: How many times as far as a usual change.
AMOUNTS = {"slight": 0.5, "much": 1.8}


def colour_named(name: str, dice: float = 0.0) -> Colour:
    """The colour of a value of the slot "colour"; `dice` (standard normal) varies a natural one a little."""
    if name in DYES:
        return _rgb(np.array(DYES[name], float))
    lightness, redness = NATURAL[name]
    return hair_colour(lightness + 0.1 * float(np.clip(dice, -2, 2)), redness)


def colour_of_facial_hair(name: str) -> Colour:
    """The colour of brows or a beard by name: a natural one, a dye, grey or white."""
    return _rgb(np.array(GREYED[name], float)) if name in GREYED else colour_named(name)


def colour_of_brows(name: str, hair: Hair) -> Colour:
    """The colour of brows by name, or for "dark" and "light" in the hue of those that `hair` has."""
    if name not in ("dark", "light"):
        return colour_of_facial_hair(name)
    lab = np.asarray(lab_from_linear(hair_seen(hair.of_brows)), float)
    lab[0] = min(lab[0] - 20, DARK_BROWS) if name == "dark" else max(lab[0] + 20, LIGHT_BROWS)
    lab[1:] *= 0.6 if name == "dark" else 1.0
    lab[0] = np.clip(lab[0], *_RANGE)
    return _rgb(lab)


def toned(colour: Colour, tone: str, amount: float = 1.0) -> Colour:
    """A colour one tone on (TONES), `amount` times as far."""
    lab = np.asarray(lab_from_linear(np.array(colour)), float) + amount * np.array(TONES[tone], float)
    lab[0] = np.clip(lab[0], *_RANGE)
    return _rgb(lab)


def streaks(colour: Colour, kind: str) -> Colour:
    """The colour of highlights of a kind of the slot "highlights" in hair of a colour."""
    if kind != "light":
        return colour_named(kind)
    lab = np.asarray(lab_from_linear(np.array(colour)), float)
    return _rgb(np.array([min(lab[0] + 30, 82.0), min(lab[1], 10.0), max(lab[2], 18.0)]))


def _rgb(lab: np.ndarray) -> Colour:
    red, green, blue = shown_linear(lab).tolist()
    return red, green, blue
