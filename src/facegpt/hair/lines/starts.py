"""What locks set out with from their roots: which way, how high over the skin, and which lies over which.

Frame: head at rest, mm.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.body import Body
from facegpt.hair.lines.guides import Start
from facegpt.hair.lines.kernels import cover
from facegpt.hair.plan import Plan, smooth
from facegpt.hair.scalp import Scalp
from facegpt.types import Array, Groom

#: Locks lie like tiles: what roots upstream lies on top. How much of a lock's height its place gives; chance the rest.
BY_PLACE = 0.9
#: How far hair covers what roots downstream of it, mm, within which cosine to its comb, and of how many places it is
#: counted; the share of the most covered that locks of the topmost layer cover.
COVERS_MM, COVERS_COSINE, COUNTED, TOPMOST = 130.0, 0.3, 120, 0.85
#: How far locks that hang lie over one another, as a share of their length, and at most, mm.
APART, APART_MM = 0.04, 6.0
#: By how much sparse locks lie over the others, mm, and between which chances: outlines are soft.
FLYING_MM, FLYING = 1.0, (0.8, 1.0)
#: How steeply hair rises behind the hairline, mm a mm, and the lift (mm) that makes it steeper by 1.
RISES, STEEPER_MM = 0.35, 26.0
#: How much of its height short hair loses to its tips, as a share; hair of this length (mm) and more loses none.
ENDS_LOW, FALLS_MM = 0.9, 200.0
#: Hair shorter than the second length stands off, by so much of the way at the first, mm.
RIM_STANDS, RIM_UNTIL_MM = 0.5, (7.0, 13.0)
#: Locks of curls set out any way on top, across the line on which hair is combed apart: a crown of curls has no valley
#: there. By how much beside the comb, from which slope of the curl on (its turn over its pitch, times 2π), below which
#: `Groom.parted`, and how far behind the hairline, mm.
ANY_WAY, ANY_WAY_SLOPE, PARTED, ANY_WAY_MM = 4.0, (0.8, 1.4), 0.3, (0.0, 30.0)


def start_of(
    groom: Groom, scalp: Scalp, body: Body, plan: Plan, rows: NDArray[np.integer], length: Array, chance: Array
) -> Start:
    """What locks of a length (N,) mm from places (N,) of the scalp set out with, by chances (N, 8)."""
    root, normal = (values[rows] for values in _roots(scalp, body))
    comb = plan.comb[rows] + 0.5 * groom.frizz * (chance[:, 4:7] - 0.5) + 0.12 * (chance[:, 4:7] - 0.5)
    comb += _any_way(groom, plan, rows)[:, None] * (chance[:, 4:7] - 0.5)
    comb -= (comb * normal).sum(1, keepdims=True) * normal
    comb /= np.maximum(np.linalg.norm(comb, axis=1, keepdims=True), 1e-6)
    reach = 45 + 90 * plan.top[rows] * max(groom.parted, abs(groom.sweep_back), abs(groom.sweep_side), 0.3)
    reach = np.where(plan.fringe[rows] > 0.5, 40.0, reach)
    weight = np.interp(length, [10, 50, 150], [0.25, 0.6, 1.0]) * (1 - 0.8 * groom.stand)
    bend = np.interp(length, [10, 40, 120], [0.75, 0.6, 0.5])
    stand = np.maximum(groom.stand, np.interp(length, RIM_UNTIL_MM, [RIM_STANDS, 0.0]))
    height = _height(groom, scalp, plan, rows, length, chance[:, 3])
    apart = np.minimum(APART * length, APART_MM) * (chance[:, 3] - 0.3)
    falls = ENDS_LOW * np.maximum(1 - length / FALLS_MM, 0.0)
    return Start(root, normal, comb, length, height, reach, stand, weight, bend, apart, falls)


def _any_way(groom: Groom, plan: Plan, rows: NDArray[np.integer]) -> Array:
    """How far locks (N,) of curls without a part leave the comb, which is a unit vector; 0 at hairline and sides."""
    slope = 2 * np.pi * groom.curl_radius_mm / max(groom.curl_pitch_mm, 1e-3)
    curls = float(np.interp(slope, ANY_WAY_SLOPE, (0.0, 1.0))) * max(1 - groom.parted / PARTED, 0.0)
    return ANY_WAY * (1 - groom.stand) * curls * plan.top[rows] * smooth(plan.inside[rows], *ANY_WAY_MM)


def _height(
    groom: Groom, scalp: Scalp, plan: Plan, rows: NDArray[np.integer], length: Array, chance: Array
) -> NDArray[np.float64]:
    """How high over the skin locks lie (N,) mm: they rise behind the groom's hairline, the highest upstream."""
    by_place = BY_PLACE * (1 - groom.stand)
    layer = by_place * upstream(scalp, plan, rows) + (1 - by_place) * (1 - chance)  # solid ones above: crowns are full
    height = FLYING_MM * smooth(chance, *FLYING)
    height = height + (0.1 + 0.9 * layer) * (
        groom.lift_mm * (0.35 + 0.65 * plan.top[rows]) + np.minimum(0.05 * length, 8.0)
    )
    rise = (RISES + groom.lift_mm / STEEPER_MM) * np.maximum(plan.inside[rows] + 3.0, 0.0)
    risen = height * (1 - np.exp(-rise / np.maximum(height, 0.5)))
    return np.asarray(risen * np.minimum(1.0, length / 45))


def upstream(scalp: Scalp, plan: Plan, rows: NDArray[np.integer]) -> NDArray[np.float64]:
    """How much hair roots downstream of places (N,) of the scalp, 0..1: what lies on top, as tiles do on a roof."""
    count, reach = np.zeros(len(rows)), np.minimum(plan.length[rows], COVERS_MM)
    places = scalp.place[rows], plan.comb[rows], reach, scalp.place[:COUNTED], plan.grows[:COUNTED]
    cover(*places, COVERS_COSINE, count)
    return np.minimum(count / max(TOPMOST * float(count.max(initial=0.0)), 1e-3), 1.0)


def plainly_upstream(scalp: Scalp, plan: Plan, rows: NDArray[np.integer]) -> NDArray[np.float64]:
    """`upstream`, the slow way."""
    away = scalp.place[None, :COUNTED] - scalp.place[rows, None]
    along, size = (away * plan.comb[rows, None]).sum(2), np.linalg.norm(away, axis=2)
    ahead = (along > 0) & (along > COVERS_COSINE * size)
    ahead &= size < np.minimum(plan.length[rows], COVERS_MM)[:, None]
    count = ahead @ plan.grows[:COUNTED]
    return np.minimum(count / max(TOPMOST * float(count.max(initial=0.0)), 1e-3), 1.0)


@lru_cache(maxsize=4)
def _roots(scalp: Scalp, body: Body) -> tuple[Array, Array]:
    """Where the scalp's places lie on a body, and their unit normals: (M, 3) each."""
    normal = scalp.on(body.normals)
    return scalp.on(body.vertices), normal / np.linalg.norm(normal, axis=1, keepdims=True)
