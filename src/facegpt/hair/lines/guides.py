"""The middle lines of locks: from roots along the scalp, down by their weight, round what is in the way.

Every lock is traced in steps: its direction follows the comb, its weight and its spring, and keeps a height over the
skin that grows with what lies below it. Frame: head, mm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.hair.body import sensed
from facegpt.hair.lines.kernels import measure, resample, resample_by_bend
from facegpt.render.scalar import INLINE, KERNEL, LOOSE
from facegpt.types import Array

#: Hair stays at least this far from the swollen skin, mm.
CLEAR_MM = 0.9
#: Hair that is to stand this far off the skin sets out straight from it, mm: steep roots stand up beside a part.
STEEP_MM = 70.0
#: From about so far from its root on a lock lies over its neighbours or under them, mm: crowns have teeth else.
APART_MM = 90.0
#: By how much of a step points of neighbouring locks differ; the bend of a lock (radians) that half of its points show;
#: how far from its root a bend is seen, mm.
STAGGER, BY_ANGLE, HIDDEN_MM = 0.8, 0.8, 40.0


@dataclass(frozen=True, eq=False)
class Start:
    """What N locks set out with.

    Attributes:
        root, normal, comb: (N, 3) place, outward direction, and where it is combed to.
        length: (N,) mm. height: (N,) mm over the skin that it reaches. comb_mm: (N,) how far the comb reaches.
        stand: (N,) 0 lies … 1 stands off. weight: (N,) pull of gravity. bend: (N,) share of the old direction kept
            over a step of 1 cm. apart: (N,) mm farther off the skin where it hangs: locks lie over one another there.
        falls: (N,) share of its height that it loses to its tip.
    """

    root: Array
    normal: Array
    comb: Array
    length: Array
    height: Array
    comb_mm: Array
    stand: Array
    weight: Array
    bend: Array
    apart: Array | float = 0.0
    falls: Array | float = 0.0


def trace(start: Start, distance: Array, points: int) -> NDArray[np.float32]:
    """Trace locks over a body's distance grid: (N, points, 3), evenly spaced along each."""
    columns = (
        start.length,
        start.height,
        start.comb_mm,
        start.stand,
        start.weight,
        start.bend,
        start.apart,
        start.falls,
    )
    numbers = np.ascontiguousarray(np.stack(np.broadcast_arrays(*columns), 1), np.float32)
    root, normal, comb = (np.ascontiguousarray(a, np.float32) for a in (start.root, start.normal, start.comb))
    lines = np.zeros((len(root), points, 3), np.float32)
    _trace(root, normal, comb, numbers, np.ascontiguousarray(distance, np.float32), lines)
    return lines


#: Pull of the comb from which on it is none: products of smaller ones would end in slow denormal numbers.
FADED = 1e-30


@njit(**KERNEL, **LOOSE)
def _trace(root, normal, comb, numbers, distance, lines):  # type: ignore[no-untyped-def]
    count = lines.shape[1]
    for i in range(len(root)):
        numbers_of = (numbers[i, 0], numbers[i, 1], numbers[i, 3], numbers[i, 4], numbers[i, 6], numbers[i, 7])
        out, along = (normal[i, 0], normal[i, 1], normal[i, 2]), (comb[i, 0], comb[i, 1], comb[i, 2])
        segment = numbers[i, 0] / (count - 1)
        steps = max(1, int(np.ceil(segment / 5.0)))
        step = segment / steps
        keep = numbers[i, 5] ** (step / 10.0)
        rise = min(0.95, 0.10 + 0.80 * numbers[i, 3] + numbers[i, 1] / STEEP_MM)
        x, y, z = float(root[i, 0]), float(root[i, 1]), float(root[i, 2])
        dx = along[0] * (1 - rise) + out[0] * rise
        dy = along[1] * (1 - rise) + out[1] * rise
        dz = along[2] * (1 - rise) + out[2] * rise
        lines[i, 0, 0], lines[i, 0, 1], lines[i, 0, 2] = x, y, z
        gone, reach = 0.0, numbers[i, 2]
        # Both fade by factors from step to step, for exponentials of each would take half of the time.
        rising, rises = 1.0, math.exp(-step / (2.0 * numbers[i, 1] + 4.0))
        pull, fades = (1.0, math.exp(-((step / reach) ** 2))) if reach > 0 else (0.0, 0.0)
        faster = fades * fades
        here, gx, gy, gz = sensed(distance, x, y, z)
        for n in range(1, count):
            for _ in range(steps):
                if gone < 4.0:  # the grid is coarser than the skin at the root
                    gx, gy, gz = float(out[0]), float(out[1]), float(out[2])
                    here = gone * rise
                tx, ty, tz = _wish(numbers_of, along, out, gone, rising, pull, here, y, gx, gy, gz)
                gone += step
                rising *= rises
                pull = pull * fades if pull > FADED else 0.0
                fades *= faster
                dx, dy, dz = _turned(tx, ty, tz, 1 - keep, dx, dy, dz)
                x, y, z = x + step * dx, y + step * dy, z + step * dz
                here, gx, gy, gz = sensed(distance, x, y, z)
                floor = CLEAR_MM * min(1.0, gone / 6.0)
                if here < floor:
                    inward = min(dx * gx + dy * gy + dz * gz, 0.0)
                    x, y, z = x + (floor - here) * gx, y + (floor - here) * gy, z + (floor - here) * gz
                    dx, dy, dz = dx - inward * gx, dy - inward * gy, dz - inward * gz
                    here, gx, gy, gz = sensed(distance, x, y, z)
            lines[i, n, 0], lines[i, n, 1], lines[i, n, 2] = x, y, z


@njit(**INLINE, **LOOSE)
def _wish(numbers, comb, normal, gone, rising, pull, here, level, gx, gy, gz):  # type: ignore[no-untyped-def]
    """Where a lock wants to go: `level` mm high, after `gone` mm, `here` mm off a skin that looks along (gx, gy, gz).

    numbers: its length, height, stand, weight, how far apart it lies, and how far it falls. rising: the share of its
    height that it has yet to rise. pull: of the comb, 0..1.
    """
    length, height, stand, weight, apart, falls = numbers
    wanted = CLEAR_MM + height * (1 - rising)
    tip = gone / length
    wanted *= 1 - falls * tip * tip
    wanted += apart * gone * gone / (gone * gone + APART_MM * APART_MM)
    away = comb[0] * gx + comb[1] * gy + comb[2] * gz
    tx, ty, tz = pull * (comb[0] - away * gx), pull * (comb[1] - away * gy), pull * (comb[2] - away * gz)
    ty -= weight * (1.0 - 0.5 * pull)  # the comb follows the head
    across = tx * gx + ty * gy + tz * gz
    if here < wanted + 3.0 and across < 0:
        tx, ty, tz = tx - across * gx, ty - across * gy, tz - across * gz
    lift = min(max((wanted - here) / 10.0, -0.8), 1.0)
    if lift < 0:  # falls back on the hair below, unless it hangs free
        lift *= min(max(0.9 + 1.5 * gy, 0.0), 1.0) * min(1.0, 40.0 / max(here, 1.0))
        lift *= min(max(0.5 + level / 40.0, 0.0), 1.0)
    lift *= 1 - stand
    tx = (1 - stand) * (tx + lift * gx) + stand * (1.2 * normal[0] + 0.3 * comb[0])
    ty = (1 - stand) * (ty + lift * gy) + stand * (1.2 * normal[1] + 0.3 * comb[1])
    tz = (1 - stand) * (tz + lift * gz) + stand * (1.2 * normal[2] + 0.3 * comb[2])
    return tx, ty, tz


@njit(**INLINE, **LOOSE)
def _turned(tx, ty, tz, share, dx, dy, dz):  # type: ignore[no-untyped-def]
    """The unit direction d turned by a share towards t."""
    size = math.sqrt(tx * tx + ty * ty + tz * tz) + 1e-9
    dx = (1 - share) * dx + share * tx / size
    dy = (1 - share) * dy + share * ty / size
    dz = (1 - share) * dz + share * tz / size
    total = math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-9
    return dx / total, dy / total, dz / total


def pushed_out(lines: Array, distance: Array, clear: Array | float = CLEAR_MM) -> NDArray[np.float32]:
    """Lines (N, K, 3) with their points but the first two no nearer than `clear` mm (N,) to the swollen skin."""
    out = np.ascontiguousarray(lines, np.float32).copy()
    _push(out, np.ascontiguousarray(distance, np.float32), np.broadcast_to(np.float32(clear), len(out)).copy())
    return out


@njit(**KERNEL)
def _push(lines, distance, clear):  # type: ignore[no-untyped-def]
    for i in range(lines.shape[0]):
        for n in range(1, lines.shape[1]):
            for _ in range(3):
                here, gx, gy, gz = sensed(distance, lines[i, n, 0], lines[i, n, 1], lines[i, n, 2])
                away = 0.0
                for k in range(3):
                    away += (lines[i, n, k] - lines[i, 0, k]) ** 2
                floor = clear[i] * min(1.0, math.sqrt(away) / 6.0)
                if here >= floor:
                    break
                lines[i, n, 0] += (floor - here) * gx
                lines[i, n, 1] += (floor - here) * gy
                lines[i, n, 2] += (floor - here) * gz


def arc_mm(lines: Array) -> NDArray[np.float64]:
    """Length along each line from its root (N, K) mm of lines (N, K, 3)."""
    out = np.empty(lines.shape[:2])
    measure(np.ascontiguousarray(lines), out)
    return out


def plain_arc_mm(lines: Array) -> NDArray[np.float64]:
    """`arc_mm`, the slow way."""
    steps = np.linalg.norm(np.diff(lines, axis=1), axis=2)
    return np.concatenate([np.zeros((len(lines), 1)), np.cumsum(steps, 1)], 1)


def resampled(lines: Array, share: Array, points: int) -> NDArray[np.float32]:
    """Lines (N, K, 3) cut to a share (N,) of their length: (N, points, 3), evenly spaced."""
    out = np.empty((len(lines), points, 3), np.float32)
    places = np.linspace(0, 1, points)
    resample(np.ascontiguousarray(lines), np.ascontiguousarray(share, np.float64), places, out)
    return out


def by_bend(lines: Array, share: Array, points: int, chance: Array) -> NDArray[np.float32]:
    """Lines (N, K, 3) cut to a share (N,) of their length: (N, points, 3), closer where they bend, by chances (N,).

    Neighbours have their points elsewhere: corners of many cards in one place make a polygon of the outline.
    """
    out = np.empty((len(lines), points, 3), np.float32)
    given = np.ascontiguousarray(lines), np.ascontiguousarray(share, np.float64), STAGGER * (chance - 0.5)
    resample_by_bend(*given, BY_ANGLE, HIDDEN_MM, out)
    return out


def plainly_resampled(lines: Array, share: Array, points: int) -> NDArray[np.float32]:
    """`resampled`, the slow way."""
    count = lines.shape[1]
    place = np.linspace(0, 1, points)[None] * np.asarray(share)[:, None] * (count - 1)
    low = np.minimum(place.astype(int), count - 2)
    part = (place - low)[..., None]
    rows = np.arange(len(lines))[:, None]
    return (lines[rows, low] * (1 - part) + lines[rows, low + 1] * part).astype(np.float32)


@lru_cache(maxsize=4)
def rows_chances(seed: int, count: int) -> NDArray[np.float64]:
    """The chances (M,) by which places of a scalp grow a lock."""
    return np.random.default_rng(seed + 1).random(count)


def drawn_chances(rng: np.random.Generator, seed: int, count: int) -> NDArray[np.float64]:
    """Draw the chances (M, 8) of a scalp's places; those that a fresh generator draws first are kept."""
    if rng.bit_generator.state != np.random.default_rng(seed).bit_generator.state:
        return rng.random((count, 8))
    chances, after = _first_chances(seed, count)
    rng.bit_generator.state = after
    return chances


@lru_cache(maxsize=4)
def _first_chances(seed: int, count: int) -> tuple[NDArray[np.float64], Any]:
    """The chances (M, 8) that a fresh generator draws, and its state after that."""
    rng = np.random.default_rng(seed)
    return rng.random((count, 8)), rng.bit_generator.state
