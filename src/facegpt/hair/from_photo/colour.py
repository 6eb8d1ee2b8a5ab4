"""The colour of hair in a photo: what is seen of it, freed of the fitted light, and how much of it is white."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.light import shading
from facegpt.conventions import srgb_to_linear
from facegpt.detect.windows import Photo, Window
from facegpt.encode.parts import HAIR, MAP_PX, FaceParts
from facegpt.types import Array

#: Hair is believed from here on where its colour is read.
SURE = 0.85
#: Light on hair falls in between its strands: how dark hair looks beside a matt ball of its albedo.
DARKER = 0.62
#: Quantiles of brightness that are read: neither glints nor deep shadow.
MIDDLE = (0.25, 0.85)
#: Chroma (CIE Lab) below which light hair is grey or white, and lightness from which on it can be.
GREY_CHROMA, GREY_LIGHTNESS = (7.0, 14.0), (32.0, 58.0)
#: Albedos of hair lie in this range, linear.
DARKEST, LIGHTEST = 0.004, 0.6


@dataclass(frozen=True)
class HairColour:
    """albedo: (3,) linear RGB of hair and white hairs together. grey: 0..1 share of white ones. sure: pixels read."""

    albedo: tuple[float, float, float]
    grey: float
    sure: int


def hair_colour(image: NDArray[np.uint8], parts: FaceParts, lighting: Array, own: Array) -> HairColour | None:
    """Read the colour of one head's hair; None where too little is seen.

    Args:
        image: (H, W, 3) uint8 sRGB.
        parts: of the face.
        lighting: (9, 3) fitted, camera frame.
        own: (S, S) 0..1 belief that a pixel is this head's hair, of any side.
    """
    crop = map_crop(image, parts)
    side = MAP_PX // len(own)
    sure = np.repeat(np.repeat(own, side, 0), side, 1) > SURE
    sure &= parts.seen & (parts.probabilities[..., HAIR] > SURE)
    if sure.sum() < 30:
        return None
    colours = srgb_to_linear(crop[sure])
    light = colours.mean(1)
    low, high = np.quantile(light, MIDDLE)
    read = colours[(light >= low) & (light <= high)].mean(0)
    albedo = np.clip(read / np.maximum(light_on_hair(lighting) * DARKER, 1e-3), DARKEST, LIGHTEST)
    return HairColour((float(albedo[0]), float(albedo[1]), float(albedo[2])), grey_share(albedo), int(sure.sum()))


def light_on_hair(lighting: Array) -> NDArray[np.float64]:
    """Mean irradiance over π (3,) on the half of a ball that the camera sees, under a light (9, 3)."""
    turn = np.arange(64) * np.pi * (3 - np.sqrt(5))
    depth = -(np.arange(64) + 0.5) / 64  # towards the camera
    ring = np.sqrt(1 - depth**2)
    normals = np.stack([ring * np.cos(turn), ring * np.sin(turn), depth], 1)
    weight = -depth / -depth.sum()
    return weight @ np.asarray(shading(normals, lighting), np.float64)


def grey_share(albedo: Array) -> float:
    """How much of hair of a mean albedo (3,) is white, by its lightness and lack of colour."""
    lightness, a, b = lab(albedo)
    chroma = float(np.hypot(a, b))
    pale = np.clip((GREY_CHROMA[1] - chroma) / (GREY_CHROMA[1] - GREY_CHROMA[0]), 0, 1)
    light = np.clip((lightness - GREY_LIGHTNESS[0]) / (GREY_LIGHTNESS[1] - GREY_LIGHTNESS[0]), 0, 1)
    return float(pale * light)


def lab(linear: Array) -> NDArray[np.float64]:
    """CIE Lab (D65) of a linear sRGB colour (3,)."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.asarray(linear, np.float64) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def map_crop(image: NDArray[np.uint8], parts: FaceParts, side: int = MAP_PX) -> NDArray[np.float32]:
    """The photo on the map of its parts (side, side, 3), sRGB 0..1."""
    back = np.linalg.inv(parts.to_map[:, :2])
    middle = back @ (np.full(2, (MAP_PX - 1) / 2) - parts.to_map[:, 2])
    length = float(np.hypot(*back[:, 0])) * MAP_PX
    window = Window(float(middle[0]), float(middle[1]), length, float(np.arctan2(back[1, 0], back[0, 0])))
    return np.ascontiguousarray(Photo(image).crop(window, side, repeat_border=True).transpose(1, 2, 0))
