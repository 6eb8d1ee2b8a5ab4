"""Corrective shapes: what a head model adds where a plain sum of identity and expression units looks wrong.

Two units together: vertices += Σ_k w_a(k) · w_b(k) · shape_k. A unit that depends on the person: vertices += Σ_u w_u ·
(identity · own_u), which makes a blink as long as this person's eye is high. Products of two numbers: smooth, and zero
as long as one of them is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, LandmarkEmbedding

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Correctives:
    """Sparse corrective shapes: K for pairs of units that move M vertices, and N vertices each of Q personal units.

    Attributes:
        units: (K, 2) the two units of each, rows of conventions.ARKIT_NAMES.
        vertices: (M,) the vertices that any of them moves.
        shapes: (K, M, 3) mm at weights 1 and 1.
        own_units: (Q,) units that depend on the person. own_vertices: (Q, N).
        own_shapes: (Q, I, N, 3) mm at weight 1 and one SD of an identity component.
        about: (I,) the person that identity 0 stands for, or None for the mean one (a personal head is about its own).
    """

    units: NDArray[np.int64]
    vertices: NDArray[np.int64]
    shapes: Array
    own_units: NDArray[np.int64]
    own_vertices: NDArray[np.int64]
    own_shapes: Array
    about: Array | None = None

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], step_mm: float) -> Correctives:
        """Unpack from a head's data file: the moved vertices of all shapes end to end, in multiples of a step."""
        if "corrective_units" not in arrays:
            none, nothing = np.zeros(0, np.int64), np.zeros((0, 0, 3), np.float32)
            return cls(none.reshape(0, 2), none, nothing, none, none.reshape(0, 0), nothing[None])
        units = arrays["corrective_units"].astype(np.int64)
        vertices, place = np.unique(arrays["corrective_vertices"].astype(np.int64), return_inverse=True)
        shapes = np.zeros((len(units), len(vertices), 3), np.float32)
        shapes[arrays["corrective_of"], place] = arrays["corrective_shift"] * np.float32(step_mm)
        own = arrays["own_shift"] * np.float32(step_mm)
        own_units, own_vertices = (arrays[f"own_{name}"].astype(np.int64) for name in ("units", "vertices"))
        return cls(units, vertices, shapes, own_units, own_vertices, own)

    def add_to(self, rest: Tensor, identity: Tensor, expression: Tensor) -> Tensor:
        """Add all shapes to heads (B, V, 3) mm of people (B, I) who make expressions (B, E); differentiable in all."""
        import torch

        products = expression[:, self.units[:, 0]] * expression[:, self.units[:, 1]]
        if _matters(products):
            moved = products @ torch.from_numpy(self.shapes.reshape(len(self.units), -1)).to(rest)
            rest = rest.index_add(1, torch.from_numpy(self.vertices), moved.reshape(len(rest), -1, 3))
        person = identity if self.about is None else identity + torch.as_tensor(self.about).to(identity)
        for unit, vertices, shapes in zip(self.own_units, self.own_vertices, self.own_shapes, strict=False):
            weight = expression[:, unit, None]
            for other in self.overrulers.get(int(unit), ()):
                weight = weight * (1 - expression[:, other, None])
            if _matters(weight):
                moved = weight * (person @ torch.from_numpy(shapes.reshape(len(shapes), -1)).to(rest))
                rest = rest.index_add(1, torch.from_numpy(vertices), moved.reshape(len(rest), -1, 3))
        return rest

    def add_to_one(self, head: Array, identity: Array, expression: Array) -> None:
        """Add all shapes to one head (V, 3) mm of a person (I,) who makes an expression (E,), in place."""
        products = expression[self.units[:, 0]] * expression[self.units[:, 1]]
        pairs = np.flatnonzero(products)
        if len(pairs):
            head[self.vertices] += np.tensordot(products[pairs], self.shapes[pairs], 1)
        for unit, vertices, shapes in zip(self.own_units, self.own_vertices, self.own_shapes, strict=False):
            weight = expression[unit] * np.prod([1 - expression[other] for other in self.overrulers.get(int(unit), ())])
            if weight:
                own = self.person(identity) @ shapes.reshape(len(shapes), -1)
                head[vertices] += (np.float32(weight) * own).reshape(-1, 3)

    def add_to_many(self, heads: Array, identity: Array, expressions: Array) -> None:
        """`add_to_one` to heads (B, V, 3) mm of one person (I,) who makes expressions (B, E), in place."""
        products = expressions[:, self.units[:, 0]] * expressions[:, self.units[:, 1]]
        pairs = np.flatnonzero(products.any(0))
        if len(pairs):
            heads[:, self.vertices] += np.tensordot(products[:, pairs], self.shapes[pairs], 1)
        for unit, vertices, shapes in zip(self.own_units, self.own_vertices, self.own_shapes, strict=False):
            weight = np.array(expressions[:, unit], np.float32)
            for other in self.overrulers.get(int(unit), ()):
                weight *= 1 - expressions[:, other]
            if weight.any():
                own = (self.person(identity) @ shapes.reshape(len(shapes), -1)).reshape(-1, 3)
                heads[:, vertices] += weight[:, None, None] * own

    @cached_property
    def overrulers(self) -> dict[int, list[int]]:
        """Units of the person's own that another of them takes back: a blink takes back lowered lids."""
        own = set(self.own_units.tolist())
        found: dict[int, list[int]] = {}
        for one, other in self.units.tolist():
            if one in own and other in own:
                found.setdefault(other, []).append(one)
        return found

    def at(self, points: LandmarkEmbedding) -> Correctives:
        """The same shapes at L points of the surface, as if these were all the vertices."""
        count = int(max(self.vertices.max(initial=-1), self.own_vertices.max(initial=-1), points.corners.max())) + 1

        def seen(vertices: NDArray[np.int64], shapes: Array) -> Array:
            whole = np.zeros((len(shapes), count, 3), np.float32)
            whole[:, vertices] = shapes
            return points(whole)

        every = np.arange(len(points.corners))
        own = [seen(vertices, shapes) for vertices, shapes in zip(self.own_vertices, self.own_shapes, strict=False)]
        return replace(
            self,
            vertices=every,
            shapes=seen(self.vertices, self.shapes),
            own_vertices=np.tile(every, (len(own), 1)),
            own_shapes=np.stack(own) if own else np.zeros((0, 0, len(every), 3), np.float32),
        )

    def add_own_units(self, basis: Array, identity: Array) -> Array:
        """The units (E, V, 3) mm of one person (I,): the basis with what depends on the person added."""
        personal, person = basis.copy(), self.person(identity)
        for unit, vertices, shapes in zip(self.own_units, self.own_vertices, self.own_shapes, strict=False):
            personal[unit, vertices] += np.tensordot(person, shapes, 1)
        return personal

    def person(self, identity: Array) -> Array:
        """The whole identity (I,) of a person whose difference from `about` is given."""
        given = np.asarray(identity, np.float32)
        return given if self.about is None else given + np.asarray(self.about, np.float32)


def _matters(weights: Tensor) -> bool:
    return weights.numel() > 0 and (weights.requires_grad or bool(weights.any()))
