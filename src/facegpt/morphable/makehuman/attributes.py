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
ADULT_YEARS, CHILD_YEARS, YOUNGEST_YEARS, OLDEST_YEARS = 18.0, 10.0, 0.0, 100.0
#: A head counts as a child's from these shares of the step to CHILD_YEARS on (begins, complete): for adults who look
#: as young as adults do, and for those of middle age, who must differ from adults far more clearly.
YOUNG_GATE, OLD_GATE = (0.12, 0.32), (0.35, 0.65)
#: How much individual children differ from each other, and boys from girls, beside adults: at ages in years.
CHILD_SPREAD, CHILD_SEX = (0.22, 0.36, 0.6, 1.0), (0.1, 0.25, 0.5, 1.0)
#: The ages, years, of CHILD_SPREAD, of CHILD_SEX and of the shares of the step to CHILD_YEARS at which a child lies.
#: MakeHuman's baby is at 1.5 of the step.
CHILD_AGES, CHILD_SHARES = (YOUNGEST_YEARS, 1.0, CHILD_YEARS, ADULT_YEARS), (1.62, 1.54, 1.0, 0.0)
#: Ages, years, at which `AttributeAxes.grown` is known (lab/runs/children/build.py); between two it changes evenly.
KNOTS = (0.0, 1.0, 3.0, 7.0, 12.0, ADULT_YEARS)
#: What else tells someone of OLD_YEARS from the age axis: controls, SDs of adults.
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


def child_share(years: float) -> float:
    """How far along the step to CHILD_YEARS someone of an age in years lies."""
    return float(np.interp(years, CHILD_AGES, CHILD_SHARES))


def child_years(share: Array | float) -> Array:
    """The age in years of shares (…) of the step to CHILD_YEARS."""
    return np.asarray(np.interp(share, CHILD_SHARES[::-1], CHILD_AGES[::-1]))


def _interpolated(at: Array | float, places: Sequence[float], rows: Array) -> Array:
    """The rows (…, I) at places (…) between the places of rows (K, I); the outermost beyond them."""
    shares = [np.interp(at, places, unit) for unit in np.eye(len(places))]
    return np.asarray(np.stack(shares, -1) @ rows)


@dataclass(frozen=True)
class AttributeAxes:
    """Axes in identity space.

    Attributes:
        male: (I,) half the step from the average woman to the average man.
        age: (I,) unit, towards older. heavy: (I,) unit, towards heavier. Both hold the sex fixed.
        child: (I,) the step from the average adult to a child of CHILD_YEARS.
        grown: (K, I) what comes with that step at the ages of KNOTS, and aged: (I,) what has come at OLD_YEARS; no
            reading sees them.
    """

    male: Array
    age: Array
    heavy: Array
    child: Array
    grown: Array | None = None
    aged: Array | float = 0.0

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray]) -> AttributeAxes:
        """Read the axes from the head's data file."""
        male, age, heavy, child = (arrays[n].astype(np.float64) for n in ("male", "age", "heavy", "child"))
        return AttributeAxes(male, age, heavy, child)

    def with_looks(self, names: Sequence[str], directions: Array, grown: Array) -> AttributeAxes:
        """Add `grown` (K, I), and `aged` by the head's controls: their names (N) and directions (N, I)."""
        rows = np.concatenate([self.unread, np.asarray(directions, float)[[names.index(n) for n in AGED]]])
        target = np.r_[np.zeros(len(self.unread)), list(AGED.values())]
        held = np.r_[np.full(len(self.unread), 1e-9), np.full(len(AGED), 0.1)]  # the readings exactly, looks about
        aged = rows.T @ np.linalg.solve(rows @ rows.T + np.diag(held), target)
        return replace(self, grown=np.asarray(grown, np.float64), aged=aged)

    def _looks(self, years: Array | float) -> Array:
        """What ages (…) in years change beside the axes: (…, I)."""
        old = np.clip((np.asarray(years) - AGEING_FROM_YEARS) / (OLD_YEARS - AGEING_FROM_YEARS), 0.0, 1.2)
        young = 0.0 if self.grown is None else _interpolated(years, KNOTS, self.grown)
        return np.asarray(young + old[..., None] * self.aged)

    @cached_property
    def unread(self) -> Array:
        """(4, I) what reads sex, age, heaviness and childhood: looks lie beside these."""
        return np.stack([self.male, self.age, self.heavy, self._child_dual])

    @cached_property
    def _child_dual(self) -> Array:
        """(I,) reads the share of the child step: 1 on it, 0 along sex, age and heaviness, small on adults."""
        axes = np.linalg.qr(np.stack([self.male, self.age, self.heavy], 1))[0]
        own = self.child - axes @ (axes.T @ self.child)
        return own / (own @ own)

    # Readings

    def adult(self, identity: Array) -> tuple[Array, Array, Array]:
        """Undo the child step of heads (…, I).

        Gives the adults (…, I) that they would be, their shares (…) 0.. of the step, and (…) 0..1 a child.
        """
        z = np.asarray(identity, np.float64)
        step = np.maximum(z @ self._child_dual, 0.0)
        reading = (z - step[..., None] * self.child) @ self.age
        young = (ADULT_YEARS - MIDDLE_YEARS) / YEARS_PER_SD
        mature = np.clip((reading - young) / (0.0 - young), 0.0, 1.0)
        begin, complete = (a + mature * (b - a) for a, b in zip(YOUNG_GATE, OLD_GATE, strict=True))
        childlike = np.clip((step - begin) / (complete - begin), 0.0, 1.0)
        return z - (childlike * step)[..., None] * self.child, step, childlike

    def age_years(self, identity: Array) -> float:
        """The age that the shape looks like, in years, 0 to 100."""
        return float(self._ages(identity))

    def _ages(self, identity: Array) -> Array:
        """`age_years` (…) of heads (…, I)."""
        adult, step, childlike = self.adult(identity)
        grown = np.clip(MIDDLE_YEARS + YEARS_PER_SD * (adult @ self.age), ADULT_YEARS, OLDEST_YEARS)
        return (1 - childlike) * grown + childlike * child_years(step)

    def masculinity(self, identity: Array) -> float:
        """The share 0..1 of adults with a less masculine head: about 0.25 for most women, 0.75 for most men."""
        return self._masculinity_of(self._sex_reading(identity))

    def heaviness(self, identity: Array) -> float:
        """The share 0..1 of adults with a leaner face."""
        return _share_below(float(self.heavy @ self.adult(identity)[0]))

    def _sex_reading(self, identity: Array) -> float:
        return float(self.male @ self.adult(identity)[0]) / float(np.linalg.norm(self.male))

    def _masculinity_of(self, reading: float) -> float:
        apart = float(np.linalg.norm(self.male))
        within = sqrt(1 - apart**2)
        return 0.5 * sum(_share_below((reading + sign * apart) / within) for sign in (-1, 1))

    def spread(self, identity: Array, covariance: Array | None = None) -> dict[str, float]:
        """SDs of age_years, masculinity and heaviness: the spread among people of one shape, and the doubt of the fit.

        Args:
            identity: (I,).
            covariance: (I, I) of the identity, as a fit knows it, or None for a head that is known exactly.
        """

        def sds(axis: Array, own: float) -> float:
            return sqrt(own**2 + (0.0 if covariance is None else float(axis @ covariance @ axis)))

        childlike = float(self.adult(identity)[2])
        own_years = (1 - childlike) * AGE_SD_YEARS + childlike * CHILD_AGE_SD_YEARS
        sex, heavy = self._sex_reading(identity), float(self.heavy @ self.adult(identity)[0])
        sex_sd = sds(self.male / np.linalg.norm(self.male), MALE_SD)
        heavy_sd = sds(self.heavy, HEAVY_SD)
        return {
            "age_years": YEARS_PER_SD * sds(self.age, own_years / YEARS_PER_SD),
            "masculinity": _half_range(self._masculinity_of, sex, sex_sd),
            "heaviness": _half_range(_share_below, heavy, heavy_sd),
        }

    # Heads of wanted attributes

    def with_age(self, identity: Array, years: float) -> Array:
        """Identities (…, I) of the same people at `years`, 0 to 100, which they then read as; of their sex and weight.

        Raises:
            FaceGPTError: for an age outside that range.
        """
        if not YOUNGEST_YEARS <= years <= OLDEST_YEARS:
            raise FaceGPTError(f"age must be between {YOUNGEST_YEARS:.0f} and {OLDEST_YEARS:.0f} years, not {years}")
        z = np.asarray(identity, np.float64)
        z = z - self._looks(self._ages(z)) + self._looks(years)
        z = z - (z @ self._child_dual)[..., None] * self.child  # now exactly an adult
        wanted = (max(years, ADULT_YEARS) - MIDDLE_YEARS) / YEARS_PER_SD
        z = z + (wanted - z @ self.age)[..., None] * self.age
        return np.asarray(z + child_share(years) * self.child)

    def sample(self, rng: np.random.Generator, count: int, sex: str | None = None, age: float | None = None) -> Array:
        """Draw identities (count, I) from the prior, given a sex ("F" or "M") and an apparent age in years, 0 to 100.

        Below 18 years the mean follows published measures of children (lab/runs/children/build.py); the spread is
        rough.

        Raises:
            FaceGPTError: for another word for the sex, or an age outside that range.
        """
        if sex not in (None, "F", "M"):
            raise FaceGPTError(f"sex must be 'F', 'M' or None, not '{sex}'")
        signs = {"M": np.ones(count), "F": -np.ones(count), None: rng.choice([-1.0, 1.0], count)}[sex]
        drawn = _within_sex(rng.standard_normal((count, len(self.male))), self.male)
        if age is None:
            return drawn + signs[:, None] * self.male
        spread, sexed = (float(np.interp(age, CHILD_AGES, shares)) for shares in (CHILD_SPREAD, CHILD_SEX))
        drawn = spread * drawn + sexed * signs[:, None] * self.male
        looks = self._looks(self._ages(drawn))  # of whom was drawn, by chance, as old or young
        return self.with_age(drawn, age) + looks


def _within_sex(drawn: Array, male: Array) -> Array:
    """Draws (count, I) of unit variance with what the sex tells taken out: their covariance becomes I - male maleᵀ.

    By the symmetric root of that, which is the same on every machine. (Eigenvectors are not: most eigenvalues are
    equal, and which vectors span them is the library's choice.)
    """
    length = float(male @ male)
    return drawn - np.outer(drawn @ male, male) * (1 - np.sqrt(max(1 - length, 0.0))) / length


def _half_range(share: Callable[[float], float], reading: float, sd: float) -> float:
    return 0.5 * (share(reading + sd) - share(reading - sd))
