"""The cloth of headwear on one head: a surface around its middle, from the crown or the nape to the cloth's edge.

Directions are counted from a pole that the cloth covers: `polar_deg` 0 there, 180 in the middle of its opening; `turn`
goes around it, 0..1. A cap opens downward: its pole is the crown, its turn begins at the face and goes to the subject's
left. A hood opens towards the face: its pole is the back of the head, its turn begins above. Frame: head, mm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import ConvexHull

from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, Headwear

#: The middle of the skull on the mean head: directions are seen from it.
MIDDLE = np.array([0.0, 45.0, -8.0])
#: Rows from the pole to the edge and columns around of the mesh, and where rows lie: dense at the edge.
ROWS, COLUMNS = 36, 96
#: Over how many degrees the cloth comes down from the head's hull to the skin at its edge, by kind.
SETTLING_DEG = {"cap": 14.0, "hood": 30.0}
#: The same of hats with a brim, whose crowns stand up from it.
BRIMMED_DEG = 5.0
#: Over how many degrees a hood's rim goes down to the hair within, how far this stands off the skin, mm, and the share
#: of the rows that lie outside the rim.
RIM_DEG, HAIR_MM, OUTSIDE = 9.0, 9.0, 0.75
#: How far cloth lies off the skin, and how far its edge is turned in below it, mm; and how thick a hem is.
OFF_SKIN_MM, TURNED_IN_MM, HEM_MM = 2.0, 4.0, 1.8
#: Samples a side of a triangle, bins of the skin's radius around and from pole to pole, and their blur.
_STEPS, _BINS, _BLUR = 4, (120, 60), 1.0
#: Nothing below a head.
NO_PLACES = np.zeros((0, 3))
#: Vertices (P, 3), triangles (F, 3), uv (U, 2) and uv_triangles (F, 3).
Shell = tuple[Array, NDArray[np.int32], Array, NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Underneath:
    """What cloth of one kind lies on: the head's hull and its skin, seen from the middle of the skull.

    Attributes:
        kind: of headwear. normals, offsets: (K, 3), (K,) the planes of the hull about the middle, mm.
        skin: (H, W) mm from the middle to the outermost skin, by polar angle and turn.
    """

    kind: str
    normals: Array
    offsets: Array
    skin: Array

    def hull_mm(self, directions: Array) -> Array:
        """From the middle to the hull along unit directions (..., 3): (...)."""
        along = np.maximum(directions @ self.normals.T, 1e-6)
        return np.asarray((self.offsets / along).min(-1))

    @cached_property
    def rays(self) -> tuple[Array, Array, Array, Array]:
        """Polar angles and turns (N, M) all around, their unit directions (N, M, 3) and the hull's mm along these."""
        polar, turn = np.meshgrid(np.arange(3, 178, 3.0), np.arange(0, 1, 1 / 96), indexing="ij")
        ways = directions_of(self.kind, polar, turn)
        return polar, turn, ways, self.hull_mm(ways)

    def skin_mm(self, polar_deg: Array, turn: Array) -> Array:
        """From the middle to the skin (...)."""
        rows, columns = self.skin.shape
        at = np.stack([
            np.broadcast_to(polar_deg / 180 * rows - 0.5, np.shape(turn)) + 0.0,
            (np.asarray(turn) * columns - 0.5) % columns,
        ])  # fmt: skip
        around = np.hstack([self.skin, self.skin[:, :1]])
        return np.asarray(map_coordinates(around, at, order=1, mode="nearest"))


def directions_of(kind: str, polar_deg: Array, turn: Array) -> Array:
    """Unit directions (..., 3) from the middle of the skull."""
    polar, around = np.radians(polar_deg), 2 * np.pi * np.asarray(turn)
    side, rest = np.sin(polar) * np.sin(around), np.sin(polar) * np.cos(around)
    along = np.cos(polar) * np.ones_like(around)
    return np.stack([side, along, rest] if kind == "cap" else [side, rest, -along], -1)


def angles_of(kind: str, directions: Array) -> tuple[Array, Array]:
    """Polar angle in degrees and turn (0..1) of directions (..., 3)."""
    unit = directions / np.maximum(np.linalg.norm(directions, axis=-1, keepdims=True), 1e-9)
    side, along, rest = (
        unit[..., 0],
        *((unit[..., 1], unit[..., 2]) if kind == "cap" else (-unit[..., 2], unit[..., 1])),
    )
    return np.degrees(np.arccos(np.clip(along, -1, 1))), np.arctan2(side, rest) / (2 * np.pi) % 1.0


def underneath(model: MorphableModel, vertices: Array, kind: str, shoulders: Array = NO_PLACES) -> Underneath:
    """What headwear lies on; vertices (V, 3) of the head at rest, and places (N, 3) of the shoulders below it."""
    mean = np.asarray(getattr(model, "population_mean", model.mean_vertices))
    skin = np.asarray(model.triangles)[np.asarray(model.part) == model.part_names.index("skin")]
    ears = (np.abs(mean[:, 0]) > 77.5) & (mean[:, 1] < 46)
    if kind == "cap":
        beneath = ~ears & ((mean[:, 1] > 20) | ((mean[:, 2] < 0) & (mean[:, 1] > -40)))
    else:
        beneath = ~((mean[:, 2] > 60) & (mean[:, 1] < 60))  # a scarf hangs from the brow, not from the nose
    rows = np.unique(skin)
    hull = ConvexHull(np.concatenate([np.asarray(vertices, np.float64)[rows[beneath[rows]]], shoulders]) - MIDDLE)
    return Underneath(kind, hull.equations[:, :3], -hull.equations[:, 3], _skin(kind, skin, vertices, ears))


def _skin(kind: str, triangles: NDArray[np.integer], vertices: Array, ears: NDArray[np.bool_]) -> Array:
    """`Underneath.skin`; caps lie above ears or press them to the head."""
    if kind == "cap":
        triangles = triangles[~ears[triangles].any(1)]
    steps = range(_STEPS + 1)
    weights = np.array([(i, j, _STEPS - i - j) for i in steps for j in steps if i + j <= _STEPS]) / _STEPS
    places = np.einsum("wk,fkx->fwx", weights, np.asarray(vertices)[triangles]).reshape(-1, 3) - MIDDLE
    polar, turn = angles_of(kind, places)
    columns, rows = _BINS
    found = np.zeros((rows, columns))
    at = np.minimum((polar / 180 * rows).astype(int), rows - 1), np.minimum((turn * columns).astype(int), columns - 1)
    np.maximum.at(found, at, np.linalg.norm(places, axis=1))
    seen = (found > 0).astype(float)
    near, weight = (gaussian_filter(a, 2.5, mode=("nearest", "wrap")) for a in (found, seen))
    found = np.where(seen > 0, found, near / np.maximum(weight, 1e-6))
    return np.asarray(gaussian_filter(found, _BLUR, mode=("nearest", "wrap")))


def edge_of(look: Headwear, turn: Array) -> Array:
    """Polar angle in degrees at which the cloth ends (...)."""
    return at_turns(look.edge_deg, turn)


def at_turns(values: Sequence[float], turn: Array) -> Array:
    """Values at even turns, at any turn (...)."""
    count = len(values)
    return np.asarray(np.interp(np.asarray(turn) % 1.0 * count, np.arange(count + 1), [*values, values[0]]))


def thickness_of(look: Headwear, polar_deg: Array, turn: Array) -> Array:
    """How far the cloth stands off the hull, mm (...)."""
    grid = np.array(look.off_mm, np.float64).reshape(-1, look.columns)
    at = np.stack([np.asarray(polar_deg) / 180 * (len(grid) - 1), np.asarray(turn) % 1.0 * look.columns])
    padded = np.hstack([grid, grid[:, :1]])
    return np.asarray(map_coordinates(padded, at, order=1, mode="nearest"))


def cloth_mm(look: Headwear, below: Underneath, polar_deg: Array, turn: Array) -> Array:
    """From the middle of the skull to the cloth (...): on the hull, and on the skin where it ends."""
    skin = below.skin_mm(polar_deg, turn) + OFF_SKIN_MM
    hull = below.hull_mm(directions_of(look.kind, polar_deg, turn))
    out = np.maximum(hull + thickness_of(look, polar_deg, turn), skin)
    settling = BRIMMED_DEG if look.brim_mm else SETTLING_DEG[look.kind]
    if look.rim_deg:  # a thick rim, round from outside to the hair within
        down = np.clip(1 - (at_turns(look.rim_deg, turn) - polar_deg) / RIM_DEG, 0, 1)
        hair = np.clip((edge_of(look, turn) - polar_deg) / RIM_DEG, 0, 1) * HAIR_MM
        return np.asarray(skin + HEM_MM + hair + np.sqrt(1 - down**2) * np.maximum(out - skin - HEM_MM - hair, 0))
    share = np.clip((edge_of(look, turn) - polar_deg) / settling, 0, 1)
    share = share * (2 - share)  # steep at the edge, flat above
    return np.asarray(skin + HEM_MM + share * np.maximum(out - skin - HEM_MM, 0))


@lru_cache(maxsize=4)
def _grid() -> tuple[Array, Array]:
    """Rows as shares of the way from the pole to the edge, and turns of the columns, with the seam twice."""
    share = np.linspace(0, 1, ROWS) ** 0.85
    return share, np.linspace(0, 1, COLUMNS + 1)


def shell(look: Headwear, below: Underneath) -> Shell:
    """The mesh of the cloth: vertices (P, 3), triangles (F, 3), uv (U, 2), uv_triangles (F, 3).

    The last row is the edge, turned in below the skin.
    """
    rows_share, turn = _grid()
    share = np.broadcast_to(rows_share[:, None], (ROWS, COLUMNS + 1))
    if look.rim_deg:
        share = _around_rim(np.clip(at_turns(look.rim_deg, turn) / edge_of(look, turn), 0, 1))
    polar: Array = share * edge_of(look, turn)
    turns: Array = np.broadcast_to(turn, polar.shape)
    reach = cloth_mm(look, below, polar, turns)
    inner = below.skin_mm(polar[-1:], turns[-1:]) - TURNED_IN_MM
    polar, turns = (np.vstack([a, a[-1:]]) for a in (polar, turns))
    reach = np.vstack([reach, np.minimum(inner, reach[-1:])])
    places = MIDDLE + reach[..., None] * directions_of(look.kind, polar, turns)
    rows = len(places)
    uv = np.stack([turns, 1 - np.vstack([share, share[-1:]])], -1)
    corner = np.arange(rows * (COLUMNS + 1), dtype=np.int32).reshape(rows, COLUMNS + 1)
    own = np.arange(rows * COLUMNS, dtype=np.int32).reshape(rows, COLUMNS)
    own = np.hstack([own, own[:, :1]])
    return places[:, :-1].reshape(-1, 3), quads(own), uv.reshape(-1, 2), quads(corner)


def _around_rim(rim: Array) -> Array:
    """Rows (ROWS, N) as shares of the way to the edge, dense before a rim (N,)."""
    outer = round(OUTSIDE * ROWS)
    before = np.linspace(0, 1, outer)[:, None] ** 0.6
    return np.concatenate([before * rim, rim + np.linspace(0, 1, ROWS - outer + 1)[1:, None] * (1 - rim)])


def grid_normals(places: Array) -> Array:
    """Unit normals (H, W, 3) of a grid that goes around."""
    down = np.gradient(places, axis=0)
    around = np.roll(places, -1, 1) - np.roll(places, 1, 1)
    normal = np.cross(down, around)
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9))


def quads(index: NDArray[np.int32], kept: NDArray[np.bool_] | slice = slice(None)) -> NDArray[np.int32]:
    """Triangles (F, 3) of a grid of vertices (R, C), or of its kept columns, counter-clockwise from outside."""
    a, b, c, d = (part[:, kept].ravel() for part in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    return np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
