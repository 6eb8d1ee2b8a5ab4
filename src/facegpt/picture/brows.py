"""Brows move as bands: an expression carries the hairs along, it does not pull a brow broader.

A unit of the head lifts the upper edge of a brow further than the lower one, and a photo's brow reaches lower than the
head's. What a unit does to the skin of a brow is therefore evened across it, from its upper to its lower edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import MorphableModel, head_vertices, with_weights
from facegpt.picture.lids import PAIRS
from facegpt.types import Array, FaceParams

Floats = NDArray[np.float32]

#: The detector's points along the brows, (upper, lower) in pairs: of the right brow, of the left one.
EDGES = (
    ((70, 46), (63, 53), (105, 52), (66, 65), (107, 55)),
    ((300, 276), (293, 283), (334, 282), (296, 295), (336, 285)),
)
#: Units that move them.
UNITS = tuple(k for k, name in enumerate(ARKIT_NAMES) if name.startswith("brow"))
#: Distance from a brow, mm, up to which skin moves as the brow does, and where it moves as the unit says. Skin so near
#: to the upper lid's edge is the lid's, mm.
BAND_MM, LID_MM = (2.5, 9.0), (3.0, 8.0)
#: Reach of a point of a brow along it, mm.
REACH_MM = 5.0


@dataclass(frozen=True, eq=False)
class Brows:
    """What makes bands of brows. moves: (5, V, 3) mm, camera frame, for a weight of 1; weights: the photo's (5,)."""

    moves: Floats
    weights: Floats

    def kept(self, params: FaceParams) -> Floats:
        """What is added to the vertices (V, 3) mm for the brow units of `params`."""
        change = np.asarray(params.expression, np.float32)[list(UNITS)] - self.weights
        moved = np.abs(change) > 1e-6
        if not moved.any():
            return np.zeros((), np.float32)
        return np.asarray(np.tensordot(change[moved], self.moves[moved], 1), np.float32)


def brows_of(model: MorphableModel, params: FaceParams) -> Brows:
    """Measure what each brow unit does to the brows of a photo's head."""
    shares, embedding = brow_shares(model), model.embedding("mediapipe478")  # type: ignore[arg-type]
    upper, lower = (np.array([pair[k] for edges in EDGES for pair in edges]) for k in (0, 1))
    rest = head_vertices(model, with_weights(params, {ARKIT_NAMES[k]: 0.0 for k in UNITS}))
    moves = []
    for unit in UNITS:
        alone = {ARKIT_NAMES[k]: float(k == unit) for k in UNITS}
        moved = head_vertices(model, with_weights(params, alone)) - rest
        points = embedding(moved)
        band = (points[upper] + points[lower]) / 2
        moves.append((shares @ band - shares.sum(1, keepdims=True) * moved) @ np.asarray(params.pose.rotation).T)
    return Brows(np.asarray(moves, np.float32), np.asarray(params.expression, np.float32)[list(UNITS)])


@lru_cache(maxsize=2)
def brow_shares(model: Any) -> Floats:
    """How far each vertex follows each point along the brows, right then left: (V, 10), rows sum to 0..1."""
    vertices = np.asarray(model.mean_vertices)
    points = model.embedding("mediapipe478")(vertices)
    upper, lower = (points[[pair[k] for edges in EDGES for pair in edges]] for k in (0, 1))
    between = np.concatenate([_between(upper[k : k + 5], lower[k : k + 5]) for k in (0, 5)])
    lids = points[[pair[0] for pairs in PAIRS for pair in pairs]]
    away, lid = cdist(vertices, between).min(1), cdist(vertices, lids).min(1)
    share = _smooth((BAND_MM[1] - away) / (BAND_MM[1] - BAND_MM[0]))
    share *= _smooth((lid - LID_MM[0]) / (LID_MM[1] - LID_MM[0]))
    near = np.exp(-0.5 * (cdist(vertices, (upper + lower) / 2) / REACH_MM) ** 2) + 1e-12
    return np.asarray(near / near.sum(1, keepdims=True) * share[:, None], np.float32)


def _between(upper: Array, lower: Array) -> Array:
    """Points (N, 3) all over the band between two lines (5, 3)."""
    along = np.linspace(0, 4, 17)
    lines = [np.stack([np.interp(along, np.arange(5), line[:, k]) for k in range(3)], 1) for line in (upper, lower)]
    return np.concatenate([lines[0] + share * (lines[1] - lines[0]) for share in (0.0, 0.5, 1.0)])


def _smooth(share: Array) -> Array:
    share = np.clip(share, 0, 1)
    return np.asarray(share * share * (3 - 2 * share))
