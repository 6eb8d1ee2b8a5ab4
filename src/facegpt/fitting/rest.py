"""What all photos of a person share of their expressions is her shape: it goes from the expressions to the identity.

A fit to one photo cannot tell a pouting mouth from full lips; several photos can: an expression passes, a shape stays.
As far as identities can carry what a unit does, the part of it that all photos show is moved. A strong expression in
all of them is one that the person likes to show, and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import FaceParams

Floats = NDArray[np.float64]

#: Weights that fits give to faces at rest, SD; a shared weight so large is a shape as likely as an expression.
AT_REST_SD = 0.2
#: Points of the face err alike: together they say as much as so many, each with an SD of so many mm.
POINTS, POINT_MM = 200.0, 1.0


def shared_expression(weights: Floats, sd: float = AT_REST_SD) -> Floats:
    """The part (E,) of the weights (J, E) of a person's photos that is shape, by what all of them share.

    The median over the photos, less where it is larger than fits give to faces at rest.
    """
    if len(weights) < 2:
        return np.zeros(weights.shape[1])
    middle = np.median(weights, axis=0)
    return np.asarray(middle / (1 + (middle / sd) ** 2), np.float64)


@lru_cache(maxsize=2)
def _carried(model: MakeHumanHead) -> tuple[Floats, Floats]:
    """The identity (E, I) most like each unit, and the share (E,) 0..1 of the unit's movement that it carries."""
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    mean = np.asarray(model.mean_vertices)[skin]
    face = skin[mean[:, 2] > 0.25 * mean[:, 2].max()]
    basis = np.asarray(model.identity_basis, np.float64)[:, face].reshape(len(model.identity_basis), -1)
    units = np.asarray(model.expression_basis, np.float64)[:, face].reshape(len(model.expression_basis), -1)
    weight = POINTS / len(face) / POINT_MM**2
    normal = np.eye(len(basis)) + weight * basis @ basis.T
    identities = np.linalg.solve(normal, weight * basis @ units.T).T
    left = ((identities @ basis - units) ** 2).sum(1) / np.maximum((units**2).sum(1), 1e-9)
    return np.asarray(identities, np.float64), np.asarray(np.clip(1 - left, 0, 1), np.float64)


def at_rest(
    model: MakeHumanHead, identity: Floats, photos: Sequence[FaceParams], sd: float = AT_REST_SD
) -> tuple[Floats, list[FaceParams]]:
    """The identity (I,) and the photos' parameters once the shared part of their expressions is in the identity."""
    identities, share = _carried(model)
    moved = share * shared_expression(np.stack([np.asarray(one.expression, np.float64) for one in photos]), sd)
    found = identity + moved @ identities
    left = [np.clip(np.asarray(one.expression) - moved, 0, 1).astype(np.float32) for one in photos]
    shape = found.astype(np.float32)
    return found, [one.replace(identity=shape, expression=each) for one, each in zip(photos, left, strict=True)]
