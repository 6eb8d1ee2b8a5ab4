"""Morph targets: how the rest mesh and its normals move for each unit, and for pairs of units that need more.

A file adds targets up linearly. The 52 units come first, by their ARKit names; then the corrections of pairs
("eyeBlinkLeft_eyeSquintLeft"), whose weight is the product of the two units' weights. Left at 0 they cost nothing; set
so, the sum is the head model's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array

#: Movements below this are left out, mm: half a thousandth of a millimetre.
_STILL_MM = 5e-4
#: Turns of normals below this are left out, radians (0.11°).
_STILL_TURN = 2e-3


@dataclass(frozen=True)
class Targets:
    """All targets of a head (T targets, V vertices), and its rest normals.

    Attributes:
        head: what they belong to.
    """

    head: HeadExport

    @property
    def names(self) -> list[str]:
        """(T,) the units' names, then those of pairs."""
        units = list(self.head.expression_names)
        return units + ["_".join(units[unit] for unit in pair) for pair in self.head.pairs]

    @property
    def weights(self) -> Array:
        """(T,) the weights that make the posed head."""
        units = np.asarray(self.head.expression, np.float64)
        return np.concatenate([units, units[self.head.pairs].prod(1)])

    @cached_property
    def rest_normals(self) -> NDArray[np.float32]:
        """(V, 3) unit."""
        return vertex_normals(self.head.neutral, self.head.triangles)

    @cached_property
    def moves(self) -> Array:
        """(T, V, 3) mm at weight 1; zero where a vertex stays."""
        basis = np.asarray(self.head.expression_basis, np.float32)
        if self.head.pair_basis is not None:
            basis = np.concatenate([basis, np.asarray(self.head.pair_basis, np.float32)])
        return np.where((np.abs(basis) > _STILL_MM).any(-1, keepdims=True), basis, np.float32(0))

    @cached_property
    def turns(self) -> Array:
        """(T, V, 3) what to add to the rest normals at weight 1; zero where a normal stays.

        A pair's is what its two units leave, so that all three together give the normals of that face.
        """
        units = np.stack([self._turn(move) for move in self.moves[: len(self.head.expression_basis)]])
        pairs = [
            self._turn(self.moves[len(units) + k] + self.moves[list(pair)].sum(0)) - units[list(pair)].sum(0)
            for k, pair in enumerate(self.head.pairs)
        ]
        turns = np.concatenate([units, np.stack(pairs)]) if pairs else units
        return np.where(np.linalg.norm(turns, axis=-1, keepdims=True) > _STILL_TURN, turns, np.float32(0))

    def _turn(self, move: Array) -> Array:
        """(V, 3) change of the normals by a movement (V, 3) mm."""
        return vertex_normals(self.head.neutral + move, self.head.triangles) - self.rest_normals
