"""What a groom asks of each place of the scalp, place by place: the compiled form of `plan.plainly_planned`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.hair.scalp import WHORL
from facegpt.render.scalar import INLINE, JIT, LOOSE

_WHORL_X, _WHORL_Y, _WHORL_Z = (float(value) for value in WHORL)
#: Where a part begins at the crown and is whole (z, mm); how far from its middle the scalp shows there, mm; and the
#: share of the scalp that shows in its middle.
_PART_ENDS, _PART_WIDE, _PART_BARE = (-45.0, 55.0), (1.8, 3.4), 0.62

#: Beside a bald crown: over how many mm hair thickens, how much more than a hairline its edge wanders, and within how
#: many mm of the edges' meeting it is round. Chosen by eye on wreaths of drawn heads.
CROWN_FADES_MM, CROWN_WAVES, CORNER_MM = (-4.0, 26.0), 1.5, 30.0
#: As far beside where no crown is bald.
NO_CROWN_MM = 1000.0


@njit(**INLINE, **LOOSE)
def _step(value, low, high):  # type: ignore[no-untyped-def]
    """0 below `low`, 1 above `high`, a smooth step between."""
    t = min(max((value - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@njit(**INLINE)
def off_part(x, z, part_mm, hand):  # type: ignore[no-untyped-def]
    """How far a place lies to the left of a part that wanders about x = -part_mm as combs draw it, mm."""
    return x + part_mm + hand * (1.3 * math.sin(z / 13.0) + 0.6 * math.sin(z / 4.7 + 1.0))


@njit(**INLINE, **LOOSE)
def bare_along(off, z, parted):  # type: ignore[no-untyped-def]
    """Share 0..1 of a scalp `off` mm from a part that is bare: less where strands cross it, and towards the crown."""
    ahead = _step(z, *_PART_ENDS)
    wide = parted * (_PART_WIDE[0] + (_PART_WIDE[1] - _PART_WIDE[0]) * ahead)
    crossed = 0.7 + 0.3 * math.sin(z / 1.9) * math.sin(z / 3.1 + 2.0)
    return _PART_BARE * ahead * crossed * (1 - _step(abs(off), 0.0, wide))


@njit(**JIT)
def waves_of(place, azimuth, out):  # type: ignore[no-untyped-def]
    """Write what no groom changes of places (N, 3) at azimuths (N,), degrees: (N, 7).

    The temples, the middle of the forehead, the hairline's own wave (mm), nearness to the whorl for thinning and for
    the comb, the wave of a fringe, and that of a part (mm).
    """
    for n in range(len(place)):
        degrees = azimuth[n]
        turn = abs(degrees)
        dx, dy, dz = place[n, 0] - _WHORL_X, place[n, 1] - _WHORL_Y, place[n, 2] - _WHORL_Z
        square = dx * dx + dy * dy + dz * dz
        out[n, 0], out[n, 1] = math.exp(-(((turn - 33) / 15) ** 2)), math.exp(-((turn / 17) ** 2))
        out[n, 2] = 1.6 * math.sin(degrees / 4.1) + 1.3 * math.sin(degrees / 2.3 + 1)
        out[n, 2] += 0.9 * math.sin(degrees / 1.1 + 2)
        out[n, 3], out[n, 4] = math.exp(-square / 55**2), math.exp(-square / 45**2)
        out[n, 5], out[n, 6] = math.sin(place[n, 0] / 9), off_part(0.0, place[n, 2], 0.0, 1.0)


@njit(**JIT, **LOOSE)
def _round_least(one, other):  # type: ignore[no-untyped-def]
    """The lesser of two distances, mm, whose lines meet in an arc and in no corner: Quilez' polynomial minimum."""
    near = max(CORNER_MM - abs(one - other), 0.0) / CORNER_MM
    return min(one, other) - 0.25 * CORNER_MM * near * near


@njit(**JIT, **LOOSE)
def ask(place, azimuth, inside, waves, line, groom, settings, cut_off, numbers):  # type: ignore[no-untyped-def]
    """Write grows, baby, length, fringe, top, side, back and mm inside the hairline (8, N) of places (N, 3).

    Places are on the mean head; numbers: what is written into.

    azimuth, inside: (N,) as of a Scalp. waves: as `waves_of` gives them. line: (N,) mm by which the groom's own
    hairline is above the usual one. groom, settings: numbers as `plan._numbers` and `plan._SETTINGS` order them.
    """
    hairline, recession, crown, density, top_mm, sides_mm, back_mm, fringe_mm, edge, part, parted = groom[:11]
    hand = groom[14]
    top_from, top_blend, back_from, back_blend, fringe_in, fringe_wide, part_mm, sides_thin = settings
    sharp = 1 - 0.93 * edge
    full = crown * _step(crown, 0.35, 0.9)
    radius = 26 + 62 * crown * (0.45 + 0.55 * recession)
    for n in range(len(place)):
        x, y, z = place[n, 0], place[n, 1], place[n, 2]
        turn = abs(azimuth[n])
        back_of_line = hairline + recession * (52 * waves[n, 0] + 14 * crown * waves[n, 1])
        within = inside[n] - line[n] - _step(-turn, -70.0, -45.0) * back_of_line + waves[n, 2]
        dx, dy, dz = x - _WHORL_X, y - _WHORL_Y, z - _WHORL_Z
        beside = NO_CROWN_MM
        if crown > 0 and full > 0:
            ahead = 0.85 * (dz - 30 * recession)
            spot = math.sqrt(dx * dx + (1.15 * dy) ** 2 + ahead * ahead)
            beside = spot - radius + 60 * (1 - full) + CROWN_WAVES * waves[n, 2]
            within = _round_least(within, beside)
        line_of_top = top_from + 6 * _step(turn, 60.0, 120.0)
        top = _step(y, line_of_top - sharp * top_blend, line_of_top + sharp * top_blend)
        back = (1 - top) * _step(turn, back_from - back_blend, back_from + back_blend)
        side = 1 - top - back
        fringe = 0.0
        if fringe_mm > 0:
            fringe = _step(-within, -fringe_in - 6, -fringe_in + 6) * _step(-turn, -fringe_wide - 6, -fringe_wide + 6)
        length = top * top_mm + side * sides_mm + back * back_mm
        length = length * (1 - fringe) + fringe * (fringe_mm + 0.8 * max(within, 0.0))
        baby = 1 - _step(within, 0.0, 9.0)
        low = _step(-y, -25.0, 20.0) * _step(-turn, -95.0, -80.0)
        length = length * (1 - low) + low * min(length, 12 + 0.4 * sides_mm)
        length *= 1 - baby * (1 - fringe) * (0.6 - 0.35 * _step(length, 60.0, 200.0))
        taper = (1 - top) * (1 - _step(length, 45.0, 110.0))
        length *= 1 - taper * 0.6 * (1 - _step(within, 0.0, 48.0))
        grows = _step(within, -1.0, 4.0 + 26 * crown * _step(y, 60.0, 90.0)) * _step(beside, *CROWN_FADES_MM)
        local = 1 - (1 - density) * (sides_thin + (1 - sides_thin) * top)
        grows *= (1 - 0.85 * crown * waves[n, 3]) * (0.25 + 0.75 * local)
        if length <= cut_off:
            grows = 0.0
        if parted > 0.3 and top > 0.5:
            grows *= 1 - bare_along(x + part_mm * part + hand * waves[n, 6], z, parted)
        numbers[0, n], numbers[1, n], numbers[2, n], numbers[3, n] = grows, baby, length, fringe
        numbers[4, n], numbers[5, n], numbers[6, n], numbers[7, n] = top, side, back, within


@njit(**JIT, **LOOSE)
def comb(place, normal, waves, groom, settings, numbers, out):  # type: ignore[no-untyped-def]
    """Write where hair is combed to (N, 3), unit, along the scalp; arguments as of `ask`, which wrote `numbers`."""
    top_mm, part, parted = groom[4], groom[9], groom[10]
    sweep_back, sweep_side, fringe_sweep, hand = groom[11:]
    part_mm = settings[6]
    divided = max(parted, _step(top_mm, 90.0, 150.0) * (1 - abs(sweep_back)))
    parting_z = -0.3 * _step(top_mm, 60.0, 140.0)
    wish_x, wish_z = -1.4 * sweep_side, -1.6 * sweep_back
    stays = 0.75 * min(1.0, math.sqrt(wish_x * wish_x + wish_z * wish_z))
    c = np.empty(3)
    for n in range(len(place)):
        x, y, z = place[n, 0], place[n, 1], place[n, 2]
        fringe, top, back = numbers[3, n], numbers[4, n], numbers[6, n]
        dx, dy, dz = x - _WHORL_X, y - _WHORL_Y, z - _WHORL_Z
        away = math.sqrt(dx * dx + dy * dy + dz * dz)
        per = 1 / max(away, 1e-6)
        whirl = 0.3 * waves[n, 4]
        ahead, side = _step(z, -85.0, -50.0) * divided, 0.0
        if ahead > 0:
            off = x + part_mm * part + hand * waves[n, 6]
            side = max(abs(math.tanh(off / (1.5 + 30 * (1 - parted)))), 0.75 * divided)
            side = -side if off < 0 else side
        c[0] = (dx + whirl * dz) * per * (1 - ahead) + side * ahead
        c[1] = dy * per * (1 - ahead)
        c[2] = (dz - whirl * dx) * per * (1 - ahead) + parting_z * ahead
        reach = 0.25 + 0.75 * top + 0.2 * back
        low = 0.6 * (1 - top)
        for k in range(3):
            c[k] *= (1 - stays * reach) * (1 - low)
        c[0] += wish_x * reach * (1 - low)
        c[1] -= low
        c[2] += wish_z * reach * (1 - low) + low * (-0.25 - 0.9 * sweep_back)
        fall_x = -1.3 * fringe_sweep + 0.12 * waves[n, 5] + x / 120
        c[0] = c[0] * (1 - fringe) + fall_x * fringe
        c[1] = c[1] * (1 - fringe) - 0.4 * fringe
        c[2] = c[2] * (1 - fringe) + fringe
        out_of_scalp = c[0] * normal[n, 0] + c[1] * normal[n, 1] + c[2] * normal[n, 2]
        size = 0.0
        for k in range(3):
            c[k] -= out_of_scalp * normal[n, k]
            size += c[k] * c[k]
        size = max(math.sqrt(size), 1e-6)
        for k in range(3):
            out[n, k] = c[k] / size
