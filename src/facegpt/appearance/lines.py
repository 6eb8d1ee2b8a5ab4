"""The lines of a skin: as deep as is usual at the age that a face looks like."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import NAMED, STORED, AlbedoModel
from facegpt.morphable.makehuman.skin import usual_wrinkles
from facegpt.types import Array, DensePoints


def with_lines(albedo: Array, model: MorphableModel, dense: DensePoints | None) -> Array:
    """The albedo (A,) of a photo's skin with the lines of the age that `dense` says the face looks like.

    A photo's light and its lines are hard to tell apart texel by texel; the whole face tells how old it looks. As they
    were without such a reading, and for models whose skin has no lines.
    """
    belief = None if dense is None else dense.belief
    if belief is None or belief.age_years is None or not isinstance(getattr(model, "albedo", None), AlbedoModel):
        return albedo
    aged = np.array(albedo)
    aged[NAMED["wrinkles"]] = usual_wrinkles(belief.age_years)
    return aged


def lined(texture: NDArray[np.float32], model: MorphableModel, albedo: Array) -> NDArray[np.float32]:
    """The model's mean texture (S, S, 3) linear RGB with the fine lines of an albedo (A,) for those of the mean."""
    own = getattr(model, "albedo", None)
    if not isinstance(own, AlbedoModel) or len(texture) > STORED or abs(albedo[NAMED["wrinkles"]]) < 1e-3:
        return texture
    where, colour, plane = own.fine_lines(len(texture))
    amount = max(float(albedo[NAMED["wrinkles"]]), float(own.least[NAMED["wrinkles"]]))
    amount = min(amount, 0.0)  # lines beyond the mean's are the photo's
    out = texture.reshape(-1, 3).copy()
    out[where] *= np.exp(amount * plane[:, None] * colour)
    return out.reshape(texture.shape)
