"""The rim of a hood that a photo shows: where its cloth ends before hair, or a lining, or a scarf, seen within it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, map_coordinates, median_filter

from facegpt.types import Array, Headwear
from facegpt.wear.shell import MIDDLE, OFF_SKIN_MM, Underneath, directions_of

#: How far within a hood hair is looked for, and in which steps, degrees; how much of it tells of a rim before it, in
#: which share of turns that are so far from above at most.
MOST_DEG, STEP_DEG, LEAST_DEG, HAIRY, ABOVE_JAW = 40.0, 2.0, 6.0, 0.45, 0.33
#: Belief from which hair is seen, and cosine to the camera from which a place is.
SURE, FACING = 0.5, 0.05
#: Where a hood ends at most that is open before the neck, degrees from its pole straight below; how much farther at its
#: side, and the turn at which it does.
OPEN_DEG, SIDE_DEG, OPEN_TURN = 84.0, 30.0, 0.12


class View(Protocol):
    """What `ClothView` tells of head-frame places (..., 3), mm."""

    def at(self, places: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Belief in cloth (...), and whether the photo has it."""

    def on_map(self, places: Array) -> tuple[Array, Array]:
        """Pixels of the map (...), (...)."""

    def facing(self, places: Array, normals: Array) -> Array:
        """Cosine between normals (..., 3) and the way to the camera (...)."""


def rim_of(view: View, below: Underneath, look: Headwear, hair: Array) -> tuple[float, ...]:
    """Where a hood's cloth ends before what is seen within it, degrees from its pole; () where that is nothing.

    hair: (S, S) belief in hair or a lining.
    """
    edge = np.array(look.edge_deg)
    polar = edge - np.arange(0, MOST_DEG + 1, STEP_DEG)[:, None]
    turns = np.broadcast_to(np.arange(len(edge)) / len(edge), polar.shape)
    ways = directions_of(below.kind, polar, turns)
    places = MIDDLE + ways * (below.skin_mm(polar, turns) + OFF_SKIN_MM)[..., None]
    told = map_coordinates(hair, view.on_map(places)[::-1], order=1, mode="nearest") > SURE
    told &= view.at(places)[1] & (view.facing(places, ways) > FACING)
    away = np.cumsum(2 * told - 1, 0)  # as far as most of what lies before is hair
    within = np.where(away.max(0) > 0, away.argmax(0) + 1, 0) * STEP_DEG
    above = np.minimum(turns[0], 1 - turns[0]) < ABOVE_JAW
    if (within[above] > LEAST_DEG).mean() < HAIRY:
        return ()
    smooth = gaussian_filter1d(median_filter(np.maximum(within, LEAST_DEG), 5, mode="wrap"), 1.5, mode="wrap")
    return tuple((edge - smooth).round(2).tolist())


def open_below(edge_deg: tuple[float, ...]) -> tuple[float, ...]:
    """The edge of a hood that leaves the neck free, as one does that has another's scarf before it."""
    edge = np.array(edge_deg)
    away = np.abs(np.arange(len(edge)) / len(edge) - 0.5)
    return tuple(np.minimum(edge, OPEN_DEG + SIDE_DEG * (away / OPEN_TURN) ** 2).round(2).tolist())
