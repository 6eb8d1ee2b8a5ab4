"""What a head looks like in a few numbers: age, masculinity, heaviness; how sure they are; and heads drawn by them.

Read-outs of the whitened identity z. The population is half women, half men, N(±m, I - m mᵀ), so one axis tells the
sexes apart. Age and heaviness are axes taken from MakeHuman's macros: their readings are N(0, 1) over adults. Children
lie outside the adults, along a step towards MakeHuman's child; how far along it a head lies tells a child's age, and
the other readings are taken after that step is undone. What growing up and ageing change beside these axes (the skull
is large before the face is, folds sag) comes with an age that is asked for, and leaves all readings as they are. All of
it describes the look of a head; it is no statement about a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceGPTError

#: Adults: the average head looks this old, and one SD along the age axis is this many years. So two thirds of the prior
#: look 25 to 50, and the axis reaches MakeHuman's old macro (90 years) where that macro lies on it.
MIDDLE_YEARS, YEARS_PER_SD = 38.0, 12.5
ADULT_YEARS, CHILD_YEARS, YOUNGEST_YEARS, OLDEST_YEARS = 18.0, 10.0, 4.0, 100.0
#: A head counts as a child's from these shares of the step to CHILD_YEARS on (begins, complete): for adults who look
#: as young as adults do, and for those of middle age, who must differ from adults far more clearly.
YOUNG_GATE, OLD_GATE = (0.12, 0.32), (0.35, 0.65)
#: Individual children differ from each other less than adults do (share at CHILD_YEARS), and boys less from girls.
CHILD_SPREAD, CHILD_SEX = 0.6, 0.5
#: What else tells a child of CHILD_YEARS from MakeHuman's, and someone of OLD_YEARS from the age axis: controls, SDs of
#: adults. The former brings a girl of 7 from a head of 486 mm around, ears of 44 mm and a mouth of 37 mm to about 503,
#: 52 and 42: the skull and the ears of real children are nearly grown.
CHILDLIKE = {
    **{"head_size": 0.8, "ear_length": 1.3, "mouth_width": 1.1, "face_width": -0.3, "face_length": -0.1},
    **{"nose_width": 0.0, "nose_protrusion": -0.3, "eye_distance": 0.0, "eye_size": 0.5, "jaw_width": -0.2},
    **{"neck_thickness": -0.3, "forehead_bulge": 0.6, "brow_ridge": -0.7, "nose_height_root": -0.6},
    **{"nose_tip_height": 0.5, "cheek_fullness": 1.0, "chin_prominence": -0.4},
}
AGED = {
    **{"eye_bags": 1.3, "mouth_corners": -0.9, "laugh_lines": -1.5, "ear_lobes": 0.8, "upper_lip_volume": -0.8},
    **{"temple_fullness": -0.9, "nose_tip_height": -0.7, "double_chin": 0.5, "jaw_drop": 0.5, "head_size": 0.0},
    **{"face_width": 0.0, "face_length": 0.0, "nose_width": 0.0, "jaw_width": 0.0, "neck_thickness": 0.0},
}
OLD_YEARS, AGEING_FROM_YEARS = 75.0, 45.0
#: What a shape leaves open, rough: years of age (adults, children), SDs of the axis of sex and of heaviness. Wrinkles,
#: skin and hair tell age better than the shape; a skull tells weight badly.
AGE_SD_YEARS, CHILD_AGE_SD_YEARS, MALE_SD, HEAVY_SD = 9.0, 2.0, 0.35, 0.6
#: What the colours of a photo leave open of skin_lightness, CIE L*: its light is known only roughly.
LIGHTNESS_SD = 4.0


def _share_below(reading: float) -> float:
    return 0.5 * (1 + erf(reading / sqrt(2)))


@dataclass(frozen=True)
class AttributeAxes:
    """Axes in identity space.

    Attributes:
        male: (I,) half the step from the average woman to the average man.
        age: (I,) unit, towards older. heavy: (I,) unit, towards heavier. Both hold the sex fixed.
        child: (I,) the step from the average adult to a child of CHILD_YEARS.
        childlike: (I,) what comes with that step, and aged: (I,) what has come at OLD_YEARS; no reading sees them.
    """

    male: Array
    age: Array
    heavy: Array
    child: Array
    childlike: Array | float = 0.0
    aged: Array | float = 0.0

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray]) -> AttributeAxes:
        """Read the axes from the head's data file."""
        male, age, heavy, child = (arrays[n].astype(np.float64) for n in ("male", "age", "heavy", "child"))
        return AttributeAxes(male, age, heavy, child)

    def with_looks(self, names: Sequence[str], directions: Array) -> AttributeAxes:
        """Add `childlike` and `aged` by the head's controls: their names (K) and directions (K, I)."""
        unread = np.stack([self.male, self.age, self.heavy, self._child_dual])
        found = []
        for wanted in (CHILDLIKE, AGED):
            rows = np.concatenate([unread, np.asarray(directions, float)[[names.index(n) for n in wanted]]])
            target = np.r_[np.zeros(len(unread)), list(wanted.values())]
            held = np.r_[np.full(len(unread), 1e-9), np.full(len(wanted), 0.1)]  # the readings exactly, looks about
            found.append(rows.T @ np.linalg.solve(rows @ rows.T + np.diag(held), target))
        return replace(self, childlike=found[0], aged=found[1])

    def _looks(self, years: float) -> Array | float:
        """What an age in years changes beside the axes: (I,)."""
        young = max(ADULT_YEARS - years, 0.0) / (ADULT_YEARS - CHILD_YEARS)
        old = max(years - AGEING_FROM_YEARS, 0.0) / (OLD_YEARS - AGEING_FROM_YEARS)
        return young * self.childlike + min(old, 1.2) * self.aged

    @cached_property
    def _child_dual(self) -> Array:
        """(I,) reads the share of the child step: 1 on it, 0 along sex, age and heaviness, small on adults."""
        axes = np.linalg.qr(np.stack([self.male, self.age, self.heavy], 1))[0]
        own = self.child - axes @ (axes.T @ self.child)
        return own / (own @ own)

    # Readings

    def _adult(self, identity: Array) -> tuple[Array, float, float]:
        """Undo the child step: the adult (I,) that this head would be, its share 0.. of the step, and 0..1 a child."""
        z = np.asarray(identity, np.float64)
        step = max(float(self._child_dual @ z), 0.0)
        reading = float(self.age @ (z - step * self.child))
        young = (ADULT_YEARS - MIDDLE_YEARS) / YEARS_PER_SD
        mature = min(max((reading - young) / (0.0 - young), 0.0), 1.0)
        begin, complete = (a + mature * (b - a) for a, b in zip(YOUNG_GATE, OLD_GATE, strict=True))
        childlike = min(max((step - begin) / (complete - begin), 0.0), 1.0)
        return z - childlike * step * self.child, step, childlike

    def age_years(self, identity: Array) -> float:
        """The age that the shape looks like, in years, 4 to 100."""
        adult, step, childlike = self._adult(identity)
        grown = min(max(MIDDLE_YEARS + YEARS_PER_SD * float(self.age @ adult), ADULT_YEARS), OLDEST_YEARS)
        small = max(ADULT_YEARS - step * (ADULT_YEARS - CHILD_YEARS), YOUNGEST_YEARS)
        return (1 - childlike) * grown + childlike * small

    def masculinity(self, identity: Array) -> float:
        """The share 0..1 of adults with a less masculine head: about 0.25 for most women, 0.75 for most men."""
        return self._masculinity_of(self._sex_reading(identity))

    def heaviness(self, identity: Array) -> float:
        """The share 0..1 of adults with a leaner face."""
        return _share_below(float(self.heavy @ self._adult(identity)[0]))

    def _sex_reading(self, identity: Array) -> float:
        return float(self.male @ self._adult(identity)[0]) / float(np.linalg.norm(self.male))

    def _masculinity_of(self, reading: float) -> float:
        apart = float(np.linalg.norm(self.male))
        within = sqrt(1 - apart**2)
        return 0.5 * sum(_share_below((reading + sign * apart) / within) for sign in (-1, 1))

    def spread(self, identity: Array, covariance: Array | None = None) -> dict[str, float]:
        """The SD of age_years, masculinity and heaviness: what a shape leaves open, and an uncertain fit.

        Args:
            identity: (I,).
            covariance: (I, I) of the identity, as a fit knows it, or None for a head that is known exactly.
        """

        def sds(axis: Array, own: float) -> float:
            return sqrt(own**2 + (0.0 if covariance is None else float(axis @ covariance @ axis)))

        childlike = self._adult(identity)[2]
        own_years = (1 - childlike) * AGE_SD_YEARS + childlike * CHILD_AGE_SD_YEARS
        sex, heavy = self._sex_reading(identity), float(self.heavy @ self._adult(identity)[0])
        sex_sd = sds(self.male / np.linalg.norm(self.male), MALE_SD)
        heavy_sd = sds(self.heavy, HEAVY_SD)
        return {
            "age_years": YEARS_PER_SD * sds(self.age, own_years / YEARS_PER_SD),
            "masculinity": _half_range(self._masculinity_of, sex, sex_sd),
            "heaviness": _half_range(_share_below, heavy, heavy_sd),
        }

    # Heads of wanted attributes

    def with_age(self, identity: Array, years: float) -> Array:
        """This person's identity (I,) at `years`, 4 to 100, which it then reads as. Sex and heaviness stay.

        Raises:
            FaceGPTError: for an age outside that range.
        """
        if not YOUNGEST_YEARS <= years <= OLDEST_YEARS:
            raise FaceGPTError(f"age must be between {YOUNGEST_YEARS:.0f} and {OLDEST_YEARS:.0f} years, not {years}")
        z = np.asarray(identity, np.float64)
        z = z - self._looks(self.age_years(z)) + self._looks(years)
        z = z - float(self._child_dual @ z) * self.child  # now exactly an adult
        wanted = (max(years, ADULT_YEARS) - MIDDLE_YEARS) / YEARS_PER_SD
        z = z + (wanted - float(self.age @ z)) * self.age
        return z + max(ADULT_YEARS - years, 0.0) / (ADULT_YEARS - CHILD_YEARS) * self.child

    def sample(self, rng: np.random.Generator, count: int, sex: str | None = None, age: float | None = None) -> Array:
        """Draw identities (count, I) from the prior, given a sex ("F" or "M") and an apparent age in years, 4 to 100.

        Below 18 years the head also moves towards MakeHuman's child; that is a look, not a statistic of children.

        Raises:
            FaceGPTError: for another word for the sex, or an age outside that range.
        """
        if sex not in (None, "F", "M"):
            raise FaceGPTError(f"sex must be 'F', 'M' or None, not '{sex}'")
        signs = {"M": np.ones(count), "F": -np.ones(count), None: rng.choice([-1.0, 1.0], count)}[sex]
        values, vectors = np.linalg.eigh(np.eye(len(self.male)) - np.outer(self.male, self.male))
        root = vectors * np.sqrt(np.maximum(values, 0))
        drawn = rng.standard_normal((count, len(self.male))) @ root.T
        if age is None:
            return drawn + signs[:, None] * self.male
        younger = min(max(ADULT_YEARS - age, 0.0) / (ADULT_YEARS - CHILD_YEARS), 1.0)
        drawn = (1 - younger * (1 - CHILD_SPREAD)) * drawn
        drawn = drawn + (1 - younger * (1 - CHILD_SEX)) * signs[:, None] * self.male
        looks = [self._looks(self.age_years(z)) for z in drawn]  # of whom was drawn, by chance, as old or young
        return np.stack([self.with_age(z, age) + look for z, look in zip(drawn, looks, strict=True)])


def _half_range(share: Callable[[float], float], reading: float, sd: float) -> float:
    return 0.5 * (share(reading + sd) - share(reading - sd))
