"""Photos without colours: black and white, or all of one tone as sepia. Their hues say nothing of skin, hair or light.

In such a picture a colour's hue goes by its lightness alone; even plain scenes of colour photos leave that line. What
is read of colours then must take no tone for skin's or light's: it gets the same picture in grey.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.prior import LUMINANCE
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.data.images import Photo

#: How far from the usual hues of their lightness colours lie at most in a photo of one tone, levels of 128, mean: most
#: toned greys at most 4.7, photos with colours at least 7.5, dark ones 3.5 (lab/log/skin.md).
ONE_TONE = 5.0
#: Places a side at which a picture is looked at, pixels each way that are averaged there; levels of lightness.
PLACES, NEAR, LEVELS = 36, 2, 16
#: Places as dark or as bright as this show no tone, sRGB levels; hues are compared as if all was as bright as MIDDLE,
#: but for what is darker than DARK, where noise has hues too.
SHOWN, MIDDLE, DARK = (12, 246), 128.0, 32.0


def without_tone(photo: Photo) -> Photo:
    """The photo in grey if it has no colours but one tone; the photo itself if it has."""
    return replace(photo, pixels=greyed(photo.pixels)) if has_one_tone(photo.pixels) else photo


def has_one_tone(pixels: NDArray[np.uint8]) -> bool:
    """Whether a picture (H, W, 3) sRGB has no colours but a tone that goes by lightness, grey or another."""
    return off_one_tone(pixels) < ONE_TONE


def off_one_tone(pixels: NDArray[np.uint8]) -> float:
    """How far red and blue less green of a picture lie from the usual ones of its lightness, sRGB levels, mean."""
    rows, columns = (_places(length) for length in pixels.shape[:2])
    near = pixels[rows.ravel()][:, columns.ravel()].astype(np.int32)
    colours = near.reshape(*rows.shape, *columns.shape, 3).sum((1, 3)).reshape(-1, 3) / NEAR**2
    return off_usual_hues(colours)


def off_usual_hues(colours: NDArray[np.float64]) -> float:
    """How far red and blue less green of colours (N, 3) lie from the usual ones of their lightness, levels of 128."""
    colours = colours[(colours.max(1) > SHOWN[0]) & (colours.min(1) < SHOWN[1])]
    light = colours.mean(1)
    order = np.argsort(light)
    hues = ((colours[:, [0, 2]] - colours[:, 1:2]) * (MIDDLE / np.maximum(light, DARK))[:, None])[order]
    off = [np.abs(each - np.median(each, axis=0)).sum(1) for each in np.array_split(hues, LEVELS) if len(each)]
    return float(np.concatenate(off).mean()) if off else 0.0


def _places(length: int) -> NDArray[np.intp]:
    """Pixels (N, NEAR) along a side that are looked at, NEAR of them together, evenly spread."""
    first = np.unique(np.linspace(0, max(length - NEAR, 0), PLACES).astype(int))
    return np.minimum(first[:, None] + np.arange(NEAR), length - 1)


def greyed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture (H, W, 3) in grey, each pixel as bright as it was."""
    linear = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)
    light = linear[pixels] @ np.asarray(LUMINANCE, np.float32)
    grey = np.round(linear_to_srgb(light) * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
