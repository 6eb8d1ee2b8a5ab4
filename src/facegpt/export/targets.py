"""Morph targets: how the rest mesh and its normals move for each of the 52 units.

A file adds targets up linearly. The head model corrects pairs of units that bend the same lids (blink and squint); a
file of 52 targets cannot, so that such pairs are plain sums in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import Proxy
from facegpt.render import channels
from facegpt.types import Array

#: Movements below this are left out, mm: half a thousandth of a millimetre.
_STILL_MM = 5e-4
#: Turns of normals below this are left out, radians (0.11°).
_STILL_TURN = 2e-3


def worn_moves(head: HeadExport, proxy: Proxy) -> NDArray[np.float32] | None:
    """What each target adds to a beard, (T, P, 3) mm; None for what joints alone move."""
    if proxy.rooted is None:
        return None
    neutral = np.asarray(head.neutral, np.float64)
    points = np.asarray(proxy.rest_vertices, np.float64)
    basis = np.asarray(head.expression_basis, np.float64)
    return np.stack([proxy.rooted.moves_for_file(points, neutral, neutral + move) for move in basis])


@dataclass(frozen=True)
class Targets:
    """All morph targets of a head (T of them, V vertices), and its rest normals.

    Attributes:
        head: whose targets these are.
    """

    head: HeadExport

    @property
    def names(self) -> list[str]:
        """(T,) the units' names."""
        return list(self.head.expression_names)

    @property
    def weights(self) -> Array:
        """(T,) the weights of the posed head."""
        return np.asarray(self.head.expression, np.float64)

    @cached_property
    def rest_normals(self) -> NDArray[np.float32]:
        """(V, 3) unit."""
        return vertex_normals(self.head.neutral, self.head.triangles)

    @cached_property
    def moves(self) -> Array:
        """(T, V, 3) mm at weight 1; zero where a vertex stays."""
        basis = np.asarray(self.head.expression_basis, np.float32)
        return np.where(self.moving[..., None], basis, np.float32(0))

    @cached_property
    def moving(self) -> NDArray[np.bool_]:
        """(T, V) whether a target moves a vertex."""
        return np.asarray(channels.largest(np.abs(np.asarray(self.head.expression_basis, np.float32))) > _STILL_MM)

    @cached_property
    def turns(self) -> Array:
        """(T, V, 3) what to add to the rest normals at weight 1; zero where a normal stays."""
        return np.where(self.turning[..., None], self._turns, np.float32(0))

    @cached_property
    def turning(self) -> NDArray[np.bool_]:
        """(T, V) whether a target turns a vertex's normal."""
        return np.asarray(channels.length(self._turns) > _STILL_TURN)

    @cached_property
    def _turns(self) -> Array:
        """(T, V, 3) the turns, small ones too."""
        return np.stack([self._turn(move) for move in self.moves])

    def _turn(self, move: Array) -> Array:
        """(V, 3) change of the normals by a movement (V, 3) mm."""
        return vertex_normals(self.head.neutral + move, self.head.triangles) - self.rest_normals
