"""What tied hair leaves free: all below a half-up, a fringe, and locks beside the face too short to be tied."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.plan import Plan, smooth
from facegpt.hair.scalp import Scalp
from facegpt.types import Array, Groom

#: Hair below this height on the mean head is left free by a half-up, mm.
HALF_UP_MM = 66.0
#: Locks beside the face: from which frizz on there are any and from which on all; how many, of so many of a head; at
#: which azimuths, how far inside the hairline and how high on the mean head they root, mm; how long, mm, and how wide,
#: as a share of others, they are.
FREE_FRIZZ, FREE_LOCKS, OF_LOCKS, FREE_DEG = (0.3, 0.5), 54, 8000, (36.0, 66.0)
FREE_INSIDE_MM, FREE_FROM_MM, FREE_MM, FREE_WIDTH = (1.0, 14.0), 20.0, 130.0, 0.4
#: Coily hair that stands off by more than this ends where it is tied.
STANDS = 0.3


@dataclass(frozen=True, eq=False)
class LeftFree:
    """One kind of free hair: the groom of its locks, of how many a head they are (None: the usual), their width.

    grows: (N,) bool places of the scalp; most: how many locks there are at most, or None.
    """

    groom: Groom
    grows: NDArray[np.bool_]
    wanted: int | None = None
    most: int | None = None
    width: float = 1.0


def left_free(groom: Groom, scalp: Scalp, plan: Plan, share: float) -> list[LeftFree]:
    """What a tied groom leaves free; share: of all locks, by level of detail."""
    kinds = []
    if groom.gather == "half_up":
        kinds.append(LeftFree(groom, scalp.place[:, 1] <= HALF_UP_MM))
    if groom.fringe_mm > 0:
        kinds.append(LeftFree(replace(groom, gather="none"), plan.fringe >= 0.5))
    count = round(FREE_LOCKS * share * float(smooth(groom.frizz, *FREE_FRIZZ)))
    if count and groom.bare is None and groom.stand <= STANDS:  # a photo shows what is free
        kinds.append(LeftFree(_beside_face(groom), _places_beside(scalp), OF_LOCKS, count, FREE_WIDTH))
    return kinds


def _beside_face(groom: Groom) -> Groom:
    """The groom of locks beside the face that are too short to be tied."""
    falls = replace(groom, gather="none", sweep_back=0.0, parted=0.9, fringe_mm=0.0, layers=1.0, tips=0.5)
    return replace(falls, top_mm=FREE_MM, sides_mm=FREE_MM, back_mm=FREE_MM, frizz=0.35, lift_mm=7.0)


def _places_beside(scalp: Scalp) -> NDArray[np.bool_]:
    turn: Array = np.abs(scalp.azimuth)
    beside = (turn > FREE_DEG[0]) & (turn < FREE_DEG[1]) & (scalp.place[:, 1] > FREE_FROM_MM)
    return beside & (scalp.inside > FREE_INSIDE_MM[0]) & (scalp.inside < FREE_INSIDE_MM[1])
