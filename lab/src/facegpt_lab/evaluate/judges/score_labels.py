"""Which labels of a sentence a head keeps: the table of docs/facegpt-bench.md, one rule a function.

A head is what is read off it (`Shown`): attributes in standard deviations, blendshape weights, millimetres, years.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.targets import ATTRIBUTES, TIED_ATTRIBUTES
from facegpt.types import Array
from facegpt_lab.evaluate.judges.nearest_emotion import AT_REST, nearest, same_group

#: Attributes that cannot go far below their mean: a negative degree means "at most the median".
FLOORED = ("asymmetry", "nose_crookedness", "chin_cleft", "freckles", "wrinkles", "beard", "moustache")
PLAIN, SLIGHT_LOW, SLIGHT_HIGH, AVERAGE, EXCLUDED, RELATION, UNIT_RELATION = 0.5, 0.25, 1.5, 0.5, 0.5, 0.5, 0.2
AGE_SLACK_YEARS, ADULT_YEARS, MM_SLACK = 5.0, 18.0, 1.0
#: What stays within this, SDs, has not moved.
KEPT_SD = 0.3


@dataclass(frozen=True)
class Shown:
    """What is read off one head.

    Attributes:
        readings: (K,) SDs of adults, in the order of attributes.csv.
        expression: (E,) weights 0..1.
        mm: every measure of `face.measure()` in mm.
        age_years: the age that it looks like.
    """

    readings: Array
    expression: Array
    mm: Mapping[str, float]
    age_years: float


@dataclass(frozen=True)
class Population:
    """The prior of the tested model, for one sex or for all: means, SDs and medians.

    Attributes:
        mean, sd, median: (K,) of the readings.
        mm_mean, mm_sd: of every measure.
    """

    mean: Array
    sd: Array
    median: Array
    mm_mean: Mapping[str, float]
    mm_sd: Mapping[str, float]

    @staticmethod
    def of(heads: list[Shown]) -> Population:
        """Take the statistics of a sample."""
        readings = np.stack([head.readings for head in heads])
        mm = {name: np.array([head.mm[name] for head in heads]) for name in heads[0].mm}
        return Population(
            readings.mean(0),
            readings.std(0) + 1e-6,
            np.median(readings, axis=0),
            {name: float(values.mean()) for name, values in mm.items()},
            {name: float(values.std()) + 1e-6 for name, values in mm.items()},
        )

    def z(self, shown: Shown) -> Array:
        """The attributes (K,) in SDs of this population."""
        return (shown.readings - self.mean) / self.sd


@dataclass(frozen=True)
class Point:
    """One label, right or wrong, on one head.

    Attributes:
        kind: "attribute", "not", "relation", "age", "child age", "sex", "mm", "expression", "expression_off",
            "expression_keep", "emotion", "emotion or also", "emotion group", "neutral" or "keep".
        name: of the attribute, measure, unit or emotion.
        right: whether the head keeps it.
        asked, seen: numbers for rank correlations; NaN where there are none.
    """

    kind: str
    name: str
    right: bool
    asked: float = float("nan")
    seen: float = float("nan")


@dataclass(frozen=True)
class Case:
    """One head with the labels of its sentence.

    Attributes:
        labels: as in LABELS.md. shown: the head. people: the prior of the sex that the words name, or of all.
        before: the head that was edited, or None.
    """

    labels: Mapping[str, Any]
    shown: Shown
    people: Population
    before: Shown | None = None

    def moved(self) -> Array:
        """Z (K,), or its change in an edit."""
        z = self.people.z(self.shown)
        return z if self.before is None else z - self.people.z(self.before)


def score(case: Case) -> list[Point]:
    """Judge every label of a case; what the words contradict themselves about is left out."""
    points = [
        *_attributes(case),
        *_excluded(case),
        *_relations(case),
        *_person(case),
        *_millimetres(case),
        *_units(case),
        *_emotion(case),
        *_kept(case),
    ]
    conflict = set(case.labels.get("conflict", ()))
    return [p for p in points if p.name not in conflict and p.kind.split()[-1] not in conflict]


@lru_cache(maxsize=1)
def table() -> dict[str, dict[str, str]]:
    """Read attributes.csv: name → row."""
    text = (resources.files("facegpt.language") / "attributes.csv").read_text(encoding="utf-8")
    return {row["name"]: row for row in csv.DictReader(text.splitlines())}


def is_headline(name: str) -> bool:
    """Whether an attribute is in the headline: core, and shown by the shape, or the lightness of the skin."""
    row = table()[name]
    return row["tier"] == "core" and (row["carrier"] == "shape" or name == "skin_lightness")


def _attributes(case: Case) -> list[Point]:
    moved = case.moved()
    points = []
    for name, degree in case.labels.get("attributes", {}).items():
        value = float(moved[ATTRIBUTES.index(name)])
        right = attribute_right(name, degree, value, case)
        points.append(Point("attribute", name, right, float(degree), value))
    return points


def attribute_right(name: str, degree: float, value: float, case: Case) -> bool:
    """Judge one attribute: `value` is z, or its change in an edit (who is asked to shave may be shaven already)."""
    if degree < 0 and name in FLOORED:
        k = ATTRIBUTES.index(name)
        at_floor = bool(case.shown.readings[k] <= case.people.median[k] + 1e-6)
        return at_floor or (case.before is not None and value <= -PLAIN)
    if degree == 0:
        return -AVERAGE <= value <= AVERAGE
    along = value * np.sign(degree)
    return bool(SLIGHT_LOW <= along <= SLIGHT_HIGH if abs(degree) < 1 else along >= PLAIN)


def _excluded(case: Case) -> list[Point]:
    moved = case.moved()
    return [
        Point("not", name, bool(moved[ATTRIBUTES.index(name)] * side <= EXCLUDED))
        for name, side in case.labels.get("not", {}).items()
    ]


def _relations(case: Case) -> list[Point]:
    z = case.people.z(case.shown)
    points = []
    for first, _, second in case.labels.get("relations", ()):
        if first in ATTRIBUTES:
            right = z[ATTRIBUTES.index(first)] - z[ATTRIBUTES.index(second)] >= RELATION
        else:
            weights = case.shown.expression
            right = weights[ARKIT_NAMES.index(first)] - weights[ARKIT_NAMES.index(second)] >= UNIT_RELATION
        points.append(Point("relation", first, bool(right)))
    return points


def _person(case: Case) -> list[Point]:
    points = []
    if "age_years" in case.labels:
        low, high = case.labels["age_years"]
        right = low - AGE_SLACK_YEARS <= case.shown.age_years <= high + AGE_SLACK_YEARS
        kind = "child age" if high < ADULT_YEARS else "age"
        points.append(Point(kind, "age_years", bool(right), (low + high) / 2, case.shown.age_years))
    if "sex" in case.labels:
        masculine = case.shown.readings[ATTRIBUTES.index("masculinity")] > 0
        points.append(Point("sex", "sex", bool(masculine) == (case.labels["sex"] == "M")))
    return points


def _millimetres(case: Case) -> list[Point]:
    points = []
    for name, goal in case.labels.get("mm", {}).items():
        base = case.people.mm_mean.get(name) if case.before is None else case.before.mm.get(name)
        seen = case.shown.mm.get(name)
        if base is None or seen is None:
            continue
        for kind, amount in goal.items():
            asked = {"change": base + amount, "percent": base * (1 + amount / 100)}.get(kind, float(amount))
            off = {"min": max(asked - seen, 0.0), "max": max(seen - asked, 0.0)}.get(kind, abs(seen - asked))
            points.append(Point("mm", name, off <= MM_SLACK, asked, seen))
    return points


def _units(case: Case) -> list[Point]:
    """Judge blendshapes; a left-right pair with equal labels counts once, and both must be right."""
    asked: Mapping[str, float] = case.labels.get("expression", {})
    verdicts: dict[tuple[str, float], list[tuple[bool, float]]] = {}
    for name, weight in asked.items():
        seen = float(case.shown.expression[ARKIT_NAMES.index(name)])
        worn = 0.0 if case.before is None else float(case.before.expression[ARKIT_NAMES.index(name)])
        verdicts.setdefault((_pair(name, asked), weight), []).append((_unit_right(weight, seen, worn), seen))
    points = [
        Point("expression", name, all(r for r, _ in seen), weight, float(np.mean([s for _, s in seen])))
        for (name, weight), seen in verdicts.items()
    ]
    off: dict[str, list[bool]] = {}
    for name in case.labels.get("expression_off", ()):
        seen = float(case.shown.expression[ARKIT_NAMES.index(name)])
        worn = 0.0 if case.before is None else float(case.before.expression[ARKIT_NAMES.index(name)])
        off.setdefault(_pair(name, case.labels["expression_off"]), []).append(seen <= max(AT_REST, worn / 2))
    points += [Point("expression_off", name, all(right)) for name, right in off.items()]
    return points + _units_kept(case)


def _units_kept(case: Case) -> list[Point]:
    """Judge units that an edit must leave as the input wears them."""
    if case.before is None:
        return []
    change = np.abs(case.shown.expression - case.before.expression)
    kept: Sequence[str] = case.labels.get("expression_keep", ())
    right: dict[str, list[bool]] = {}
    for name in kept:
        right.setdefault(_pair(name, kept), []).append(bool(change[ARKIT_NAMES.index(name)] <= AT_REST))
    return [Point("expression_keep", name, all(sides)) for name, sides in right.items()]


def _unit_right(asked: float, seen: float, worn: float) -> bool:
    if worn <= AT_REST:
        return seen >= asked / 2
    halfway = (worn + asked) / 2
    return seen >= halfway if asked >= worn else seen <= halfway


def _pair(name: str, among: Any) -> str:
    """The stem of a unit whose other side is named as well, else its own name."""
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side) and name[: -len(side)] + other in among:
            return name[: -len(side)]
    return name


def _emotion(case: Case) -> list[Point]:
    name = case.labels.get("emotion")
    if name is None:
        return []
    strongest = float(case.shown.expression.max())
    if name == "neutral":
        return [Point("neutral", name, strongest <= AT_REST)]
    found, also = nearest(case.shown.expression), case.labels.get("emotion_also", ())
    intensity = float(case.labels.get("intensity", 0.7))
    return [
        Point("emotion", name, found == name, intensity, strongest),
        Point("emotion or also", name, found == name or found in also),
        Point("emotion group", name, same_group(found, name)),
    ]


def _kept(case: Case) -> list[Point]:
    if not case.labels.get("keep") or case.before is None:
        return []
    return [Point("keep", "keep", all(change <= KEPT_SD for change in unasked_changes(case).values()))]


def unasked_changes(case: Case) -> dict[str, float]:
    """|change| of an edit in SDs: of every measure and core attribute neither asked for nor tied to what is."""
    assert case.before is not None
    named = {*case.labels.get("attributes", {}), *case.labels.get("not", {})}
    measures = set(case.labels.get("mm", {}))
    named |= {n for n, row in table().items() if row["measure"] and row["measure"] in measures}
    if "age_years" in case.labels:
        named.add("age")
    if "sex" in case.labels or "masculinity" in named:
        return {}
    free = tied_to(named)
    free_measures = measures | {table()[n]["measure"] for n in free}
    moved = np.abs(case.moved())
    changes = {
        n: float(moved[k]) for k, n in enumerate(ATTRIBUTES)
        if table()[n]["tier"] == "core" and n not in free and table()[n]["measure"] not in measures
    }  # fmt: skip
    if "head_size" in named:  # every measure of size goes with it
        return {name: change for name, change in changes.items() if not table()[name]["measure"]}
    for name, sd in case.people.mm_sd.items():
        if name not in free_measures:
            changes[name] = abs(case.shown.mm[name] - case.before.mm[name]) / sd
    return changes


def tied_to(named: set[str]) -> set[str]:
    """The attributes named and those that may move with them."""
    free = set(named)
    for whole, parts in TIED_ATTRIBUTES.items():
        if whole in named:
            free |= parts
        if named & parts:
            free.add(whole)
    return free
