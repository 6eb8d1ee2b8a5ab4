"""A given identity changed as words ask: sex, age, traits; every other reading stays as near as it can."""

from __future__ import annotations

import numpy as np

from facegpt.describe.attribute_readings import EVEN, READINGS, SHAPE_ATTRIBUTES, gauge_of, lopsided_directions
from facegpt.describe.attribute_words import attribute_groups
from facegpt.describe.landmark_measures import LANDMARK_MEASURES
from facegpt.generate.degrees import MOST_EMPHASIS_OF_CHANGE, SEEN_AS_CHANGE, emphasis_of, shown_change, with_parts
from facegpt.generate.identities import BENDS, CHILD_READS, JUMPS, OLDEST_DRAWN, OPEN_SEX, Shape, sd_mm
from facegpt.generate.millimetres import readings_asked
from facegpt.generate.shape_solve import PLAUSIBLE_SQUARED, held_shares, part_way, reach, reach_alone, reach_even
from facegpt.language.head_request import HeadRequest
from facegpt.morphable.makehuman.attributes import ADULT_YEARS, CHILD_YEARS, OLDEST_YEARS, YOUNGEST_YEARS
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.types import Array

#: Masculinity or femininity, SDs of adults, from which a grown-up is surely of a sex that words ask for, and what one
#: gets who is not: a little more than the average of that sex has (0.9).
SEX_SURE, SEX_SHOWN = 0.75, 1.1
#: An edit never leaves this squared length of identity; one of a head that was changed before may go on from there by
#: so much, to the last number at most.
EDIT_SQUARED, FURTHER_SQUARED, MOST_SQUARED = 140.0, 60.0, 300.0
#: Share of a change where the words say that all else stays: what hangs together with it then stays nearer, too.
KEEPING_SHARE = 0.8
#: Weight of held readings where an edit changes somebody's weight, and how far it may go: fat faces lie far out.
HOLD_WEIGHED, WEIGHED_SQUARED = 4.0, 190.0
#: Of an edit: shares of the goal that are tried until one comes as near as this on average and moves else no more, SDs.
SHARES_TRIED, NEAR_SD, LEAKS_SD = (1.0, 0.8, 0.6, 0.4), 0.45, 0.25


def _emphasis_of_change(model: MakeHumanHead, name: str, years: float, degree: float) -> float:
    if name in SEEN_AS_CHANGE:
        return 1.0
    most = np.inf if name in BENDS else MOST_EMPHASIS_OF_CHANGE
    return min(emphasis_of(name, years, degree, sd_mm(model, name)), most)


def edit_identity(
    model: MakeHumanHead, before: Array, request: HeadRequest, named: dict[str, tuple[float, float]]
) -> Shape:
    """Change an identity (I,) as asked; every other reading stays as near as it can. Millimetres come later."""
    gauge = gauge_of(model)
    as_sex = _as_sex(model, before, request.man)
    aged = _as_age(model, as_sex, request)
    years = [model.axes.age_years(each) for each in (as_sex, aged)]
    identity = as_sex if min(years) >= ADULT_YEARS else aged
    now = gauge.read(identity[None])[0]
    asked = named if request.keeps else with_parts(named)  # what else would move is to stay
    share = KEEPING_SHARE if request.keeps else 1.0
    degrees = {
        n: share * _emphasis_of_change(model, n, years[1], m) * shown_change(m)
        for n, (m, _) in asked.items()
        if n in READINGS
    }
    if identity is not aged and years[0] != years[1]:  # among adults an age moves little else
        degrees["age"] = float((gauge.read(aged[None]) - gauge.read(as_sex[None]))[0, gauge.index("age")])
    wanted = {n: float(now[gauge.index(n)] + d) for n, d in degrees.items()}
    wanted |= readings_asked(model, before, identity, request.millimetres)
    if wanted:
        wanted = _kept_readings(model, request.kept, now) | wanted
    if "heaviness" in degrees and not request.keeps:  # alone it would stop half way, at the bound of an edit
        identity = _weighed(model, identity, wanted)
    elif set(wanted) - set(EVEN):
        identity = _nearest(model, identity, now, wanted, request.keeps)
    bent = {n for n in BENDS if degrees.get(n, 0) > 0}
    identity = reach_even(model, identity, {n: reading for n, reading in wanted.items() if n not in bent})
    return Shape(identity, wanted, now)


def _kept_readings(model: MakeHumanHead, kept: tuple[str, ...], now: Array) -> dict[str, float]:
    """The readings of parts that are to stay, as they are `now` (R,): name of READINGS → SDs."""
    gauge, groups = gauge_of(model), attribute_groups()
    return {n: float(now[gauge.index(n)]) for n in READINGS if groups.get(n) in kept and n not in EVEN}


def _nearest(model: MakeHumanHead, start: Array, now: Array, wanted: dict[str, float], alone: bool) -> Array:
    """The identity (I,) that comes nearest to `wanted` within the bound of an edit and moves little else.

    Far goals may lead astray, so shares of them are tried; local shapes go the rest of the way.
    """
    gauge, best, least = gauge_of(model), start, np.inf
    odd = lopsided_directions(shaped(model, None))
    rows, target = [gauge.index(n) for n in wanted], np.array(list(wanted.values()))
    others = [n for n in READINGS if n not in {*wanted, *EVEN, *LANDMARK_MEASURES, *JUMPS}]
    held, loose = [gauge.index(n) for n in others], np.minimum(held_shares(gauge, set(wanted), others, alone), 1.0)
    for share in SHARES_TRIED:
        nearer = {n: float(now[k] + share * (goal - now[k])) for k, (n, goal) in zip(rows, wanted.items(), strict=True)}
        step = reach_alone(model, start, nearer, alone) - start
        found = part_way(start, start + step - odd.T @ (odd @ step), _farthest(start))  # no face becomes lopsided
        moved = gauge.read(found[None])[0]
        leak = float((loose * np.abs(moved - now)[held]).max()) / LEAKS_SD
        cost = float(np.abs(moved[rows] - target).mean()) / NEAR_SD + 2 * max(leak - 1, 0.0)
        if cost < least:
            best, least = found, cost
        if cost < 1:
            break
    return best


def _weighed(model: MakeHumanHead, start: Array, wanted: dict[str, float]) -> Array:
    """A head that weighs more or less: first along the axis of weight, the shortest way, then what is asked exactly."""
    gauge = gauge_of(model)
    row, axis = gauge.index("heaviness"), model.axes.heavy
    now = float(gauge.read(start[None])[0, row])
    along = start + (wanted["heaviness"] - now) / float(gauge.gradient[row] @ axis) * axis
    return part_way(start, reach(model, along, wanted, HOLD_WEIGHED), WEIGHED_SQUARED)


def _farthest(start: Array) -> float:
    """The squared length up to which an edit may go: a chain of edits must not end at the first."""
    length = float(start @ start)
    if length <= PLAUSIBLE_SQUARED:
        return EDIT_SQUARED
    return max(EDIT_SQUARED, min(length + FURTHER_SQUARED, MOST_SQUARED))


def is_mans(model: MakeHumanHead, identity: Array) -> bool:
    """Whether an identity (I,) lies on the men's side of the line between women and men."""
    return bool(gauge_of(model).read(identity[None])[0, SHAPE_ATTRIBUTES.index("masculinity")] >= 0)


def _as_sex(model: MakeHumanHead, identity: Array, man: float) -> Array:
    """Move a head along the step from women to men until it surely reads as the sex that the words ask for.

    Who reads so already stays; a child shows as little of its sex as a child's average does.
    """
    if abs(man - 0.5) < OPEN_SEX:
        return identity
    gauge, male, way = gauge_of(model), model.axes.male, 1.0 if man > 0.5 else -1.0
    row, step = gauge.index("masculinity"), float(np.linalg.norm(model.axes.male))
    adult = model.axes.age_years(identity) >= CHILD_YEARS
    least, goal = (SEX_SURE, SEX_SHOWN) if adult else (CHILD_READS, CHILD_READS)
    moved = identity
    for _ in range(4):  # children's readings bend
        now = way * float(gauge.read(moved[None])[0, row])
        if now >= (least if moved is identity else goal - 0.05):
            break
        moved = moved + way * (goal - now) / step * male
    return moved


def _as_age(model: MakeHumanHead, identity: Array, request: HeadRequest) -> Array:
    """A head the nearest age in the range that the words name, a little inside it."""
    if request.age_years is None:
        return identity
    low, high = (float(np.clip(a, YOUNGEST_YEARS, OLDEST_YEARS)) for a in sorted(request.age_years))
    now, inside = model.axes.age_years(identity), 0.25 * (min(high, max(low, OLDEST_DRAWN)) - low)
    years = float(np.clip(now, low + inside, max(high - inside, low + inside)))
    return identity if years == now else model.axes.with_age(identity, years)
