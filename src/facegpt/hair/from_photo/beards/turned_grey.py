"""Beards and brows of a photo that turn grey: grey hairs over its own, where the skin shows them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.prior import LUMINANCE, prior_of
from facegpt.hair.whiskers import LAYERS, WHITE_HAIR
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.painted_hair import Coat, groom_texture, grow_coat
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Hair

#: How much darker than the cheeks hair begins to be, and is for sure, log units; texels over which that is averaged.
DARKER, BLUR_TEXELS = (0.1, 0.35), 1.5
#: Grey hairs: so many a mm² where all are, their width and mean length, mm.
PER_MM2, WIDTH_MM, LENGTH_MM = 1.1, 0.13, 1.6
#: Texels a side of the fields in which hair grows.
GRID = 256


def with_grey_beard(
    linear: NDArray[np.float32], model: MorphableModel, hair: Hair, share: float
) -> NDArray[np.float32]:
    """The skin (S, S, 3) linear RGB of a photo with a share (0..1) of the hairs of its beard and moustache grey."""
    growth, out = AlbedoModel.load().growth, np.array(linear, np.float32)
    haired = _darker(gaussian_blur(_small(linear), BLUR_TEXELS), _cheeks(linear, model))
    grey = share * haired * (1 - np.clip(prior_of(model, GRID).lips, 0, 1))
    shown = {**growth, "hair_density": np.round(growth["hair_density"] * grey)}
    for name, row in LAYERS.items():
        if getattr(hair, name) > 0:
            coat = Coat(row, PER_MM2, WIDTH_MM, LENGTH_MM, 0.3, 0.28, 0.0)
            grow_coat(out, shown, coat, np.array(WHITE_HAIR, np.float32), 0.0, 8 + row)
    return out


def with_grey_brows(linear: NDArray[np.float32], model: MorphableModel, hair: Hair) -> NDArray[np.float32]:
    """The skin (S, S, 3) linear RGB of a photo with dark hairs of its brows as light as grey ones would be."""
    drawn = groom_texture(linear, replace(hair, style="bald", beard=0.0, moustache=0.0))
    haired = _darker(linear @ np.array(LUMINANCE, np.float32), _cheeks(linear, model))
    return np.asarray(linear + haired[..., None] * np.maximum(drawn - linear, 0), np.float32)


def _cheeks(linear: NDArray[np.float32], model: MorphableModel) -> float:
    """The median luminance of the cheeks of a skin (S, S, 3) linear RGB."""
    return float(np.median(_small(linear)[prior_of(model, GRID).bare]))


def _small(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """The luminance of a texture (S, S, 3) linear RGB on a grid (GRID, GRID)."""
    step = len(linear) // GRID
    return np.asarray(linear.reshape(GRID, step, GRID, step, 3).mean((1, 3)) @ np.array(LUMINANCE, np.float32))


def _darker(light: NDArray[np.float32], cheeks: float) -> NDArray[np.float32]:
    """How surely hair covers what is so bright (H, W), 0..1: it is darker than the cheeks."""
    darker = np.log(cheeks) - np.log(np.maximum(light, 1e-3))
    return np.asarray(np.clip((darker - DARKER[0]) / (DARKER[1] - DARKER[0]), 0, 1), np.float32)
