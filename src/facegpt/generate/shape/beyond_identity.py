"""What words ask of a shape and identities alone do not show: single parts are shaped beyond the identity.

The identity moves what people's faces have in common, so a nose that is made much bigger brings the chin along, or
stops at the bound of an edit. Local shapes (makehuman/local_shapes.py) close the rest of the gap: least
squares over their millimetres, on the same readings, within their ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from facegpt.describe.attribute_readings import EVEN, READINGS, gauge_of
from facegpt.describe.landmark_measures import LANDMARK_MEASURES
from facegpt.generate.identities import JUMPS
from facegpt.generate.shape_solve import LANDMARK_STRICT, STRICT, held_shares
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.local_shapes import (
    LOCAL_SHAPES,
    bounds,
    local_fields,
    shaped,
    within_bounds,
)
from facegpt.types import Array

#: Cost of a local shape at the end of its range, beside 1 SD (squared) that an asked reading misses times STRICT.
COST_OF_RANGE = 60.0
#: Weight of one SD (squared) of drift in each other reading.
HOLD = 250.0
#: Share of a range over which effects on the readings are taken; rounds of steps.
DIFFERENCE, ROUNDS = 0.3, 3
#: A gap as small as this needs no local shape; one whose whole range moves an asked reading less serves nothing, SDs.
CLOSE_SD, SERVES_SD = 0.1, 0.5
#: What moved unasked by more than this is taken back by local shapes whose range moves it by as much as UNDOES_SD.
LEAK_SD, UNDOES_SD = 0.2, 1.0
#: Readings without a sign, and the local shape that is taken off where less of them is asked for.
BENT = {"nose_crookedness": "nose_bend"}


def beyond_identity(
    model: MakeHumanHead, identity: Array, wanted: Mapping[str, float], before: Array, local_mm: Mapping[str, float]
) -> dict[str, float]:
    """The local shapes, mm by name, with which a head reads nearest to what is asked and else as before.

    Args:
        model: the head model.
        identity: (I,) of the head as far as identity goes.
        wanted: name of READINGS → reading, SDs of adults.
        before: (R,) the readings that all others keep.
        local_mm: the local shapes that the head has.
    """
    gauge, bare = gauge_of(shaped(model, None)), np.asarray(identity, np.float64)[None]
    straighter = {name for name in BENT if wanted.get(name, np.inf) < before[gauge.index(name)]}
    names = [name for name in wanted if name in READINGS and name not in straighter]
    fields, (least, most) = local_fields(model).reshape(len(LOCAL_SHAPES), -1), bounds()
    local_mm = {name: mm for name, mm in local_mm.items() if name not in {BENT[each] for each in straighter}}
    start = amounts = np.array([local_mm.get(name, 0.0) for name in LOCAL_SHAPES])
    least, most = np.minimum(least, amounts), np.maximum(most, amounts)  # what it has it may keep

    def read(rows: Array) -> Array:
        moved = (np.asarray(rows, np.float32) @ fields).reshape(len(rows), -1, 3)
        return gauge.read(np.repeat(bare, len(rows), 0), moved)

    asked = [gauge.index(name) for name in names]
    target, now = np.array([wanted[name] for name in names]), read(amounts[None])[0]
    others = [name for name in READINGS if name not in {*names, *EVEN, *LANDMARK_MEASURES, *JUMPS}]
    held, even = [gauge.index(name) for name in others], [gauge.index(name) for name in names if name in EVEN]
    close = np.abs(target - now[asked]).max(initial=0.0) < CLOSE_SD
    if not names or (close and np.abs(before[held] - now[held]).max() < 2 * LEAK_SD):
        return dict(local_mm)
    strict = np.array([LANDMARK_STRICT if name in LANDMARK_MEASURES else STRICT for name in names])
    weights, cost = HOLD * held_shares(gauge, set(names), others), COST_OF_RANGE / ((most - least) / 2) ** 2
    slopes = _slopes(read, amounts, (most - least) * DIFFERENCE, now, even)
    bends = {BENT[name] for name in BENT if name in names}  # no nose is bent for the sake of another reading
    allowed = (shape.of_people and (k in bends or k not in BENT.values()) for k, shape in LOCAL_SHAPES.items())
    of_people = np.fromiter(allowed, bool)
    serves = of_people & (_strongest(slopes[asked], most - least) >= SERVES_SD)
    for k in range(ROUNDS):
        slopes = slopes if k == 0 else _slopes(read, amounts, (most - least) * DIFFERENCE, now, even)
        moved, kept = slopes[asked][:, serves], slopes[held][:, serves]
        normal = (moved.T * strict) @ moved + (kept.T * weights) @ kept + np.diag(cost[serves])
        right = moved.T @ (strict * (target - now[asked])) + kept.T @ (weights * (before[held] - now[held]))
        right = right + (cost * (start - amounts))[serves]
        amounts = amounts.copy()
        amounts[serves] += _bounded(normal, right, (least - amounts)[serves], (most - amounts)[serves])
        now = read(amounts[None])[0]
        leaking = np.array(held)[np.abs(before[held] - now[held]) > LEAK_SD]
        serves |= of_people & (_strongest(slopes[leaking], most - least) >= UNDOES_SD)
    return within_bounds(dict(zip(LOCAL_SHAPES, amounts.tolist(), strict=True)))


def with_ear_points(local_mm: Mapping[str, float], ear_points: float | None) -> dict[str, float]:
    """The local shapes of a head, mm by name, with the tips of its ears drawn out by so many mm; None: as they are."""
    return dict(local_mm) if ear_points is None else within_bounds({**local_mm, "ear_points": ear_points})


def _slopes(read: Callable[[Array], Array], amounts: Array, reach: Array, now: Array, even: list[int]) -> Array:
    """How readings change (R, K) with each local shape, over a part of its range; `even` are rows without a sign.

    Those grow on either side, so the side that has more of it counts: what bends to the left is bent further left.
    """
    steps = np.diag(reach)
    up = (read(amounts + steps) - now) / reach[:, None]
    if not even:
        return up.T
    down = (read(amounts - steps) - now) / reach[:, None]
    other = down[:, even].sum(1) > up[:, even].sum(1)
    return np.where(other[:, None], -down, up).T


def _strongest(slopes: Array, ranges: Array) -> Array:
    """The most that half the range (K,) of each local shape moves any of the readings whose slopes (N, K) are given."""
    return np.abs(slopes * ranges / 2).max(0, initial=0.0)


def _bounded(normal: Array, right: Array, least: Array, most: Array) -> Array:
    """The step (K,) of least cost within bounds: what leaves them is set on them, and the rest solved again."""
    step: Array = np.zeros(len(right))
    free = np.ones(len(right), bool)
    for _ in range(len(right)):
        rest = right - normal[:, ~free] @ step[~free]
        step[free] = np.linalg.solve(normal[np.ix_(free, free)], rest[free])
        outside = free & ((step < least - 1e-9) | (step > most + 1e-9))
        if not outside.any():
            break
        step[outside] = np.clip(step[outside], least[outside], most[outside])
        free &= ~outside
    return step
