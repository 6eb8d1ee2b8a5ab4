"""Millimetres asked for: propose, measure, correct. Numbers are met on the measured head, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from facegpt.describe.attribute_readings import EVEN, READINGS, SHAPE_ATTRIBUTES, gauge_of
from facegpt.describe.shape.shape_gauge import BOTH_SIDES, PUBLISHED, SIDED_MEASURES
from facegpt.language.head_request import MillimetreGoal
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.measure import Landmarks, measure_mm
from facegpt.types import Array

#: A goal is met within this, mm.
MET_MM = 0.2
#: Nobody is further from the mean of the prior than so many SDs: a goal beyond is met as far as that.
FURTHEST_SD = 4.5
#: Weights beside a step of 1 in identity: an asked mm missed, an SD of drift in another measure, in another reading.
STRICT_PER_MM, HOLD_MEASURE, HOLD_READING = 2000.0, 6.0, 6.0
STEPS, DIFFERENCE = 6, 1e-3
#: The squared step of identity up to which an edit closes what its bounds leave of numbers: those that people have
#: leave less than 1 (3 mm off a nose, 8 mm on a jaw), a nose a third smaller or twice as big 70 to 140, another face.
CLOSED_SQUARED = 12.0
#: Group of attributes.csv → the measures that lie within that part of the face alone.
MEASURES_OF_PARTS = {
    "mouth": ("lip_length", "philtrum_length", "upper_vermilion_height", "lower_vermilion_height"),
    "nose": ("nose_height_nasion_subnasale", "nasal_bridge_length", "nose_protrusion", "nose_breadth"),
    "eyes": ("interpupillary_distance", "inner_canthal_distance", "outer_canthal_distance", "palpebral_fissure_length"),
    "ears": ("ear_length", "ear_breadth", "ear_protrusion"),
    "cheeks": ("bizygomatic_breadth",),
    "jaw": ("bigonial_breadth",),
    "forehead": ("minimum_frontal_breadth",),
    "neck": ("neck_circumference",),
}
#: Attributes that are measures: these readings move with the measure.
_SAME = {measure: name for name, measure in PUBLISHED.items()} | dict(zip(SIDED_MEASURES, BOTH_SIDES, strict=True))


class _Measures:
    """Measures of one head model as a quick function of identity: the measuring points are linear in it."""

    def __init__(self, model: MakeHumanHead) -> None:
        points = model.landmarks
        self.mean = points.points(model.mean_vertices)
        self.basis = points.points(model.identity_basis)
        count = len(self.mean)
        corners = np.repeat(np.arange(count)[:, None], 3, axis=1)
        self._landmarks = Landmarks(points.row, corners, np.tile([1.0, 0.0, 0.0], (count, 1)))
        people = model.sample(400, 7).astype(np.float64)
        values = np.stack(list(self(people).values()), -1)
        self.names = tuple(self(people[:1]))
        self.average, self.sd = values.mean(0), values.std(0)

    def __call__(self, identity: Array) -> dict[str, Array]:
        """Measure identities (B, I): name → (B,) mm."""
        return measure_mm(self._landmarks, self.mean + np.tensordot(identity, self.basis, 1))

    def values(self, identity: Array) -> Array:
        """Measure one identity (I,): (M,) mm in the order of `names`."""
        return np.array([v[0] for v in self(identity[None]).values()])

    def slopes(self, identity: Array) -> Array:
        """The gradient (M, I) of all measures, mm per SD."""
        near = np.concatenate([identity[None], identity + DIFFERENCE * np.eye(len(identity))])
        values = np.stack(list(self(near).values()), -1)
        return ((values[1:] - values[0]) / DIFFERENCE).T


@lru_cache(maxsize=2)
def _measures(model: MakeHumanHead) -> _Measures:
    return _Measures(model)


def millimetre_goals(
    model: MakeHumanHead, base: Array, goals: Sequence[MillimetreGoal]
) -> tuple[dict[str, tuple[float, float]], list[MillimetreGoal]]:
    """A range (lowest, highest) in mm for each measure that is asked for, and the goals that cannot be met.

    Args:
        model: the head model.
        base: (I,) the head that "change" and "percent" start from.
        goals: numbers asked for, in their order in the text.

    Returns:
        measure → range; and the goals that name no measure, contradict another one, or leave the human range.
    """
    measures = _measures(model)
    before = dict(zip(measures.names, measures.values(np.asarray(base, np.float64)), strict=True))
    ranges: dict[str, tuple[float, float]] = {}
    refused: list[MillimetreGoal] = []
    for goal in goals:
        if goal.measure not in before:
            refused.append(goal)
            continue
        low, high = range_of(goal, before[goal.measure])
        row = measures.names.index(goal.measure)
        reach = FURTHEST_SD * measures.sd[row]
        inside = np.clip((low, high), measures.average[row] - reach, measures.average[row] + reach)
        if np.any((inside != (low, high)) & np.isfinite((low, high))):
            refused.append(goal)
        low, high = (inside[0] if np.isfinite(low) else low), (inside[1] if np.isfinite(high) else high)
        old = ranges.get(goal.measure, (-np.inf, np.inf))
        both = max(low, old[0]), min(high, old[1])
        if both[0] > both[1] + MET_MM:  # the last word counts
            refused.append(goal)
            both = old
        ranges[goal.measure] = both
    return ranges, refused


def from_now_on(model: MakeHumanHead, base: Array, goals: Sequence[MillimetreGoal]) -> tuple[MillimetreGoal, ...]:
    """The same goals, with those that count from a head (I,) as values of their own."""
    if not goals:
        return ()
    before = _measures(model)(np.asarray(base, np.float64)[None])
    known = [goal.kind in ("change", "percent") and goal.measure in before for goal in goals]
    return tuple(
        replace(goal, kind="value", amount=range_of(goal, float(before[goal.measure][0]))[0]) if counts else goal
        for goal, counts in zip(goals, known, strict=True)
    )


def asked_changes(model: MakeHumanHead, base: Array, goals: Sequence[MillimetreGoal]) -> dict[str, float]:
    """By how many mm goals change measures of a head (I,): measure → mm; the last goal of a measure counts."""
    if not goals:
        return {}
    before = {name: float(mm[0]) for name, mm in _measures(model)(np.asarray(base, np.float64)[None]).items()}
    ranges = {goal.measure: range_of(goal, before[goal.measure]) for goal in goals if goal.measure in before}
    return {name: float(np.clip(before[name], *both)) - before[name] for name, both in ranges.items()}


def kept_goals(model: MakeHumanHead, base: Array, kept: Sequence[str]) -> tuple[MillimetreGoal, ...]:
    """Goals by which the measures of parts (MEASURES_OF_PARTS) stay as a head (I,) has them."""
    if not kept:
        return ()
    now = _measures(model)(np.asarray(base, np.float64)[None])
    names = [name for part in kept for name in MEASURES_OF_PARTS.get(part, ())]
    return tuple(MillimetreGoal(name, "value", float(now[name][0])) for name in names)


def range_of(goal: MillimetreGoal, before: float) -> tuple[float, float]:
    """The least and the most mm that a goal allows a length that was so long."""
    exact = {"change": before + goal.amount, "value": goal.amount, "percent": before * (1 + goal.amount / 100)}
    if goal.kind in exact:
        return exact[goal.kind], exact[goal.kind]
    return (goal.amount, np.inf) if goal.kind == "min" else (-np.inf, goal.amount)


def readings_asked(
    model: MakeHumanHead, base: Array, identity: Array, goals: Sequence[MillimetreGoal]
) -> dict[str, float]:
    """The readings (SDs, names of READINGS) at which an identity (I,) meets numbers asked for.

    Args:
        model: the head model.
        base: (I,) the head that "change" and "percent" start from.
        identity: (I,) the head as it is.
        goals: numbers asked for; those of one side (SIDED_MEASURES) are left to `meet_millimetres`.
    """
    if not goals:
        return {}
    gauge, now = gauge_of(model), gauge_of(model).raw(np.asarray(identity, np.float64)[None])[0]
    ranges, _ = millimetre_goals(model, base, goals)
    names = {measure: _SAME.get(measure, measure) for measure in ranges if measure not in SIDED_MEASURES}
    rows = {measure: gauge.index(name) for measure, name in names.items() if name in READINGS}
    wanted = {k: float(np.clip(now[k], *ranges[measure])) for measure, k in rows.items()}
    return {READINGS[k]: float((goal - gauge.mean[k]) / gauge.sd[k]) for k, goal in wanted.items()}


def closed(start: Array, met: Array) -> Array:
    """An identity (I,) that goes from `start` towards the one that meets all numbers, and stays the same person."""
    step = np.asarray(met, np.float64) - start
    return np.asarray(start + step * min(1.0, np.sqrt(CLOSED_SQUARED / max(float(step @ step), 1e-9))))


def meet_millimetres(
    model: MakeHumanHead, identity: Array, goals: Sequence[MillimetreGoal], base: Array | None = None
) -> tuple[Array, list[MillimetreGoal]]:
    """Change an identity (I,) until its measures are as asked and all other measures and readings move least.

    Args:
        model: the head model.
        identity: (I,) where to start.
        goals: numbers asked for, in their order in the text.
        base: (I,) the head that changes are counted from; `identity` itself if None.

    Returns:
        the identity, and the goals that are not met within MET_MM (impossible or contradictory ones).
    """
    first = np.asarray(identity, np.float64)
    if not goals:
        return first, []
    measures, gauge = _measures(model), gauge_of(model)
    ranges, refused = millimetre_goals(model, first if base is None else base, goals)
    rows = [measures.names.index(n) for n in ranges]
    low, high = (np.array([r[k] for r in ranges.values()]) for k in range(2))
    others = [k for k in range(len(measures.names)) if k not in rows]
    same = {_SAME.get(n) for n in ranges}
    held = [k for k, n in enumerate(SHAPE_ATTRIBUTES) if n not in same and n not in EVEN]
    kept = np.sqrt(HOLD_READING) * gauge.gradient[held]
    start, now = measures.values(first), first
    for _ in range(STEPS):
        values = measures.values(now)
        miss = np.clip(values[rows], low, high) - values[rows]
        if np.abs(miss).max(initial=0) < MET_MM / 4:
            break
        slopes = measures.slopes(now)
        asked = slopes[rows]
        side = slopes[others] / measures.sd[others, None] * np.sqrt(HOLD_MEASURE)
        drift = np.sqrt(HOLD_MEASURE) * (start - values)[others] / measures.sd[others]
        normal = np.eye(len(now)) + STRICT_PER_MM * asked.T @ asked + side.T @ side + kept.T @ kept
        right = first - now + STRICT_PER_MM * asked.T @ miss + side.T @ drift + kept.T @ (kept @ (first - now))
        now = now + np.linalg.solve(normal, right)
    values = measures.values(now)
    missed = np.abs(np.clip(values[rows], low, high) - values[rows]) > MET_MM
    late = {name for name, bad in zip(ranges, missed, strict=True) if bad}
    return now, [w for w in goals if w in refused or w.measure in late]
