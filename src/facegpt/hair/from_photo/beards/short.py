"""A short beard of a photo as hair: how long it is, and where it grows as densely as its skin tells.

Skin with the photo's beard on it is right from where the photo was taken and without hair from everywhere else: a beard
of some millimetres stands off the skin, ends softly, and goes on below the chin.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.hair.beard import AMOUNTS, CARDS_MM, MOUSTACHE_MM
from facegpt.hair.from_photo.beards.tone import TonedBeard
from facegpt.hair.whiskers import LAYERS, cell_of, hair_colour
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.types import BEARD_GRID, Hair

#: How much of a beard the face wears at least (`Hair.beard`): of those that seem to wear less most are shaven.
LEAST = 0.33
#: Mean density of a beard over where it can grow, and the lengths that go with it, mm.
DENSITY, DENSE_MM = (0.4, 0.7), (2.5, 7.0)
#: How long a beard is that ends at the chin, and by how much one that goes on below it is longer than its density says,
#: at most, mm: chins are fitted too high as well as too low.
AT_CHIN_MM, LONGER_MM = 3.0, 2.5
#: Densities between which hair begins to stand off the skin, and does wholly.
STANDS = (0.15, 0.5)
#: How much a beard's colour is that of the head's hair, in logs: between what is read of a beard skin shows.
OF_HEAD = 0.65
#: How long a moustache is beside its beard.
OF_BEARD = 0.6
#: Growth of the skin, 0..1, from which it tells of a beard.
GROWS = 0.25


def with_short_beard(hair: Hair, model: MorphableModel, toned: TonedBeard, below_mm: float) -> Hair:
    """The hair whose painted beard grows as hair, where it is dense enough.

    Args:
        hair: with its beard painted.
        model: the default head.
        toned: the skin that shows it.
        below_mm: how far the beard is seen to go on below the chin.
    """
    if toned.density is None or toned.colour is None or hair.beard < LEAST or hair.beard_mm > 0:
        return hair
    density, where = toned.density, _growth(len(toned.density))
    dense = float(np.average(density, weights=where))
    mm = float(np.interp(dense, DENSITY, DENSE_MM))
    mm = max(mm, min(AT_CHIN_MM + below_mm, mm + LONGER_MM))
    if dense < DENSITY[0] or mm < CARDS_MM:
        return hair
    moustache = float(np.interp(OF_BEARD * mm, MOUSTACHE_MM, AMOUNTS))
    cover = cover_of(np.clip((density - STANDS[0]) / (STANDS[1] - STANDS[0]), 0, 1), model)
    own, seen = np.log(np.maximum(np.array([hair_colour(hair.of_beard), toned.colour]), 1e-3))
    red, green, blue = np.exp(OF_HEAD * own + (1 - OF_HEAD) * seen).tolist()
    grown = replace(hair, beard_mm=round(mm, 1), beard_cover=cover, beard_colour=(red, green, blue))
    return replace(grown, moustache=max(moustache, hair.moustache))


def cover_of(density: NDArray[np.floating], model: MorphableModel) -> tuple[float, ...]:
    """`Hair.beard_cover` of densities (H, W) over the texture: the mean of each cell, bilinear."""
    grid = atlas_of(model, len(density))
    mean = np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float32)
    at = (_growth(len(density)) > 0) & (grid.part == model.part_names.index("skin"))
    rows, columns = cell_of(grid.interpolate(mean)[at])
    told, weight = np.zeros((2, *BEARD_GRID))
    for down in (0, 1):
        for across in (0, 1):
            row, column = np.floor(rows) + down, np.floor(columns) + across
            share = (1 - np.abs(rows - row)) * (1 - np.abs(columns - column))
            cell = [np.clip(k, 0, n - 1).astype(int) for k, n in zip((row, column), BEARD_GRID, strict=True)]
            np.add.at(told, tuple(cell), share * density[at])
            np.add.at(weight, tuple(cell), share)
    return tuple(np.round(told / np.maximum(weight, 1e-6), 2).ravel().tolist())


def _growth(side: int) -> NDArray[np.float32]:
    """Where beards and moustaches grow over the texture (side, side), 0..1; 0 where hardly."""
    grown = AlbedoModel.load().growth["hair_density"][list(LAYERS.values())].max(0).astype(np.float32) / 255
    step = len(grown) // side
    return np.where((found := grown[step // 2 :: step, step // 2 :: step]) > GROWS, found, np.float32(0))
