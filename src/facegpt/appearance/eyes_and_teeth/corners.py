"""The corners of the eyes: the default head's openings end round, some millimetres before where eyes do.

Between the end of the opening and the corner that detectors find lies skin. What a person has there is painted on it:
towards the nose the pink caruncle, framed by the shade of both lids' edges, and towards the temple the crease in which
the lids meet. None of it moves when an eye shuts, so nothing is drawn out.

Frame: the mean head seen from before, its left eye, mm; the other is its mirror image.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array

#: The caruncle's tip and the ends of the upper and of the lower lid's edge, (x, y) mm.
CARUNCLE = ((17.0, 11.3), (20.9, 15.3), (20.6, 12.1))
#: The crease of the lids towards the temple, from the opening's end on, (x, y) mm.
CREASE = ((43.2, 15.6), (44.6, 14.2), (46.4, 12.9))
#: Log units that the caruncle adds to red, green and blue, and over how many mm that begins.
FLESH, SOFT_MM = (0.05, -0.30, -0.25), 0.7
#: Log units that the shade of the upper lid's edge, of the lower one's and of the crease takes, and half its width, mm.
EDGES, WIDTH_MM = (0.75, 0.35, 0.6), 0.45
#: What lies further back is not seen between lids: z on the mean head, mm, towards the nose and towards the temple.
BEHIND_MM, BETWEEN_MM = (74.0, 66.0), 30.0
#: Where vertices of the mean head lie whose triangles have any of it: |x|, y and z, mm.
BOX = ((14.0, 49.0), (8.0, 19.0), (64.0, 90.0))


@lru_cache(maxsize=4)
def corners(model: MorphableModel, size: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """What corners of eyes add to the log of the default head's texture: flat indices of texels (N,), and (N, 3).

    size: texels of a side of the texture.
    """
    atlas = atlas_of(model, size)
    mean, skin = np.asarray(model.mean_vertices), model.part_names.index("skin")
    reach = np.abs(mean[:, 0]), mean[:, 1], mean[:, 2]
    near = np.logical_and.reduce([(low < k) & (k < high) for k, (low, high) in zip(reach, BOX, strict=True)])
    rows = near[np.asarray(model.triangles)].any(1) & (np.asarray(model.part) == skin)
    about = (atlas.part == skin) & rows[np.maximum(atlas.texel, 0)]
    found, place = np.flatnonzero(about), atlas.interpolate(mean, about)[about]
    at, depth = np.stack([np.abs(place[:, 0]), place[:, 1]], -1), place[:, 2]
    tip, upper, lower = (np.array(corner) for corner in CARUNCLE)
    inside = np.minimum(_left_of(at, upper, tip), _left_of(at, tip, lower))
    flesh = np.clip(0.5 + inside / SOFT_MM, 0, 1) * (at[:, 0] < max(upper[0], lower[0]))
    change = flesh[:, None] * np.array(FLESH)
    for line, most in zip((np.array([upper, tip]), np.array([lower, tip]), np.array(CREASE)), EDGES, strict=True):
        away = np.min([_distance(at, *piece) for piece in pairwise(line)], axis=0)
        change -= most * np.exp(-((away / WIDTH_MM) ** 2))[:, None]
    change[depth < np.where(at[:, 0] < BETWEEN_MM, *BEHIND_MM)] = 0
    kept = np.abs(change).max(1) > 0.01
    return found[kept], change[kept].astype(np.float32)


def _left_of(at: Array, start: Array, end: Array) -> Array:
    """How far places (N, 2) lie to the left of a line, mm."""
    along = (end - start) / np.linalg.norm(end - start)
    return np.asarray(along[0] * (at[:, 1] - start[1]) - along[1] * (at[:, 0] - start[0]))


def _distance(at: Array, start: Array, end: Array) -> Array:
    """How far places (N, 2) lie from a piece of a line, mm."""
    along = end - start
    share = np.clip((at - start) @ along / (along @ along), 0, 1)
    return np.asarray(np.linalg.norm(at - start - share[:, None] * along, axis=1))
