"""Who wears which hair: families of styles weighed by how masculine a head is.

An outline alone takes tied hair of a woman for a man's short hair.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.hair.from_photo.traits import HairTraits
from facegpt.hair.presets import FAMILIES

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


def as_worn(traits: HairTraits, masculinity: float) -> HairTraits:
    """The traits with families as likely as they are on such a head. masculinity: 0..1, as `model.attributes` says."""
    counts = np.array([COUNTS[family] for family in FAMILIES], float) + UNSEEN
    shares = counts / counts.sum(0)
    man = 1 / (1 + np.exp(-ODDS * (masculinity - 0.5)))
    weighed = traits.families * (shares @ [1 - man, man]) / shares.mean(1)
    return replace(traits, families=weighed / weighed.sum())
