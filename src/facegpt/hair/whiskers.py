"""Where hair of the face can root on the default head: places on jaw, chin, throat and lip, and how it runs there.

As on the scalp, places are chosen once, on the mean head, and follow every identity as weights of vertices.
Frame: head, mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from facegpt.appearance.atlas import atlas_of
from facegpt.hair.plan import smooth
from facegpt.hair.scalp import spread_evenly
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.normals import vertex_normals
from facegpt.types import BEARD_GRID, Array, Hair

#: Linear RGB of hair that has lost its pigment.
WHITE_HAIR = (0.52, 0.50, 0.46)
#: Rows of the growth field `hair_density`.
LAYERS = {"beard": 0, "moustache": 1}
#: Shapes of a beard (`Hair.beard_shape`).
SHAPES = ("full", "goatee", "chops")
#: The shape of each series of numbers of a beard.
SERIES = {"beard_cover": (BEARD_GRID[0] * BEARD_GRID[1],)}
#: Heights of the first and the last row of BEARD_GRID, mm, and the azimuth of its last column, degrees to the left.
HEIGHTS_MM, WIDEST_DEG = (-124.0, 20.0), 90.0
#: Heights between which the throat is shaved and hair grows, mm.
NECKLINE_MM = (-114.0, -102.0)
#: Least density at which a card roots, and how many places are kept, by layer.
_LEAST, _KEPT = 0.25, {"beard": 2600, "moustache": 420}


@dataclass(frozen=True, eq=False)
class Whiskers:
    """N places in an order in which every beginning is spread evenly.

    Attributes:
        corners: (N, 3) vertices of the head. weights: (N, 3). place, normal: (N, 3) on the mean head, mm.
        flow: (N, 3) unit, which way hair lies there. density: (N,) 0..1.
    """

    corners: NDArray[np.integer]
    weights: Array
    place: Array
    normal: Array
    flow: Array
    density: Array


@lru_cache(maxsize=4)
def whiskers_of(model: MorphableModel, layer: str) -> Whiskers:
    """The places of a layer, one of LAYERS, of the default head."""
    growth = AlbedoModel.load().growth
    density = growth["hair_density"][LAYERS[layer]].astype(np.float32) / 255
    mean = np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float32)
    grid = atlas_of(model, len(density))
    skin = grid.part == model.part_names.index("skin")
    rows, columns = np.nonzero((density > _LEAST) & skin)
    place = grid.interpolate(mean)
    du, dv = np.gradient(place, axis=1), np.gradient(place, axis=0)
    along_u, along_v = du[rows, columns] * len(density), dv[rows, columns] * len(density)
    way = growth["hair_flow"][:, rows, columns].astype(np.float32)
    corners = grid.triangles[grid.texel[rows, columns]]
    weights = grid.corner[rows, columns].astype(np.float64)
    normal = np.einsum("nk,nkc->nc", weights, vertex_normals(mean, model.triangles[model.part == 0])[corners])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    flow = way[0][:, None] * along_u + way[1][:, None] * along_v
    flow -= (flow * normal).sum(1, keepdims=True) * normal
    size = np.linalg.norm(flow, axis=1)
    kept = np.flatnonzero((size > 1e-3) & (np.linalg.norm(along_u, axis=1) < 15 * len(density)))
    at = place[rows, columns]
    kept = kept[spread_evenly(at[kept], min(_KEPT[layer], len(kept)))]
    return Whiskers(
        *(corners[kept], weights[kept], at[kept], normal[kept]),
        *(flow[kept] / size[kept, None], density[rows, columns][kept]),
    )


@lru_cache(maxsize=4)
def beard_share(model: MorphableModel, shape: str) -> Array:
    """Share (h, h) 0..1 of a beard's full density over the growth fields of the texture by its shape."""
    mean = np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float32)
    side = AlbedoModel.load().growth["hair_density"].shape[1]
    return np.asarray(shape_share(atlas_of(model, side).interpolate(mean), shape), np.float32)


def shape_share(place: Array, shape: str) -> Array:
    """Share 0..1 of a beard's full density at places (N, 3) of the mean head by its shape, one of SHAPES.

    Beards are shaved from the throat on: what grows there would be a wedge below the chin.
    """
    shaved = np.asarray(smooth(place[..., 1], *NECKLINE_MM))
    if shape == "goatee":
        return np.asarray(shaved * smooth(-np.abs(place[..., 0]), -29.0, -17.0) * smooth(place[..., 2], 60.0, 76.0))
    return np.asarray(shaved * smooth(np.abs(place[..., 0]), 24.0, 32.0)) if shape == "chops" else shaved


def cover_share(place: Array, cover: tuple[float, ...]) -> Array:
    """Share 0..1 of a beard's full density at places (N, 3) of the mean head by `Hair.beard_cover`, bilinear."""
    if not cover:
        return np.ones(len(place))
    rows, columns = cell_of(place)
    return np.asarray(map_coordinates(np.reshape(cover, BEARD_GRID), [rows, columns], order=1, mode="nearest"))


def cell_of(place: Array) -> tuple[Array, Array]:
    """Rows and columns (N,) of BEARD_GRID, with parts of one, where places (N, 3) of the mean head lie."""
    azimuth = np.degrees(np.arctan2(place[:, 0], place[:, 2]))
    low, high = HEIGHTS_MM
    rows = (place[:, 1] - low) / (high - low) * (BEARD_GRID[0] - 1)
    return rows, (azimuth / WIDEST_DEG + 1) / 2 * (BEARD_GRID[1] - 1)


def hair_colour(hair: Hair) -> Array:
    """The linear RGB (3,) that hair shows from afar: pigmented and grey hairs mixed."""
    return (1 - hair.grey) * np.asarray(hair.colour, float) + hair.grey * np.asarray(WHITE_HAIR)
