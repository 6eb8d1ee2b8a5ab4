"""The colours of irises and hair by name, from the colours that are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.iris import SIDE, eye_texels
from facegpt.appearance.prior import prior_of
from facegpt.cielab import lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE
from facegpt.types import Array

#: Names of irises and linear RGB that they stand for.
IRISES = (
    ("dark brown", (0.020, 0.010, 0.006)),
    ("brown", (0.055, 0.025, 0.010)),
    ("brown", (0.085, 0.040, 0.018)),
    ("hazel", (0.100, 0.068, 0.026)),
    ("green", (0.085, 0.098, 0.042)),
    ("blue-green", (0.078, 0.112, 0.105)),
    ("blue", (0.075, 0.125, 0.210)),
    ("blue", (0.044, 0.060, 0.074)),
    ("grey", (0.125, 0.140, 0.150)),
)
#: How much less a difference of brightness counts than one of hue: lids shade irises, and light changes.
BRIGHTNESS_SHARE = 0.35
#: Hair of less chroma than this is grey or white from this L* on, and white from that.
GREY_CHROMA, GREY_FROM, WHITE_FROM = 11.0, 46.0, 68.0
#: Hair of next to no chroma is grey when it is darker already: pigment that is light enough to be seen is warm.
COLOURLESS, COLOURLESS_FROM = 6.5, 32.0
#: Names of coloured hair by the upper bound of its hue angle, degrees from 0 to 360; "" is no colour of its own.
VIVID = (
    *((15.0, "pink"), (54.0, "red"), (105.0, ""), (190.0, "green")),
    *((305.0, "blue"), (340.0, "purple"), (361.0, "pink")),
)
#: Chroma from which hair is called by these. Red hair is no lighter than RED_TO.
VIVID_CHROMA, RED_TO = 22.0, 60.0
#: Upper bounds of L* and the names of other hair.
HAIR = ((13.0, "black"), (27.0, "dark brown"), (48.0, "brown"), (101.0, "blond"))
#: Green albedo of the model's iris from which a texel is its rim, which is dark whatever colour the iris has.
LIMBUS = 0.045


def iris_colour(model: MorphableModel, albedo: Array, photo_texture: NDArray[np.uint8] | None) -> Array | None:
    """The irises' linear RGB (3,) as they are drawn; None for a head model without irises of its own.

    Args:
        model: the head.
        albedo: its coefficients (A,).
        photo_texture: (S, S, 4) uint8 sRGB that is drawn instead, or None.
    """
    if len(albedo) != ALBEDO_SIZE:
        return None
    eyes = eye_texels(model)  # type: ignore[arg-type]
    rows = np.nonzero(prior_of(model, SIDE).eyes)
    inside = eyes.iris & ~eyes.pupil & (eyes.mean_log[:, 1] < np.log(LIMBUS))
    if photo_texture is None:
        logs = prior_of(model, SIDE).expected(albedo)[rows][inside]
        return np.exp(np.median(logs, 0))
    place = ((np.arange(SIDE) + 0.5) * len(photo_texture) / SIDE).astype(int)
    texels = photo_texture[np.ix_(place, place)][..., :3][rows][inside]
    return np.asarray(np.median(srgb_to_linear(texels / 255.0), 0))


def iris_name(colour: Array) -> str:
    """The name of irises of a linear RGB (3,): dark brown, brown, hazel, green, blue-green, blue or grey."""
    logs = np.log(np.maximum(np.array([tuple(colour), *(known for _, known in IRISES)], float), 1e-4))
    brightness = logs.mean(1)
    hues = logs - brightness[:, None]
    far = ((hues[1:] - hues[0]) ** 2).sum(1) + (BRIGHTNESS_SHARE * (brightness[1:] - brightness[0])) ** 2
    return IRISES[int(np.argmin(far))][0]


def hair_name(colour: Array) -> str:
    """The name of hair of a linear RGB (3,): black, dark brown, brown, blond, red, grey, white, or a dyed colour."""
    lightness, a, b = lab_from_linear(np.asarray(colour, float))
    chroma, hue_deg = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)) % 360)
    if chroma < GREY_CHROMA and lightness >= GREY_FROM:
        return "white" if lightness >= WHITE_FROM else "grey"
    if chroma < COLOURLESS and lightness >= COLOURLESS_FROM:
        return "grey"
    vivid = next(name for bound, name in VIVID if hue_deg < bound) if chroma >= VIVID_CHROMA else ""
    if vivid and (vivid != "red" or lightness < RED_TO):
        return vivid
    return next(name for bound, name in HAIR if lightness < bound)
