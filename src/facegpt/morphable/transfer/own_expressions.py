"""The 52 ARKit units in a head model that has only expression directions of its own: a linear map, in closed form.

The default head's units are carried over to the other mean head, place by place, and each is then written in the
other's own directions by ridge regression over its skin. So every expression stays one that the model can make itself,
and its native coefficients follow from the 52 weights; what a unit needs and the model lacks is lost (`explained`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.morphable.head_file import mirror_table
from facegpt.morphable.surface import Surface
from facegpt.morphable.transfer.carried import Carried
from facegpt.types import Array

#: Ridge, mm per unit coefficient: a direction is used only as far as it explains displacements larger than this.
_RIDGE_MM = 0.1
#: Vertices no further than this from each other's mirrored places are a pair, mm.
_PAIRED_MM = 0.5


@dataclass(frozen=True)
class OwnExpressions:
    """How units are made of a model's own directions.

    Attributes:
        map: (52, N) coefficients of each unit. rest: (N,) those of the neutral face.
        explained: (52,) share of each unit's motion that the model can show: 1 - |missed|² / |unit|².
    """

    map: Array
    rest: Array
    explained: Array

    def coefficients(self, expression: Array) -> Array:
        """Native coefficients (N,) for weights (52,) of the units."""
        return self.rest + np.asarray(expression) @ self.map


def fitted_units(carried: Carried) -> tuple[Array, OwnExpressions | None]:
    """Units (52, V, 3) mm of another head, and their map; without directions of its own the carried ones are taken."""
    wanted = carried_units(carried)
    basis = carried.other.expression
    if basis is None or len(basis) == 0:
        return wanted, None
    skin = carried.other.part_vertices("skin")
    weight = np.sqrt(carried.trust[skin])[:, None]
    flat = (np.asarray(basis[:, skin], np.float64) * weight).reshape(len(basis), -1)
    goal = (wanted[:, skin] * weight).reshape(len(wanted), -1)
    normal = flat @ flat.T
    normal[np.diag_indices(len(normal))] += _RIDGE_MM**2 * len(skin)
    coefficients = np.linalg.solve(normal, flat @ goal.T).T
    missed = ((goal - coefficients @ flat) ** 2).sum(1)
    size = (goal**2).sum(1)
    explained = np.where(size > 1e-6, 1 - missed / np.maximum(size, 1e-6), 0.0)
    rest = carried.other.expression_rest
    own = OwnExpressions(
        coefficients.astype(np.float32),
        np.zeros(len(basis), np.float32) if rest is None else np.asarray(rest, np.float32),
        explained.astype(np.float32),
    )
    return np.tensordot(coefficients, basis, 1).astype(np.float32), own


def carried_units(carried: Carried) -> Array:
    """The default head's units on the other mean head: (52, V, 3) mm, those of the nearest places."""
    vertices = np.asarray(carried.other.vertices, np.float64)
    units = np.zeros((len(ARKIT_NAMES), len(vertices), 3), np.float32)
    parts = sorted(carried.other.part_names, key=lambda name: name == "skin")  # what parts share moves as the skin does
    for part in (name for name in parts if not name.endswith("_eye")):
        rows = carried.other.part_vertices(part)
        triangles = carried.own.triangles[carried.own_rows(part)]
        chosen, shares = Surface(carried.bent, triangles).places(vertices[rows])
        units[:, rows] = np.einsum("encx,nc->enx", carried.own.expression_basis[:, triangles[chosen]], shares)
    return _mirrored_alike(units, vertices)


def _mirrored_alike(units: Array, vertices: Array) -> Array:
    """Units (52, V, 3) whose left and right are mirror images wherever the mesh is its own."""
    table = mirror_table(vertices)
    paired = np.linalg.norm(vertices[table] * [-1, 1, 1] - vertices, axis=1) < _PAIRED_MM
    twins = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]
    reflected = units[twins][:, table] * np.array([-1, 1, 1], np.float32)
    return np.where(paired[:, None], (units + reflected) / 2, units)
