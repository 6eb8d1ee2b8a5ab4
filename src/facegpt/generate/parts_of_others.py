"""A part of one head on another: the readings of the part are those of the other, everything else stays as it can."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from facegpt.describe.attribute_readings import EVEN, READINGS, gauge_of
from facegpt.describe.attribute_words import attribute_groups
from facegpt.generate.joint_prior import Said, draw_appearance
from facegpt.generate.shape_solve import reach
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.peoples import leaning, look_of
from facegpt.morphable.makehuman.skin import skin_set
from facegpt.types import Array, FaceParams

#: What of a skin a people changes.
COLOURS_OF_PEOPLE = ("skin_lightness", "skin_redness", "skin_yellowness", "iris_lightness", "iris_hue")
#: Sizes, whose parts are taken over one by one; how much everything else is held (shape_solve.reach).
_WHOLES, HOLD = ("nose_size", "eye_size"), 0.5


def of_people(model: MorphableModel, params: FaceParams, families: tuple[str, ...], seed: int) -> tuple[Array, Array]:
    """Identity (I,) and albedo (A,) of a head that leans towards the look of a people, as words ask for it."""
    look = look_of(families)
    start, albedo = np.asarray(params.identity, np.float64), np.asarray(params.albedo)
    if look is None:
        return start, albedo
    identity = leaning(model, start, np.eye(len(start)), look)[0]  # type: ignore[arg-type]
    drawn = draw_appearance(Said(families), np.random.default_rng(seed)).skin
    return identity, skin_set(model.albedo, {name: drawn[name] for name in COLOURS_OF_PEOPLE}, albedo)  # type: ignore[attr-defined]


def with_parts_of(model: MorphableModel, identity: Array, other: Array, groups: Sequence[str]) -> Array:
    """Give an identity (I,) the parts of another (I,): groups of attributes.csv, such as "nose"."""
    of = attribute_groups()
    names = [name for name in READINGS if of.get(name) in groups and name not in (*EVEN, *_WHOLES)]
    start = np.asarray(identity, np.float64)
    if not names:
        return start
    gauge = gauge_of(model)  # type: ignore[arg-type]
    seen = gauge.read(np.asarray(other, np.float64)[None])[0]
    return reach(model, start, {name: float(seen[gauge.index(name)]) for name in names}, HOLD)  # type: ignore[arg-type]


def with_size_towards(model: MorphableModel, identity: Array, other: Array, share: float) -> Array:
    """Take a share of the difference in size to another head off an identity (I,); the shape stays as it can.

    Size is what scaling the mean head explains of the difference between the two, by least squares over the vertices.
    """
    told, growing = _size(model)  # type: ignore[arg-type]
    start = np.asarray(identity, np.float64)
    return start - share * float((start - np.asarray(other, np.float64)) @ told) * growing


@lru_cache(maxsize=2)
def _size(model: MorphableModel) -> tuple[Array, Array]:
    """(I,) how much each mode scales the mean head, and (I,) the identity that scales it best by 1."""
    basis, mean = np.asarray(model.identity_basis, np.float64), np.asarray(model.mean_vertices, np.float64)
    modes = (basis - basis.mean(1, keepdims=True)).reshape(len(basis), -1)
    scaled = (mean - mean.mean(0)).ravel()
    inner, along = modes @ modes.T, modes @ scaled
    # Modes that hardly move a vertex are left out of it.
    growing = np.linalg.solve(inner + 1e-3 * np.diag(inner).mean() * np.eye(len(inner)), along)
    return along / (scaled @ scaled), growing
