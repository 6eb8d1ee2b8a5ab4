"""How old a face looks, its beard and how light its skin is, read off the recognition network's descriptor.

Ridge regressions of the log of the age, of the beard and of the skin's lightness on the descriptor, learnt on photos
and portraits that were judged by eye (lab/runs/looks). A skull tells age badly and a skin tells it well: so the age
that is read here takes the place of what the belief about the identity says along its axis of age, and sets the lines
of a painted skin. A dark skin in bright light and a light one in dim light have the same colours in a photo; the
descriptor tells them apart, in grey photos too (appearance/light.py). It is about the look of a face; it is no
statement about a person. No children were among the faces: below 18 it says 18.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import load_arrays
from facegpt.morphable.makehuman.attributes import ADULT_YEARS, MIDDLE_YEARS, YEARS_PER_SD
from facegpt.types import Array, IdentityBelief

ASSET = "networks/looks.npz"
#: CIE L* of the darkest and of the lightest skin that is told.
DARKEST, LIGHTEST = 32.0, 71.0
#: Oldest age that is told; and the SD of the reading, SDs of adults along the axis of age.
OLDEST_YEARS, READING_SD = 88.0, 0.25
#: The regression draws old faces towards the middle: beyond these years its readings go on by so much more of what is
#: beyond them, as people left out of the fit say (least squares on the training half).
DRAWN_FROM_YEARS, DRAWN = 38.0, 0.108


@dataclass(frozen=True)
class Looks:
    """What a face looks like: age in years, 18 to 88; beard as of `Hair`, 0 to 1; CIE L* of the skin by white light."""

    age_years: float
    beard: float | None = None
    skin_lightness: float | None = None


@dataclass(frozen=True, eq=False)
class LooksReader:
    """Weights (3, 128) and offset (3,) give log age, beard and L* of a descriptor; axis (I,) is the identity's age."""

    weights: NDArray[np.float64]
    offset: NDArray[np.float64]
    axis: NDArray[np.float64]

    def read(self, descriptor: Array) -> Looks:
        """What a descriptor (128,) looks like."""
        log_age, beard, lightness = self.weights @ np.asarray(descriptor, np.float64) + self.offset
        years = float(np.exp(min(log_age, 6.0)))
        years += DRAWN * max(years - DRAWN_FROM_YEARS, 0.0)
        age_years = float(np.clip(years, ADULT_YEARS, OLDEST_YEARS))
        return Looks(age_years, float(np.clip(beard, 0, 1)), float(np.clip(lightness, DARKEST, LIGHTEST)))

    def believed(self, belief: IdentityBelief, looks: Looks) -> IdentityBelief:
        """The belief of somebody who looks so old: the rest of the identity follows as far as it goes with age."""
        wanted = (looks.age_years - MIDDLE_YEARS) / YEARS_PER_SD
        covariance = np.asarray(belief.covariance, np.float64)
        slope = covariance @ self.axis
        gain = slope / (self.axis @ slope + READING_SD**2)
        mean = belief.mean + gain * (wanted - self.axis @ belief.mean)
        return replace(belief, mean=mean, covariance=covariance - np.outer(gain, slope), **vars(looks))


@lru_cache(maxsize=1)
def looks_reader() -> LooksReader:
    """The package's reader."""
    arrays = load_arrays(ASSET)
    return LooksReader(*(arrays[name].astype(np.float64) for name in ("weights", "offset", "axis")))
