"""What a head looks like in a few numbers: age, masculinity, heaviness and skin lightness; and heads drawn by them.

Linear read-outs of the whitened identity z. Sex: the population is half women, half men, N(±m, I - m mᵀ), so the log
odds of "man" are linear in z (Fisher's discriminant). Age and heaviness: unit axes taken from MakeHuman's macros, whose
readings are N(0, 1) over adults; age is spread over adult years. All of it describes the look of a head; it is no
statement about a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceGPTError

#: Ages of adults: 18 years + ADULT_SPAN_YEARS · Φ(reading of the age axis) ^ AGE_POWER. The average head reads 45,
#: MakeHuman's old macro (90 years) 88.
YOUNGEST_ADULT_YEARS, ADULT_SPAN_YEARS, AGE_POWER = 18.0, 70.0, 1.4
CHILD_YEARS, YOUNGEST_YEARS, OLDEST_YEARS = 10.0, 6.0, 85.0


@dataclass(frozen=True)
class AttributeAxes:
    """Axes in identity space.

    Attributes:
        male: (I,) half the step from the average woman to the average man.
        age: (I,) unit, towards older. heavy: (I,) unit, towards heavier.
        child: (I,) the step from the average adult to a child of CHILD_YEARS.
    """

    male: Array
    age: Array
    heavy: Array
    child: Array

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray]) -> AttributeAxes:
        """Read the axes from the head's data file."""
        male, age, heavy, child = (arrays[n].astype(np.float64) for n in ("male", "age", "heavy", "child"))
        return AttributeAxes(male, age, heavy, child)

    def masculinity(self, identity: Array) -> float:
        """Give the probability 0..1 that a head of this shape is a man's, among adults half of whom are men."""
        reading = float(self.male @ identity)
        odds = 2 * reading / (1 - float(self.male @ self.male))
        return 1 / (1 + exp(-min(max(odds, -50.0), 50.0)))

    def age_years(self, identity: Array) -> float:
        """Give the age that the shape looks like among adults, in years, 18 to 88 (it knows no children)."""
        share = NormalDist().cdf(float(self.age @ identity))
        return YOUNGEST_ADULT_YEARS + ADULT_SPAN_YEARS * share**AGE_POWER

    def heaviness(self, identity: Array) -> float:
        """Give the share 0..1 of adults with a leaner face."""
        return 0.5 * (1 + erf(float(self.heavy @ identity) / sqrt(2)))

    def sample(self, rng: np.random.Generator, count: int, sex: str | None = None, age: float | None = None) -> Array:
        """Draw identities (count, I) from the prior, given a sex ("F" or "M") and an apparent age in years.

        Below 18 years the head also moves towards MakeHuman's child; that is a look, not a statistic of children.

        Raises:
            FaceGPTError: for another word for the sex, or an age outside 6..85.
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
            share = max(age - YOUNGEST_ADULT_YEARS, 0.5) / ADULT_SPAN_YEARS
            wanted = NormalDist().inv_cdf(share ** (1 / AGE_POWER))
            gain = within @ self.age / (self.age @ within @ self.age)
            drawn = drawn + np.outer(wanted - drawn @ self.age, gain)
            if age < YOUNGEST_ADULT_YEARS:
                younger = (YOUNGEST_ADULT_YEARS - age) / (YOUNGEST_ADULT_YEARS - CHILD_YEARS)
                drawn = drawn + younger * self.child
        return drawn
