"""Locks as they grow from the scalp, before they are moved to a photo's outline. Frame: head at rest, mm.

A photo's outline is fitted in many small moves of `Groom.bulge` alone. What a groom is without it is kept, and need not
be traced again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.body import Body
from facegpt.hair.lines.clumps import alike, followed
from facegpt.hair.lines.curls import stretch, winds
from facegpt.hair.lines.guides import trace
from facegpt.hair.lines.starts import start_of
from facegpt.hair.lines.trim import cut_of, tipped
from facegpt.hair.plan import Plan
from facegpt.hair.scalp import Scalp
from facegpt.types import Array, Groom

#: By the typical length (mm): how much shorter or longer a lock may be, as a share: long ones would hang out as spikes.
VARIES_MM, VARIES = (60.0, 200.0), (0.12, 0.05)
#: How much of the chances of its end a lock has of its own; the rest are those of what it follows.
OWN_END = 0.35
#: Grooms whose locks are kept: a search for a photo's hair comes back to what it tried some steps before.
KEPT = 10


@dataclass(frozen=True, eq=False)
class Traced:
    """N locks, not to be changed in place.

    Attributes:
        lines: (N, points, 3). leader: (N,) the lock that each follows. height: (N,) mm over the skin at their roots.
    """

    lines: Array
    leader: NDArray[np.intp]
    height: Array


def traced(
    groom: Groom, scalp: Scalp, body: Body, plan: Plan, typical: float, points: int, rows: NDArray, chance: Array
) -> Traced:
    """Trace locks of so many points from places `rows` (N,) of a scalp, by chances (N, 8); the last ones are kept.

    groom: without its bulge. plan: of the groom, the same object for the same locks. typical: median length, mm.
    """
    told = np.ascontiguousarray(rows, np.int64).tobytes(), np.ascontiguousarray(chance, np.float64).tobytes()
    return _traced(groom, scalp, body, plan, typical, points, *told)


@lru_cache(maxsize=KEPT)
def _traced(
    groom: Groom, scalp: Scalp, body: Body, plan: Plan, typical: float, points: int, rows_told: bytes, chances: bytes
) -> Traced:
    rows, chance = np.frombuffer(rows_told, np.int64), np.frombuffer(chances, np.float64).reshape(-1, 8)
    vary = np.interp(typical, VARIES_MM, VARIES) - 0.07 * groom.stand * (groom.curl_radius_mm > 0)
    length = plan.length[rows] * (1 + vary * (2 * chance[:, 1] - 1))
    axis = length / stretch(groom.curl_radius_mm, groom.curl_pitch_mm)
    start = start_of(groom, scalp, body, plan, rows, axis, chance)
    lines = trace(start, body.distance, max(points if winds(groom) else 2 * points, 14))
    leader = followed(lines)
    cut = cut_of(lines, groom, plan, rows, points, chance, alike(chance[:, 7], leader, OWN_END))
    return Traced(tipped(cut, groom, body), leader, start.height)
