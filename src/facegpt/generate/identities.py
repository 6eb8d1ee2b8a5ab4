"""Identities from requests: a new person's, drawn among all who fit the words, and a given one's changed.

A product of Gaussians, the prior of the sex and age with what the words name, in closed form on the linear readings and
then corrected on the true ones (shape_solve.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from facegpt.describe.attribute_readings import EVEN, READINGS, gauge_of, masculinity_among_all
from facegpt.generate.degrees import (
    CLEAR_SPREAD,
    emphasis_of,
    reading_for,
    shown,
    spread_for,
    with_parts,
)
from facegpt.generate.shape_solve import (
    PLAUSIBLE_SQUARED,
    plausible,
    reach,
    reach_even,
    slopes_at,
)
from facegpt.language.head_request import HeadRequest
from facegpt.morphable.makehuman.appearance_norms import usual_masculinity
from facegpt.morphable.makehuman.attributes import ADULT_YEARS, OLDEST_YEARS, YOUNGEST_YEARS
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.peoples import PeopleLook, leaning
from facegpt.types import Array

#: What comes with an age of 80, SDs: ears grow, lips thin, lids and jaw line sag; and how much of it is not certain.
TRAITS_OF_AGE = {"ear_size": 0.6, "upper_lip_fullness": -0.6, "lower_lip_fullness": -0.4, "lid_hooding": 0.6} | {
    "eye_bags": 0.8,
    "jawline_definition": -0.6,
}
AGE_SPREAD = 0.8
#: What still tells who grows from a small adult, SDs among people of the age: full cheeks, large eyes, a short nose
#: with a low bridge (Enlow, Essentials of Facial Growth, 2008); by age, years, as a share.
TRAITS_OF_YOUTH = {"cheek_fullness": 1.3, "eye_size": 1.0, "nose_protrusion": -0.8, "nose_length": -0.7} | {
    "jawline_definition": -0.7,
    "chin_height": -0.6,
}
#: The share of a plain trait that an infant shows.
INFANTS_SHARE = 0.65
YOUTH = (1.0, 4.0, 6.0, 10.0, 14.0, 18.0, 22.0), (0.0, 0.7, 1.2, 1.2, 1.0, 0.6, 0.0)
#: The same of boys alone: their necks are hardly thicker than girls' before they are fourteen, and a man's at twenty
#: (Mazicioglu et al. 2010, Hatipoglu et al. 2010).
TRAITS_OF_BOYS = {"neck_width": -0.8}
#: A head whose shape looks further from its age than this, years, gets the age that was asked for.
AGE_MET_YEARS = 0.3
#: The least masculinity or femininity, SDs, of a child whose sex is named: half of what its average is at six.
CHILD_READS = 0.2
#: A new head goes as far as this from the mean of its people for what words ask of it.
ASKED_SQUARED = 150.0
#: The spread that marks a value as settled: it is met as it is.
SETTLED_SPREAD = 0.05
#: Weight of held readings in a new head (see shape_solve.reach).
HOLD_NEW = 10.0
#: The words leave the sex open where the probability of a man is as near to a half as this.
OPEN_SEX = 0.2
#: What only a local shape shows: identities lean the whole face.
BENDS = ("nose_crookedness",)
#: Readings that jump: lids are hooded or not where their fold falls.
JUMPS = ("lid_hooding",)
#: People from whom the prior of one sex and age is taken; the grid of ages that share one, years: of adults, children,
#: and children below SMALL years.
PEOPLE, AGE_STEPS, SMALL = 700, (2.0, 1.0, 0.5), 4.0
#: How far, as a share, the shape leans towards a family of peoples that the words don't name.
UNSAID_LEAN = 0.6
#: "Old" ranges go to 100; nobody is drawn older than this unless the words say so.
OLDEST_DRAWN = 82.0


class Shape(NamedTuple):
    """A shape as far as identity goes, and what is asked of it.

    Attributes:
        identity: (I,). wanted: name of READINGS → reading, SDs of adults. held: (R,) what all other readings keep.
    """

    identity: Array
    wanted: dict[str, float]
    held: Array


@dataclass(frozen=True)
class People:
    """Adults (or children) of one sex and age: mean (I,) and covariance (I, I) of the identity."""

    mean: Array
    covariance: Array


@lru_cache(maxsize=64)
def people_of(model: MakeHumanHead, sex: str | None, age: float | None) -> People:
    """Take the prior of a sex ("F", "M", None) and an apparent age (years or None) from a sample."""
    drawn = model.sample(PEOPLE, 11, sex, age).astype(np.float64)
    return People(drawn.mean(0), np.cov(drawn.T))


@lru_cache(maxsize=64)
def linear_readings(model: MakeHumanHead, sex: str | None, age: float | None) -> tuple[Array, Array]:
    """Offset (R,) and slopes (R, I) of READINGS: those of adults, or of children where they are, as readings bend."""
    gauge = gauge_of(model)
    if age is None or age >= ADULT_YEARS:
        return gauge.offset, gauge.gradient
    middle = people_of(model, sex, age).mean
    now = gauge.read(middle[None])[0]
    slopes = slopes_at(gauge, middle, now)
    return now - slopes @ middle, slopes


def on_grid(years: float | None) -> float | None:
    """Round years to the grid of ages that have a prior of their own."""
    if years is None:
        return None
    step = AGE_STEPS[(years < ADULT_YEARS) + (years < SMALL)]
    return float(np.clip(step * round(years / step), YOUNGEST_YEARS, OLDEST_YEARS))


def imagine_identity(
    model: MakeHumanHead,
    request: HeadRequest,
    named: dict[str, tuple[float, float]],
    sex: str,
    years: float | None,
    rng: np.random.Generator,
    order: Sequence[str] = (),
    sexed: bool | None = None,
    look: PeopleLook | None = None,
) -> Shape:
    """Draw an identity of a sex and age that has the named attributes of the shape.

    Args:
        model: the head model.
        request: what is asked for.
        named: its attributes → (mean, spread).
        sex: "F" or "M".
        years: the age, or None where it is open.
        rng: decides about what is open.
        order: attributes that have the first dice, in this order; those of `named` without it.
        sexed: whether there is a die for how much of their sex somebody is; as `says_sex` without it.
        look: of a family of peoples, towards which the shape leans. Where the words name none, what they ask for counts
            from what is usual of all.
    """
    gauge, everybody = gauge_of(model), people_of(model, sex, on_grid(years))
    if look is not None and not request.peoples:
        look = replace(look, lean=UNSAID_LEAN * look.lean)
    people = everybody if look is None else People(*leaning(model, everybody.mean, everybody.covariance, look))
    usual = people if request.peoples else everybody
    of_age = _traits_of_age(years, sex)
    order = list(with_parts(of_age | {**dict.fromkeys(order, (0.0, 1.0)), **named}))
    named = with_parts(of_age | named)
    says = says_sex(request, named, years)
    dice = rng.standard_normal() if says or sexed else 0.0
    if says:
        named["masculinity"] = (
            masculinity_among_all(model, usual_masculinity(sex == "M", dice, years or 30.0), sex),
            SETTLED_SPREAD,
        )
    if years is not None and years >= ADULT_YEARS and "age" not in named:  # traits must not make anybody younger
        named["age"] = (
            float(gauge.gradient[gauge.index("age")] @ people.mean + gauge.offset[gauge.index("age")]),
            SETTLED_SPREAD,
        )
    shape = [n for n in named if n in READINGS and n not in EVEN]
    rows = [gauge.index(n) for n in shape]
    offset, gradient = linear_readings(model, sex, on_grid(years))
    expected, slopes = offset + gradient @ usual.mean, gradient[rows]
    among_all = abs(request.man - 0.5) < OPEN_SEX and (years is None or years >= ADULT_YEARS)
    within = np.sqrt(np.maximum(np.einsum("si,ij,sj->s", slopes, usual.covariance, slopes), 0.1))
    target = np.array(
        [
            _target(model, n, named[n], (expected[r], w), sex, among_all, years)
            for n, r, w in zip(shape, rows, within, strict=True)
        ]
    )
    spread = np.array([spread_for(named[n][1]) for n in shape])
    places = _places(shape, order)
    away, target = _drawn(people, slopes, target, spread, rng, places)
    person = plausible(people.mean + away, people.mean)
    person = reach(model, person, dict(zip(shape, target, strict=True)), HOLD_NEW)
    if names_sex(request, named) and not says:
        person = _reads_as(model, person, sex, dict(zip(shape, target, strict=True)))
    limited = plausible(person, people.mean, ASKED_SQUARED if len(shape) else PLAUSIBLE_SQUARED)
    if len(shape) and not np.allclose(limited, person):  # less of what is open, all of what is named
        person = reach(model, limited, dict(zip(shape, target, strict=True)), 0.5)
    if years is not None and years < ADULT_YEARS and abs(model.axes.age_years(person) - years) > AGE_MET_YEARS:
        person = model.axes.with_age(person, years)
    lopsided = {n: asked for n, asked in named.items() if n in EVEN}
    wanted = {
        n: emphasis_of(n, years) * shown(m) + spread_for(s) * rng.standard_normal() for n, (m, s) in lopsided.items()
    }
    person = reach_even(model, person, {n: degree for n, degree in wanted.items() if n not in BENDS})
    wanted = dict(zip(shape, target.tolist(), strict=True)) | {n: d for n, d in wanted.items() if n in BENDS}
    return Shape(person, wanted, gauge.read(person[None])[0])


def says_sex(request: HeadRequest, named: Mapping[str, object], years: float | None) -> bool:
    """Whether words name the sex of a grown-up and not how much of it shows."""
    return names_sex(request, named) and (years is None or years >= ADULT_YEARS)


def names_sex(request: HeadRequest, named: Mapping[str, object]) -> bool:
    """Whether words name the sex and not how much of it shows."""
    return abs(request.man - 0.5) > OPEN_SEX and "masculinity" not in named


def _reads_as(model: MakeHumanHead, person: Array, sex: str, targets: Mapping[str, float]) -> Array:
    """A child (I,) whose sex shows as little as a child's does, but not as the other one's."""
    gauge, side = gauge_of(model), 1.0 if sex == "M" else -1.0
    if side * gauge.read(person[None])[0][gauge.index("masculinity")] >= CHILD_READS:
        return person
    return reach(model, person, {**targets, "masculinity": side * CHILD_READS}, HOLD_NEW)


def _places(shape: Sequence[str], order: Sequence[str]) -> list[int]:
    """Which die is whose: that of its place among all that `order` names, then those that it does not."""
    known = [n for n in order if n in READINGS and n not in EVEN]
    known += [n for n in shape if n not in known]
    return [known.index(n) for n in shape]


def _drawn(
    people: People, slopes: Array, target: Array, spread: Array, rng: np.random.Generator, places: Sequence[int]
) -> tuple[Array, Array]:
    """Draw what is left open: a person of the prior, told nothing but the spread around the mean (Matheron's rule).

    Args:
        people: the prior.
        slopes: (S, I) of the named readings.
        target: (S,) where they shall lie.
        spread: (S,) how much of that is open, SDs.
        rng: decides.
        places: (S,) which of its dice each reading has.

    Returns:
        the deviation (I,) from the mean of the prior, and the target with what was drawn of its spread.
    """
    root = np.linalg.cholesky(people.covariance + 1e-6 * np.eye(len(people.mean)))
    away, dice = root @ rng.standard_normal(len(root)), rng.standard_normal(len(root))[list(places)]
    if not len(target):
        return away, target
    noise = 1 / (1 / np.clip(spread, 0.02, 0.95) ** 2 - 1)
    gain = people.covariance @ slopes.T @ np.linalg.inv(slopes @ people.covariance @ slopes.T + np.diag(noise))
    away = away - gain @ (slopes @ away + np.sqrt(noise) * dice)
    return away, target + np.clip(slopes @ away, -2 * spread, 2 * spread)


def _traits_of_age(years: float | None, sex: str) -> dict[str, tuple[float, float]]:
    """What usually comes with childhood or old age: attribute → (mean, spread)."""
    young = 0.0 if years is None else float(np.interp(years, *YOUTH))
    if young > 0:
        traits = TRAITS_OF_YOUTH | (TRAITS_OF_BOYS if sex == "M" else {})
        return {n: (young * mean, AGE_SPREAD) for n, mean in traits.items()}
    share = 0.0 if years is None else float(np.clip((years - 50) / 30, 0, 1))
    return {n: (share * mean, AGE_SPREAD) for n, mean in TRAITS_OF_AGE.items()} if share > 0.1 else {}


def _target(
    model: MakeHumanHead,
    name: str,
    asked: tuple[float, float],
    people: tuple[float, float],
    sex: str,
    among_all: bool,
    years: float | None,
) -> float:
    """The reading to reach, SDs of adults, for an attribute asked for as N(mean, spread²).

    `people` are mean and SD of the reading among those of the sex and age: big for a child is not big for a man.
    """
    degree, spread = asked
    if spread == SETTLED_SPREAD:
        return degree
    plain = spread < CLEAR_SPREAD
    if name == "masculinity":
        return masculinity_among_all(model, shown(degree) if plain else degree, sex)
    reading = reading_for(degree, *people, plain, among_all, emphasis_of(name, years, degree, sd_mm(model, name)))
    if years is not None and years < SMALL and plain:  # of infants less is seen plainly, and more is no infant
        return people[0] + INFANTS_SHARE * (reading - people[0])
    return reading


def sd_mm(model: MakeHumanHead, name: str) -> float:
    """What one SD of a reading is on the head, in the unit in which it is measured."""
    gauge = gauge_of(model)
    return float(gauge.sd[gauge.index(name)])
