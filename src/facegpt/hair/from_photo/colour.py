"""The colour of hair in a photo: what is seen of it, freed of the fitted light, and how much of it is white."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.light import shading
from facegpt.cielab import lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BACKGROUND, HAIR, MAP_PX, SKIN, FaceParts, map_crop
from facegpt.types import Array

#: Hair is believed from here on where its colour is read.
SURE = 0.85
#: How bright hair looks beside a matt ball of its albedo in the light that is fitted to the skin: light is lost between
#: strands and shines off them. By 15 drawn heads of other seeds than those that are judged.
AS_BRIGHT = 1.1
#: Quantiles of brightness that are read: neither glints nor deep shadow.
MIDDLE = (0.25, 0.85)
#: Chroma (CIE Lab) below which light hair is grey or white, and lightness from which on it can be.
GREY_CHROMA, GREY_LIGHTNESS = (7.0, 14.0), (32.0, 58.0)
#: Albedos of hair lie in this range, linear.
DARKEST, LIGHTEST = 0.004, 0.6
#: Hair as it grows, linear albedo: black, three browns, three blonds, red, auburn; then without pigment: grey, white.
#: Browns and greys: tints that photos of the training half show beside skin, halfway to purer ones.
PIGMENTED = np.array([
    (0.012, 0.010, 0.009), (0.037, 0.022, 0.016), (0.091, 0.045, 0.027), (0.183, 0.099, 0.056), (0.28, 0.17, 0.092),
    (0.45, 0.30, 0.17), (0.65, 0.55, 0.42), (0.24, 0.066, 0.026), (0.098, 0.022, 0.011),
])  # fmt: skip
PALE = np.array([(0.052, 0.048, 0.043), (0.126, 0.116, 0.104), (0.293, 0.27, 0.242), (0.575, 0.53, 0.475)])
#: How many of those that are not grey have each of these colours, on skin of a dark and of a light albedo; between them
#: shares go by the log of the albedo.
ON_DARK_SKIN = (0.80, 0.14, 0.025, 0.006, 0.002, 0.001, 0.001, 0.004, 0.021)
ON_LIGHT_SKIN = (0.16, 0.26, 0.23, 0.12, 0.06, 0.04, 0.02, 0.04, 0.07)
DARK_SKIN, LIGHT_SKIN = 0.17, 0.36
#: How many heads wear hair that is dyed, and that is grey or white where the age is not known: fewer look so at no age,
#: for black hair in haze is grey. How far the logs of red and of blue over green spread about colours as they grow,
#: of grey ones, and about no colour where hair is dyed; and the log of its brightness.
DYED, GREYNESS, MOST_GREY = 0.03, 0.15, 0.94
LEAST_GREY = 0.02
SPREAD, BRIGHTNESS_SD = (0.2, 0.1, 1.5), 0.6
#: Error of the light's tint, log of a channel; what glints of the sky and the lens add to an albedo at most and least.
TINT_SD, VEIL, LEAST_VEIL = 0.1, 0.02, 0.001
#: How far hair in its own shadow is raised to the brightness of its hue. By seven photos that were looked at.
LIFT = 0.6
#: A photo is grey when its channels differ by less on skin and hair (mean, sRGB levels; belief in them); the variance
#: of a tint that is not told.
GREY_LEVELS, GREY_WHERE, NO_HUE = 3.0, 0.5, 1e4


@dataclass(frozen=True)
class HairColour:
    """albedo: (3,) linear RGB of hair and white hairs together. grey: 0..1 share of white ones. sure: pixels read."""

    albedo: tuple[float, float, float]
    grey: float
    sure: int


def hair_colour(
    image: NDArray[np.uint8] | Photo,
    parts: FaceParts,
    lighting: Array,
    own: Array,
    greyness: float = GREYNESS,
    thin: tuple[tuple[float, float, float], float] | None = None,
) -> HairColour | None:
    """Read the colour of one head's hair; None where too little is seen.

    Args:
        image: (H, W, 3) uint8 sRGB.
        parts: of the face.
        lighting: (9, 3) fitted, camera frame.
        own: (S, S) 0..1 belief that a pixel is this head's hair, of any side.
        greyness: 0..1, how likely grey or white hair is at the age that the face looks.
        thin: albedo (3,) of the hair where it hides all skin, and how far skin shows through the rest, 0..1.
    """
    crop = map_crop(image, parts)
    side = MAP_PX // len(own)
    sure = np.repeat(np.repeat(own, side, 0), side, 1) > SURE
    sure &= parts.seen & (parts.share(HAIR, BACKGROUND) > SURE)  # dark hair in shade looks like background
    if sure.sum() < 30:
        return None
    colours = srgb_to_linear(crop[sure])
    light = colours.mean(1)
    low, high = np.quantile(light, MIDDLE)
    read = colours[(light >= low) & (light <= high)].mean(0)
    lit = np.maximum(light_on_hair(lighting) * AS_BRIGHT, 1e-3)
    seen = np.clip(read / lit, DARKEST, LIGHTEST)
    if thin is not None:
        seen = _without_skin(seen, np.array(thin[0]), thin[1])
    veil = (colours[light <= low].mean(0) / lit).min()  # what glints over all of it lies over its darkest part, too
    person = parts.seen & (parts.share(HAIR, SKIN) > GREY_WHERE)
    red, green, blue = np.ascontiguousarray(crop[person].T)
    apart = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    hueless = bool(apart.mean() * 255 < GREY_LEVELS)
    albedo = as_it_grows(seen, greyness, hueless, float(np.clip(veil, LEAST_VEIL, VEIL)), LIFT)
    return HairColour((float(albedo[0]), float(albedo[1]), float(albedo[2])), grey_share(albedo), int(sure.sum()))


@dataclass(frozen=True)
class Doubt:
    """How far a colour that was read of hair can be off, and what else tells it.

    Attributes:
        brightness, tint: SD of the log of its mean, and of red and of blue over green.
        skin: mean albedo of the skin; None where it is not known.
    """

    brightness: float = 0.0
    tint: float = TINT_SD
    skin: float | None = None

    def of_brightness(self, glint: float) -> float:
        """Variance of the log of the mean, of which a share may be what glints over hair; 0 where it is not doubted."""
        return self.brightness**2 + glint**2 if self.brightness else 0.0


def as_it_grows(
    albedo: Array,
    greyness: float = GREYNESS,
    hueless: bool = False,
    veil: float = VEIL,
    lift: float = 0.0,
    doubt: Doubt | None = None,
) -> NDArray[np.float64]:
    """The likely albedo (3,) of hair where a photo shows `albedo` (3,).

    A photo errs by the tint of its light and, where hair is dark, by what glints over it: black hair below the sky
    looks blue. The mean of what hair can be (a mixture of Gaussians: pigmented, grey, dyed) is told by Bayes' rule;
    `greyness` (0..1) of people wear grey or white. hueless: the photo has no colours, only its brightness tells.
    veil: what glints may add to an albedo. lift: 0..1, how far (in logs) hair that is darker than what grows in its hue
    is raised to that: light is lost between strands, which takes no hue from brown. doubt: of what was read; without it
    the brightness stays.
    """
    doubt = doubt or Doubt()
    error = doubt.tint**2 + (veil / (np.asarray(albedo) + veil)) ** 2
    noise = np.full(2, NO_HUE) if hueless else error[[0, 2]] + error[1]
    colours = np.vstack([PIGMENTED, PALE, np.ones(3)])
    counts = (len(PIGMENTED), len(PALE), 1)
    spread = np.repeat(np.square(SPREAD), counts)[:, None]
    mean = float(np.mean(albedo))
    bright, unsure = float(np.log(mean)), doubt.of_brightness(veil / (mean + veil))
    tints = _tint(np.asarray(albedo, np.float64)) - _tint(colours)
    apart = bright - np.log(colours.mean(1))
    apart[-1] = 1.5 * BRIGHTNESS_SD  # dyed hair is as bright as any: about the mean of the others' densities
    own = BRIGHTNESS_SD**2 / (1 if unsure == 0 else 2)
    off = (tints**2 / (spread + noise)).sum(1) + apart**2 / (own + unsure)
    chance = _worn(greyness, doubt.skin) * np.exp(-0.5 * (off - off.min())) / np.sqrt((spread + noise).prod(1))
    chance /= chance.sum()
    means = _tint(np.asarray(albedo, np.float64)) - tints * noise / (spread + noise)
    red, blue = np.exp(chance @ means)
    apart[-1] = 0.0
    level = bright - float(chance @ apart) * unsure / (own + unsure) + lift * float(chance @ np.maximum(-apart, 0.0))
    grown = np.array([red, 1.0, blue])
    return np.asarray(np.clip(grown * np.exp(level) / grown.mean(), DARKEST, LIGHTEST))


def _worn(greyness: float, skin: float | None) -> NDArray[np.float64]:
    """How many heads with a skin of a mean albedo wear each of the colours: pigmented, grey and white, dyed."""
    grey = float(np.clip(greyness, GREYNESS if skin is None else LEAST_GREY, MOST_GREY))
    shares = np.full(len(PIGMENTED), 1 / len(PIGMENTED))
    if skin is not None:
        light = np.interp(np.log(skin), np.log((DARK_SKIN, LIGHT_SKIN)), (0.0, 1.0))
        shares = np.exp((1 - light) * np.log(ON_DARK_SKIN) + light * np.log(ON_LIGHT_SKIN))
    pale = np.full(len(PALE), grey / len(PALE))
    return np.concatenate([(1 - DYED - grey) * shares / shares.sum(), pale, [DYED]])


def _without_skin(albedo: Array, alone: Array, share: float) -> NDArray[np.float64]:
    """An albedo (3,) with the hue of hair `alone` (3,), to a share: skin that shows through makes grey hair brown."""
    hue = np.log(np.clip(alone, DARKEST, LIGHTEST)) - np.log(albedo)
    mixed = albedo * np.exp(share * hue)
    return np.asarray(np.clip(mixed * albedo.mean() / mixed.mean(), DARKEST, LIGHTEST))


def _tint(colour: Array) -> NDArray[np.float64]:
    """Logs of red and of blue over green (..., 2)."""
    return np.asarray(np.log(colour[..., [0, 2]] / colour[..., 1:2]))


def light_on_hair(lighting: Array) -> NDArray[np.float64]:
    """Mean irradiance over π (3,) on the half of a ball that the camera sees, under a light (9, 3)."""
    turn = np.arange(64) * np.pi * (3 - np.sqrt(5))
    depth = -(np.arange(64) + 0.5) / 64  # towards the camera
    ring = np.sqrt(1 - depth**2)
    normals = np.stack([ring * np.cos(turn), ring * np.sin(turn), depth], 1)
    weight = -depth / -depth.sum()
    return weight @ np.asarray(shading(normals, lighting), np.float64)


def mean_colour(
    colours: Sequence[tuple[float, float, float]], weights: Sequence[float] | None = None
) -> tuple[float, float, float]:
    """Mean of colours (3,) linear RGB, in logs, by their weights."""
    if len(colours) == 1:
        return colours[0]
    red, green, blue = np.exp(np.average(np.log(np.array(colours)), axis=0, weights=weights))
    return float(red), float(green), float(blue)


def grey_share(albedo: Array) -> float:
    """How much of hair of a mean albedo (3,) is white, by its lightness and lack of colour."""
    lightness, a, b = lab_from_linear(albedo)
    chroma = float(np.hypot(a, b))
    pale = np.clip((GREY_CHROMA[1] - chroma) / (GREY_CHROMA[1] - GREY_CHROMA[0]), 0, 1)
    light = np.clip((lightness - GREY_LIGHTNESS[0]) / (GREY_LIGHTNESS[1] - GREY_LIGHTNESS[0]), 0, 1)
    return float(pale * light)
