"""Who wears which hair: kinds and families weighed by who wears them, and by whether the hair lies tied.

An outline alone takes tied hair of a woman for a man's short hair; strands alone, of some pixels each, take short
straight hair that lies every way for coils, and coils in soft light for straight hair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from facegpt.assets import load_arrays
from facegpt.hair.from_photo.choose import hanging_mm, hangs_at_both_sides
from facegpt.hair.from_photo.kinds.plaits import PLAITS_HANG_MM, Lies, plaits_chance
from facegpt.hair.from_photo.seen import BESIDE_MM, EAR_TOP_MM, HairSeen
from facegpt.hair.from_photo.strands import Strands
from facegpt.hair.from_photo.traits import KINDS, HairTraits
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
#: Lightness of skin (CIE L*) at which half of all heads have coily hair, locs or braids, and by how much the log odds
#: fall with each L*; log odds of all heads. How much of that counts, and at most. By 116
#: labelled pictures; either half's rule tells the other half's kinds (of 58 each) in 51 and 51 in place of 45 and 47.
COILY_HALF, COILY_SLOPE, COILY_USUAL = 41.0, 0.37, -1.25
COILY_COUNTS, COILY_MOST = 0.85, 2.5
#: Share of shaven heads whose stubble is coily: 15 of 20 that are labelled.
SHAVED_COILY = 0.75
#: How fast a head turns from a woman's to a man's with its masculinity (0..1, .5 is between): log odds per unit.
ODDS = 8.0
#: From this likelihood of coily hair on it is asked whether it is plaited.
SOME_COILY = 0.1
#: Weights of the recognition network's descriptor that tell men from women (lab/runs/hair/learn_wearers.py).
WEIGHTS = "networks/wearers.npz"
#: Hair that lies flat stands so far above the crown at most, mm; hair that is tied hangs no lower than this at one side
#: of the head (mm along its height, the ears' tops are at EAR_TOP_MM), and little lower at the other.
FLAT_MM, TIED_SIDE_MM, TIED_OTHER_MM = -8.0, -8.0, -30.0
#: Hair so wide at both sides above the ears, mm, at this height (of `seen.BESIDE_MM`), is not tied: 20 mm and more at
#: neither of five heads of the training half that are. A photo that cuts the crown off makes it look flat.
STANDS_OFF_MM, ABOVE_EARS_MM = 20.0, 20.0
#: What is tied behind the head is combed over its top: share of the seen top under hair at least.
COMBED_OVER = 0.7
#: Heights beside the ear and the cheek, and how wide hair that falls past both is at least, mm: a plait that comes
#: forward over a shoulder has 5 (portraits/female_092), curls beside a turned face 31.
BESIDE_EAR_MM, FALLS_MM = (0.0, -20.0, -40.0), 12.0
#: A face that is turned so far hides hair at its other side: sine of the turn.
TURNED = 0.4
#: Hair that leaves an ear free of at least this area (mm² in the picture), less than this width beside either cheek and
#: one side of the neck, and stands no higher above the crown than this, is tied as well.
LEAST_EAR_MM2, CHEEK_MM, STANDS_MM = 200.0, 7.0, 5.0
#: How many of those who are old and grey wear their hair short, of those whose hair would else be tied.
OLD_SHORT = 0.9
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


def as_skinned(traits: HairTraits, skin_lightness: float | None, seen: HairSeen) -> HairTraits:
    """The traits with coily hair as likely as it is on such a skin; as they are where its lightness is not known.

    Light skin makes coils unlikely only that do not hang, and those that are no plaits: locs are worn on all skins.
    skin_lightness: CIE L* of the fitted skin, free of the photo's light.
    """
    if skin_lightness is None:
        return traits
    odds = COILY_SLOPE * (COILY_HALF - skin_lightness) - COILY_USUAL
    loose = 1 - traits.plaited if np.isfinite(traits.plaited) else 0.0
    least = -COILY_MOST * (loose if hanging_mm(seen) > PLAITS_HANG_MM else 1.0)
    factor = float(np.exp(np.clip(COILY_COUNTS * odds, least, COILY_MOST)))
    kinds, families = traits.kinds.copy(), traits.families.copy()
    kinds[KINDS.index("coily")] *= factor
    kinds /= kinds.sum()
    families[FAMILIES.index("shaved")] *= max(1.0, 1 + SHAVED_COILY * (factor - 1))  # stubble drawn longer is worse
    families[family := FAMILIES.index("coily_afro_locs")] *= factor
    share = min(families[family] / families.sum(), kinds[KINDS.index("coily")])  # it is a part of all coily hair
    families[family] = 0.0
    families *= (1 - share) / max(families.sum(), 1e-9)
    families[family] = share
    return replace(traits, kinds=kinds, families=families)


def as_plaited(
    traits: HairTraits, skin_lightness: float | None, strands: Sequence[Strands | None], seen: Sequence[HairSeen]
) -> HairTraits:
    """The traits with how likely coily hair is plaited or locked, by the mean of photos; where none is coily, as is.

    skin_lightness: as of `as_skinned`, which comes after this.
    """
    coily = [one.kinds[KINDS.index("coily")] for one in (traits, as_skinned(traits, skin_lightness, seen[0]))]
    if max(coily) < SOME_COILY:
        return traits
    lies = [Lies(hanging_mm(one), traits.man < 0.5 and lies_tied(one)) for one in seen]
    told = [plaits_chance(*each) for each in zip(strands, seen, lies, strict=True)]
    return replace(traits, plaited=float(np.mean(told)))


def as_tied(traits: HairTraits, seen: HairSeen, greyness: float = 0.0) -> HairTraits:
    """The traits with tied hair likelier where a woman's hair lies flat on her head and ends above the ears' lobes.

    greyness: 0..1, how likely grey hair is at the age that she looks: of old women fewer tie theirs.
    """
    families = traits.families.copy()
    tied = FLAT_ODDS ** (1 - 2 * traits.man) * (1 - OLD_SHORT * greyness)
    odds = tied if lies_tied(seen) else LOOSE_ODDS
    families[FAMILIES.index("gathered")] *= odds if seen.rooted_top > COMBED_OVER else min(odds, LOOSE_ODDS)
    return replace(traits, families=families / families.sum())


def lies_tied(seen: HairSeen) -> bool:
    """Whether hair covers a head, lies flat on it and hangs at one side at most; or leaves ear and cheeks free."""
    lows = sorted(low if np.isfinite(low) else EAR_TOP_MM for low in seen.lowest_mm)
    beside = np.asarray(seen.beside_mm)[:, BESIDE_MM.index(ABOVE_EARS_MM)]
    flat = seen.highest_mm < FLAT_MM and seen.rooted > 0.5 and seen.fringe < 0.5 and beside.min() < STANDS_OFF_MM
    ends_high = flat and lows[1] > TIED_SIDE_MM and (lows[0] > TIED_OTHER_MM or lows[1] > 0)
    return bool((ends_high and not _falls_beside(seen)) or leaves_cheeks_free(seen))


def _falls_beside(seen: HairSeen) -> bool:
    """Whether hair falls beside the ear and cheek of the side that a turned head shows: its face hides the other."""
    columns = [BESIDE_MM.index(at) for at in BESIDE_EAR_MM]
    turned = abs(float(np.asarray(seen.view.pose.rotation)[0, 2])) > TURNED
    return turned and bool(np.asarray(seen.beside_mm)[:, columns].min(1).max() > FALLS_MM)


def leaves_cheeks_free(seen: HairSeen) -> bool:
    """Whether an ear is seen, little hair lies beside either cheek, and none hangs at both sides of the neck.

    So does a plait that comes forward over one shoulder, and hair tied up on the crown, which is not flat.
    """
    if seen.ear_mm2 < LEAST_EAR_MM2 or seen.rooted <= 0.5 or seen.fringe >= 0.5 or seen.highest_mm > STANDS_MM:
        return False
    beside = dict(zip(BESIDE_MM, np.asarray(seen.beside_mm).T, strict=True))
    cheeks = np.minimum(beside[-20.0], beside[-40.0])
    return bool(cheeks.max() < CHEEK_MM and not hangs_at_both_sides(seen))


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
