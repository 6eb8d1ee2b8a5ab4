"""Who wears which hair: families of styles weighed by whether a man or a woman wears it, and by whether it lies tied.

An outline alone takes tied hair of a woman for a man's short hair.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from facegpt.assets import load_arrays
from facegpt.hair.from_photo.seen import HairSeen
from facegpt.hair.from_photo.traits import EAR_TOP_MM, HairTraits
from facegpt.hair.presets import FAMILIES
from facegpt.types import Array, DensePoints

#: How many of the 42 women and 47 men among the portraits of the training half wear each family
#: (`photo_labels.csv`, covered heads left out).
COUNTS = {
    "bald": (0, 8),
    "shaved": (0, 11),
    "short": (1, 18),
    "short_textured": (6, 4),
    "bob": (6, 0),
    "medium": (6, 0),
    "long_straight": (4, 0),
    "long_wavy_curly": (7, 0),
    "coily_afro_locs": (8, 6),
    "gathered": (4, 0),
}
#: What is added to each count, so that nothing is impossible.
UNSEEN = 1.0
#: How fast a head turns from a woman's to a man's with its masculinity (0..1, .5 is between): log odds per unit.
ODDS = 8.0
#: Weights of the recognition network's descriptor that tell men from women (lab/runs/hair/learn_wearers.py).
WEIGHTS = "networks/wearers.npz"
#: Hair that lies flat stands so far above the crown at most, mm; hair that is tied hangs no lower than this at one side
#: of the head (mm along its height, the ears' tops are at EAR_TOP_MM), and little lower at the other.
FLAT_MM, TIED_SIDE_MM, TIED_OTHER_MM = -8.0, -8.0, -30.0
#: How much likelier a woman's hair is tied, and a man's is not, where it lies so; and where hair hangs or stands off.
FLAT_ODDS, LOOSE_ODDS = 30.0, 0.5


def as_worn(traits: HairTraits, masculinity: float, looks_man: float | None = None) -> HairTraits:
    """The traits with families as likely as they are on such a head.

    Args:
        traits: by strands and outline alone.
        masculinity: 0..1 of the head's shape, as `model.attributes` says.
        looks_man: `man_of` its photo; None where nothing tells it beside the shape.
    """
    counts = np.array([COUNTS[family] for family in FAMILIES], float) + UNSEEN
    shares = counts / counts.sum(0)
    man = 1 / (1 + np.exp(-ODDS * (masculinity - 0.5))) if looks_man is None else looks_man
    weighed = traits.families * (shares @ [1 - man, man]) / shares.mean(1)
    return replace(traits, families=weighed / weighed.sum(), man=float(man))


def as_tied(traits: HairTraits, seen: HairSeen) -> HairTraits:
    """The traits with tied hair likelier where a woman's hair lies flat on her head and ends above the ears' lobes."""
    families = traits.families.copy()
    families[FAMILIES.index("gathered")] *= FLAT_ODDS ** (1 - 2 * traits.man) if lies_tied(seen) else LOOSE_ODDS
    return replace(traits, families=families / families.sum())


def lies_tied(seen: HairSeen) -> bool:
    """Whether hair covers a head, lies flat on it, and hangs at one side of it at most."""
    lows = sorted(low if np.isfinite(low) else EAR_TOP_MM for low in seen.lowest_mm)
    flat = seen.highest_mm < FLAT_MM and seen.rooted > 0.5 and seen.fringe < 0.5
    return bool(flat and lows[1] > TIED_SIDE_MM and (lows[0] > TIED_OTHER_MM or lows[1] > 0))


def man_of(dense: DensePoints | None) -> float | None:
    """How likely a face is a man's, 0..1, by the recognition network's descriptor; None where it was not asked."""
    belief = None if dense is None else dense.belief
    if belief is None or belief.descriptor is None:
        return None
    weights = _weights()
    return float(1 / (1 + np.exp(-(np.asarray(belief.descriptor, np.float64) @ weights[:-1] + weights[-1]))))


@cache
def _weights() -> Array:
    """(129,): of the descriptor, and what is added."""
    return np.asarray(load_arrays(WEIGHTS)["weights"], np.float64)
