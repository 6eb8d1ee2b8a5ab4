"""What a head looks like in a few numbers: age, masculinity, heaviness and skin lightness; and heads drawn by them.

Linear read-outs of the whitened identity z. Sex: the population is half women, half men, N(±m, I - m mᵀ), so the log
odds of "man" are linear in z (Fisher's discriminant). Age and heaviness: unit axes taken from MakeHuman's macros, whose
readings are N(0, 1) over adults. They describe the look of a head; they are no statement about a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, sqrt

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceGPTError

#: Where the age axis reads zero: the mean age of adults in the prior's sources, roughly.
MEAN_AGE_YEARS = 40.0
YOUNGEST_ADULT_YEARS, CHILD_YEARS, YOUNGEST_YEARS, OLDEST_YEARS = 18.0, 10.0, 6.0, 95.0


@dataclass(frozen=True)
class AttributeAxes:
    """Axes in identity space.

    Attributes:
        male: (I,) half the step from the average woman to the average man.
        age: (I,) unit, towards older; years_per_sd along it. heavy: (I,) unit, towards heavier.
        child: (I,) the step from the average adult to a child of CHILD_YEARS.
    """

    male: Array
    age: Array
    years_per_sd: float
    heavy: Array
    child: Array

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray]) -> AttributeAxes:
        """Read the axes from the head's data file."""
        male, age, heavy, child = (arrays[n].astype(np.float64) for n in ("male", "age", "heavy", "child"))
        return AttributeAxes(male, age, float(arrays["years_per_sd"]), heavy, child)

    def masculinity(self, identity: Array) -> float:
        """Give the probability 0..1 that a head of this shape is a man's, among adults half of whom are men."""
        reading = float(self.male @ identity)
        odds = 2 * reading / (1 - float(self.male @ self.male))
        return 1 / (1 + exp(-min(max(odds, -50.0), 50.0)))

    def age_years(self, identity: Array) -> float:
        """Give the age that the shape looks like, in years, 6 to 95."""
        years = MEAN_AGE_YEARS + self.years_per_sd * float(self.age @ identity)
        return float(np.clip(years, YOUNGEST_YEARS, OLDEST_YEARS))

    def heaviness(self, identity: Array) -> float:
        """Give the share 0..1 of adults with a leaner face."""
        return 0.5 * (1 + erf(float(self.heavy @ identity) / sqrt(2)))

    def sample(self, rng: np.random.Generator, count: int, sex: str | None = None, age: float | None = None) -> Array:
        """Draw identities (count, I) from the prior, given a sex ("F" or "M") and an apparent age in years.

        Below 18 years the head also moves towards MakeHuman's child; that is a look, not a statistic of children.

        Raises:
            FaceGPTError: for another word for the sex, or an age outside 6..95.
        """
        if sex not in (None, "F", "M"):
            raise FaceGPTError(f"sex must be 'F', 'M' or None, not '{sex}'")
        if age is not None and not YOUNGEST_YEARS <= age <= OLDEST_YEARS:
            raise FaceGPTError(f"age must be between {YOUNGEST_YEARS:.0f} and {OLDEST_YEARS:.0f} years, not {age}")
        size = len(self.male)
        signs = {"M": np.ones(count), "F": -np.ones(count), None: rng.choice([-1.0, 1.0], count)}[sex]
        within = np.eye(size) - np.outer(self.male, self.male)
        values, vectors = np.linalg.eigh(within)
        root = vectors * np.sqrt(np.maximum(values, 0))
        drawn = rng.standard_normal((count, size)) @ root.T + signs[:, None] * self.male
        if age is not None:
            wanted = (max(age, YOUNGEST_ADULT_YEARS) - MEAN_AGE_YEARS) / self.years_per_sd
            gain = within @ self.age / (self.age @ within @ self.age)
            drawn = drawn + np.outer(wanted - drawn @ self.age, gain)
            if age < YOUNGEST_ADULT_YEARS:
                share = (YOUNGEST_ADULT_YEARS - age) / (YOUNGEST_ADULT_YEARS - CHILD_YEARS)
                drawn = drawn + share * self.child
        return drawn
