"""Move a head until it reads as asked, and nothing else does: least squares on the true readings.

The readings (shape_gauge.py) are nearly linear in the identity of adults, so Gauss-Newton with one gradient needs two
or three steps; where a step gains less than it should (children), the gradient is taken anew. Correlated traits are
held by extra terms: a broad nose comes without a broad face.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facegpt.describe.attribute_readings import EVEN, READINGS, SHAPE_ATTRIBUTES, Gauge, gauge_of, lopsided_directions
from facegpt.describe.landmark_measures import LANDMARK_MEASURES
from facegpt.language.targets import TIED_ATTRIBUTES
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array

#: How much a step of 1 in identity costs beside a miss of 1 SD in an asked reading (squared).
STRICT = 1000.0
#: Distances between landmarks follow as far as the attribute that they show lets them: their misses count less.
LANDMARK_STRICT = 30.0
#: An edit: how hard it holds, and the drift, SDs among people of one sex, from which a reading is held harder.
#: The weight grows with the fourth power of the drift, so that the largest one counts most (a 6-norm).
HOLD_ALONE, DRIFT_SD, HOLD_MOST = 25.0, 0.1, 3e4
ROUNDS, REWEIGHINGS = 4, 12
#: Of an edit: a round that leaves so many times the least cost so far leads nowhere.
DIVERGED = 4.0
#: Of an edit: an asked reading that comes out so far from what the slopes said asks for slopes taken where the head is.
BENT_SD = 0.5
#: Measures that are no attribute (head_breadth) weigh less than attributes: many follow from them. Distances between
#: landmarks are never held: they may be asked for.
MEASURE_SHARE = 0.5
#: How hard an edit holds how manly a face is, beside the rest: half of the traits lean on it.
SEX_SHARE = 8.0
STEPS, CLOSE_SD = 8, 0.03
#: No step is longer; one that gains less than this share of what it should asks for slopes taken where the head is.
LONGEST_STEP, TRUSTED = 4.0, 0.1
#: How far apart identities are whose readings give slopes.
SMALL = 0.05
#: 99 % of adults lie within this squared length of identity (chi-squared, 60 degrees of freedom).
PLAUSIBLE_SQUARED = 88.4


#: How hard what is tied is held, beside what is not; parts of a size that is asked for are free to make it up.
TIED_SHARE, PART_SHARE = 0.15, 0.02
_SUMS = ("nose_size", "eye_size", "heaviness")


def held_shares(gauge: Gauge, named: set[str], others: list[str], alone: bool = True) -> Array:
    """How hard each other reading is held: by its SD among people of one sex, less where it is tied.

    alone: whether even what comes with an age is held as hard as the rest.
    """
    tied: dict[str, float] = {}
    for whole, parts in TIED_ATTRIBUTES.items():
        if whole == "age" and alone:
            continue
        if whole in named:
            tied |= dict.fromkeys(parts, PART_SHARE if whole in _SUMS else TIED_SHARE)
        if named & parts:
            tied.setdefault(whole, PART_SHARE if whole in _SUMS else TIED_SHARE)
    share = np.array([(1.0 if n in SHAPE_ATTRIBUTES else MEASURE_SHARE) * tied.get(n, 1.0) for n in others])
    return share / np.clip(_within(gauge, others), 0.4, 1.2) ** 2


def _within(gauge: Gauge, names: list[str]) -> Array:
    """The SD of readings among people of one sex, in SDs of all adults."""
    slopes = gauge.gradient[[gauge.index(n) for n in names]]
    return np.sqrt(np.maximum((slopes**2).sum(1) - (slopes @ gauge.model.axes.male) ** 2, 1e-6))


def _rows(gauge: Gauge, names: list[str]) -> tuple[list[int], list[str], list[int]]:
    """Rows of the wanted readings in READINGS; names and rows of those that are held beside them."""
    others = [n for n in READINGS if n not in {*names, *EVEN, *LANDMARK_MEASURES}]
    return [gauge.index(n) for n in names], others, [gauge.index(n) for n in others]


def reach(model: MakeHumanHead, start: Array, wanted: dict[str, float], hold: float) -> Array:
    """Find the identity (I,) nearest to `start` that reads as `wanted` (SDs) while other readings stay.

    Args:
        model: the head model.
        start: (I,).
        wanted: shape attribute → reading; those of EVEN are left to `reach_even`.
        hold: weight of one SD (squared) of drift in each other reading, beside a step of 1 in identity.
    """
    names = [n for n in wanted if n not in EVEN]
    if not names:
        return np.asarray(start, np.float64)
    gauge = gauge_of(model)
    rows, others, held = _rows(gauge, names)
    weights = hold * held_shares(gauge, set(names), others)
    target, strict = np.array([wanted[n] for n in names]), _strictness(names)
    first = np.asarray(start, np.float64)
    before = gauge.read(first[None])[0]

    def missed(at: Array, now: Array) -> tuple[Array, Array, Array]:
        return target - now[rows], before[held] - now[held], first - at

    def cost(at: Array, now: Array) -> float:
        miss, drift, back = missed(at, now)
        return float(strict @ miss**2 + weights @ drift**2 + back @ back)

    def step(slopes: Array, at: Array, now: Array) -> Array | None:
        miss, drift, back = missed(at, now)
        if at is not first and np.abs(miss[strict == STRICT]).max(initial=0.0) < CLOSE_SD:
            return None
        return _step(slopes, (rows, strict), held, miss, drift, weights, back)

    return _descend(gauge, first, before, cost, step)


def reach_alone(model: MakeHumanHead, start: Array, wanted: dict[str, float], alone: bool = True) -> Array:
    """Find an identity (I,) that reads as `wanted` (SDs) while no other reading moves far.

    The largest drift counts most. What is tied to the wanted readings (TIED_ATTRIBUTES) may move further.

    Args:
        model: the head model.
        start: (I,).
        wanted: name of READINGS → reading; those of EVEN are left to `reach_even`.
        alone: whether even what comes with an age stays.
    """
    names = [n for n in wanted if n not in EVEN]
    if not names:
        return np.asarray(start, np.float64)
    gauge = gauge_of(model)
    rows, others, held = _rows(gauge, names)
    share = held_shares(gauge, set(names), others, alone)
    share[[k for k, n in enumerate(others) if n == "masculinity"]] *= SEX_SHARE
    scale = DRIFT_SD * np.clip(_within(gauge, others), 0.25, 1.2)
    target, strict = np.array([wanted[n] for n in names]), _strictness(names)
    first = np.asarray(start, np.float64)
    before = gauge.read(first[None])[0]

    identity = near = first
    now, expected, least, slopes = before, before, np.inf, gauge.gradient
    for _ in range(ROUNDS):
        miss, drift = target - now[rows], before[held] - now[held]
        cost = float(strict @ miss**2 + HOLD_ALONE * share @ drift**2)
        if not cost < least * DIVERGED:  # or no number at all
            return near
        near, least = (identity, cost) if cost < least else (near, least)
        if np.abs(now - expected)[rows].max() > BENT_SD:
            slopes = slopes_at(gauge, identity, now)
        weights: Array = HOLD_ALONE * share
        step: Array = np.zeros(len(first))
        for k in range(REWEIGHINGS):  # on the linear readings; half a step each keeps the weights from swinging
            found = _step(slopes, (rows, strict), held, miss, drift, weights, first - identity)
            step = found if k == 0 else (step + found) / 2
            further = (drift - slopes[held] @ step) / scale
            weights = np.minimum(HOLD_ALONE * share * (1 + further**4), HOLD_MOST)
        expected = now + slopes @ step
        identity = identity + step
        now = gauge.read(identity[None])[0]
    return identity if np.isfinite(now).all() else near


def _descend(
    gauge: Gauge,
    identity: Array,
    now: Array,
    cost: Callable[[Array, Array], float],
    step_from: Callable[[Array, Array, Array], Array | None],
) -> Array:
    """Go step by step to an identity (I,) of less cost.

    Args:
        gauge: reads heads.
        identity: (I,) where it begins.
        now: (R,) its readings.
        cost: of an identity and its readings.
        step_from: the step from slopes (R, I), identity and readings; None where it is near enough.
    """
    slopes, own, longest = gauge.gradient, False, LONGEST_STEP
    for left in reversed(range(STEPS)):
        step = step_from(slopes, identity, now)
        if step is None or not (length := float(np.linalg.norm(step))):
            break
        step = step * min(1.0, longest / length)
        there = identity + step
        read = gauge.read(there[None])[0]
        here = cost(identity, now)
        expected, gained = here - cost(there, now + slopes @ step), here - cost(there, read)
        if gained > 0:
            identity, now = there, read
        if left and gained < TRUSTED * expected:
            longest = min(longest, length) / 3 if own else longest
            slopes, own = (slopes if own and gained <= 0 else slopes_at(gauge, identity, now)), True
    return identity


def slopes_at(gauge: Gauge, identity: Array, now: Array) -> Array:
    """(R, I) how readings change with the identity (I,), by differences."""
    near = identity + SMALL * np.eye(len(identity))
    return (gauge.read(near) - now).T / SMALL


def _strictness(names: list[str]) -> Array:
    return np.array([LANDMARK_STRICT if n in LANDMARK_MEASURES else STRICT for n in names])


def _step(
    slopes: Array,
    asked: tuple[list[int], Array],
    held: list[int],
    miss: Array,
    drift: Array,
    weights: Array,
    back: Array,
) -> Array:
    """One Gauss-Newton step (I,): asked readings (rows, weights), held readings, and the pull `back` to the start."""
    rows, strict = asked
    moved, kept = slopes[rows], slopes[held]
    normal = np.eye(len(back)) + (moved.T * strict) @ moved + (kept.T * weights) @ kept
    right = back + moved.T @ (strict * miss) + kept.T @ (weights * drift)
    return np.linalg.solve(normal, right)


def reach_even(model: MakeHumanHead, start: Array, wanted: dict[str, float]) -> Array:
    """Make a face as lopsided as `wanted` says (readings of EVEN), by antisymmetric directions only.

    These readings have no sign, so the gradient is taken where the head is, by differences.
    """
    names = [n for n in wanted if n in EVEN]
    identity = np.asarray(start, np.float64)
    if not names:
        return identity
    gauge, odd = gauge_of(model), lopsided_directions(model)
    rows = [gauge.index(n) for n in names]
    floor = -gauge.mean[rows] / gauge.sd[rows] + 0.1
    target = np.maximum([wanted[n] for n in names], floor)
    small = 0.05
    for _ in range(5):
        near = np.concatenate([identity[None], identity + small * odd])
        values = gauge.read(near)[:, rows]
        miss = target - values[0]
        if np.abs(miss).max() < CLOSE_SD:
            break
        slope = (values[1:] - values[0]) / small
        step = slope @ np.linalg.solve(slope.T @ slope + 0.02 * np.eye(len(rows)), miss)
        identity = identity + odd.T @ (step * min(1.0, 1.5 / max(float(np.linalg.norm(step)), 1e-9)))
    return identity


def plausible(identity: Array, middle: Array, squared: float = PLAUSIBLE_SQUARED) -> Array:
    """Draw an identity (I,) towards `middle` (I,) where it is further from it than 99 % of people are."""
    away = np.asarray(identity, np.float64) - middle
    length = float(away @ away)
    return middle + away * np.sqrt(min(1.0, squared / max(length, 1e-9)))


def part_way(start: Array, end: Array, squared: float) -> Array:
    """Go from one identity (I,) towards another, no further than to a squared length (or that of the start)."""
    start, step = np.asarray(start, np.float64), np.asarray(end, np.float64) - start
    a, b, c = float(step @ step), 2 * float(start @ step), float(start @ start) - max(squared, float(start @ start))
    if a < 1e-12:
        return start
    return start + min(1.0, (-b + np.sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a)) * step
