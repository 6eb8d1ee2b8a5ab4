"""How rough a person's skin is to light: the model's map, as much smoother or rougher as such people's skin may be.

One photo hardly tells: a glint is a lamp, sweat or skin. What is known is its direction: young skin is oilier than old,
and men's than women's (Jacobsen et al., J. Invest. Dermatol. 85, 1985); the amounts are chosen, small beside the
differences within a face. The rest is drawn, once for each person: a fixed direction of the identity says it, so that
a head is as rough again when it is loaded, and hardly changes when its nose does.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.types import Array, FaceParams

#: Log of the roughness that 40 years more add, and that a man's skin has less than a woman's; SD of what is drawn.
BY_AGE, BY_SEX, DRAWN_SD = 0.12, 0.10, 0.07
#: Age that the model's own map is of, years, and those between which it counts.
USUAL_AGE, AGES = 40.0, (18.0, 80.0)
#: Seed of the direction of the identity that says what is drawn.
SEED = 1985
#: No skin is smoother or rougher.
LIMITS = (0.2, 0.95)


def skin_roughness(model: MorphableModel, params: FaceParams, size: int) -> Array | None:
    """The roughness of a head's skin (size, size), 0..1; None for head models without a map of it."""
    albedo = getattr(model, "albedo", None)
    if not isinstance(albedo, AlbedoModel):
        return None
    return np.clip(albedo.roughness(size) * np.exp(rougher(model, params)), *LIMITS).astype(np.float32)


def rougher(model: MorphableModel, params: FaceParams) -> float:
    """Log of a person's roughness over that of the model's map."""
    drawn = DRAWN_SD * float(_direction(len(params.identity)) @ np.asarray(params.identity, np.float64))
    drawn = float(np.clip(drawn, -2 * DRAWN_SD, 2 * DRAWN_SD))
    if not hasattr(model, "attributes"):
        return drawn
    told = model.attributes(params.identity, params.albedo)
    years = np.clip(told["age_years"], *AGES) - USUAL_AGE
    return float(BY_AGE * years / 40 - BY_SEX * (told["masculinity"] - 0.5) + drawn)


@lru_cache(maxsize=4)
def _direction(size: int) -> NDArray[np.float64]:
    """A unit vector (I,): whitened identities along it are N(0, 1)."""
    found = np.random.default_rng(SEED).standard_normal(size)
    return np.asarray(found / max(float(np.linalg.norm(found)), 1e-9))
