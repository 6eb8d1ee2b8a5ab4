"""How likely coily hair of a photo is plaited or locked: plaits and locs run straight where coils and curls wind.

The direction of strands is read at half the size of `strands.SIDE`, where single hairs are gone and locks are left: how
fast it turns along them tells plaits from coils. Hair that hangs close to the head is plaited more often as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.hair.from_photo.seen import BESIDE_MM, HairSeen
from facegpt.hair.from_photo.strands import Strands, lock_bend

#: Log of how fast locks bend (`strands.lock_bend`) at which plaits are as likely as coils, and by how much the log odds
#: fall with each unit; no more than that is told. By six heads with plaits and 14 with coils of the training half: -2.9
#: (SD .1) and -2.55 (.19); of the validation half four of six plaited heads lie on their side.
EVEN_BEND, BEND_SLOPE, MOST_ODDS = -2.72, 15.0, 3.0
#: Pixels of hair from which on bends tell anything, and all: shaven heads show a rim only.
FEW_PX, MANY_PX = 1500, 3000
#: How far plaits hang below the ears' tops at least, mm; heights of ears (some of `seen.BESIDE_MM`), mm.
PLAITS_HANG_MM, EARS_MM = 60.0, (20.0, 0.0, -20.0)
#: How wide hair beside the ears is, mm, that is plaited if it is coily, and that is loose: loose coils stand off. The
#: log odds of the first; of the second the same less.
PLAITED_TO_LOOSE_MM, NARROW_ODDS = (34.0, 52.0), 1.5
#: Log odds of plaits among heads of coily hair that hangs, that lies flat on a woman's head, and of all others.
HANGING_ODDS, FLAT_ODDS, OTHER_ODDS = 0.0, -0.3, -2.5


@dataclass(frozen=True)
class Lies:
    """How coily hair lies. hang_mm: how far it hangs below the ears' tops. flat: whether on a woman's head, tied."""

    hang_mm: float
    flat: bool


def plaits_chance(strands: Strands | None, seen: HairSeen, lies: Lies) -> float:
    """How likely coily hair is plaited or locked, 0..1."""
    odds = bend_odds(strands) + (FLAT_ODDS if lies.flat else OTHER_ODDS)
    if lies.hang_mm > PLAITS_HANG_MM:
        odds = bend_odds(strands) + HANGING_ODDS + NARROW_ODDS * (2 * narrow(seen) - 1)
    return float(1 / (1 + np.exp(-odds)))


def bend_odds(strands: Strands | None) -> float:
    """Log odds of plaits by how fast locks bend; 0 where too little hair is seen."""
    bend = lock_bend(strands)
    if strands is None or not np.isfinite(bend):
        return 0.0
    share = float(np.interp(strands.hair.sum(), (FEW_PX, MANY_PX), (0.0, 1.0)))
    return share * float(np.clip(BEND_SLOPE * (EVEN_BEND - bend), -MOST_ODDS, MOST_ODDS))


def narrow(seen: HairSeen) -> float:
    """How narrow hair is beside the ears, 0..1: 1 as plaits that hang, 0 as loose coils."""
    ears = [column for at, column in zip(BESIDE_MM, np.asarray(seen.beside_mm).T, strict=True) if at in EARS_MM]
    return float(np.interp(np.mean(ears), PLAITED_TO_LOOSE_MM, (1.0, 0.0)))
