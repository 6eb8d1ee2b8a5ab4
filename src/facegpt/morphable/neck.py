"""The neck of any head model: the open edge that it ends in, and how wide it is above. Head frame, mm."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

#: Share of the skin's lower end, by height, in which its lowest open edge lies; the fewest vertices of one.
LOWEST, FEWEST = 0.2, 8
#: How far above its edge the neck is looked at, mm.
ABOVE_MM = 80.0

_edges: dict[tuple[int, tuple[str, ...]], NDArray[np.intp]] = {}


@dataclass(frozen=True, eq=False)
class Neck:
    """The neck of one person, as cut by planes about level.

    Attributes:
        edge: (N, 3) mm, the vertices of its open edge. plane: (3,) a, b, c of the plane y = a x + b z + c through them.
        middle_z: mm, of the upright axis (x = 0) that it goes around. corners: (F, 3, 3) mm, the triangles of its skin.
    """

    edge: Array
    plane: Array
    middle_z: float
    corners: Array

    def above_edge(self, places: Array) -> Array:
        """How far places (..., 3) lie above the plane of the edge along the head's up, mm: (...)."""
        a, b, c = self.plane
        return np.asarray(places[..., 1] - (a * places[..., 0] + b * places[..., 2] + c))

    def radius(self, plane: Array, azimuth: Array) -> Array:
        """From the axis to the skin where a plane (3,) cuts it, mm, at azimuths (N,) from the face to the left."""
        side = self.corners[..., 1] - self.corners[..., [0, 2]] @ plane[:2] - plane[2]
        found = []
        for k in range(3):
            one, other = side[:, k], side[:, (k + 1) % 3]
            cut = (one > 0) != (other > 0)
            share = (one[cut] / (one[cut] - other[cut]))[:, None]
            found.append(self.corners[cut, k] * (1 - share) + self.corners[cut, (k + 1) % 3] * share)
        places = np.concatenate(found)
        x, z = places[:, 0], places[:, 2] - self.middle_z
        turn = np.arctan2(x, z)
        order = np.argsort(turn)
        return np.asarray(np.interp(azimuth, turn[order], np.hypot(x, z)[order], period=2 * np.pi))


def neck_of(
    vertices: Array, triangles: NDArray[np.integer], part: NDArray[np.integer], part_names: tuple[str, ...]
) -> Neck | None:
    """The neck of a head's vertices (V, 3); None for one without skin that ends openly below."""
    edge = neck_edge(vertices, triangles, part, part_names)
    if len(edge) < FEWEST:
        return None
    places = np.asarray(vertices, np.float64)
    x, y, z = places[edge].T
    plane = np.linalg.lstsq(np.stack([x, z, np.ones(len(edge))], 1), y, rcond=None)[0]
    skin = np.asarray(triangles)[np.asarray(part) == part_names.index("skin")]
    near = places[:, 1] - places[:, [0, 2]] @ plane[:2] - plane[2] < ABOVE_MM
    return Neck(places[edge], plane, float(z.min() + z.max()) / 2, places[skin[near[skin].all(1)]])


def neck_edge(
    vertices: Array, triangles: NDArray[np.integer], part: NDArray[np.integer], part_names: tuple[str, ...]
) -> NDArray[np.intp]:
    """Vertices of the lowest open edge of the skin, found once for each array of triangles."""
    key = id(triangles), part_names
    if key not in _edges:
        _edges[key] = _find_edge(vertices, triangles, part, part_names)
        weakref.finalize(triangles, _edges.pop, key, None)
    return _edges[key]


def _find_edge(
    vertices: Array, triangles: NDArray[np.integer], part: NDArray[np.integer], part_names: tuple[str, ...]
) -> NDArray[np.intp]:
    if "skin" not in part_names or len(part) != len(triangles):
        return np.zeros(0, np.intp)
    skin = np.asarray(triangles)[np.asarray(part) == part_names.index("skin")]
    if len(skin) == 0:
        return np.zeros(0, np.intp)
    pairs = np.sort(np.concatenate([skin[:, [0, 1]], skin[:, [1, 2]], skin[:, [2, 0]]]), axis=1)
    links, counts = np.unique(pairs, axis=0, return_counts=True)
    open_ends = np.unique(links[counts == 1])
    height = np.asarray(vertices)[:, 1]
    low, high = height[skin].min(), height[skin].max()
    return open_ends[height[open_ends] < low + LOWEST * (high - low)]
