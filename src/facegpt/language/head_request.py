"""What words ask of a head: the record between the language model, which reads them, and the decoder of heads.

The language model never speaks of θ directly but of named quantities (LABELS.md): attributes in standard deviations of
the prior, sex, years, expression weights, millimetres. So a new head model needs a new decoder and no new training of
the language part, and every request can be checked by measuring the head that comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.hair_wish import HairWish
from facegpt.language.headwear_wish import HeadwearWish
from facegpt.types import Array

#: What an `mm` request says about its measure: add, reach, at least, at most (mm), or grow by a share (percent).
MILLIMETRE_KINDS = ("change", "value", "min", "max", "percent")
#: `HeadRequest.man` by which a sex is asked for: likely, not certain.
SURE = {"M": 0.97, "F": 0.03}


@dataclass(frozen=True)
class MillimetreGoal:
    """One number asked for.

    Attributes:
        measure: a name of `face.measure()`.
        kind: one of MILLIMETRE_KINDS.
        amount: signed; mm, or percent for the kind "percent".
    """

    measure: str
    kind: str
    amount: float


@dataclass(frozen=True)
class HeadRequest:
    """A distribution over named quantities of one head. Orders: attributes.csv (K), conventions.ARKIT_NAMES (E).

    For a new head the attributes are N(mean, spread²) in place of the prior's N(0, 1): mean 0 and spread 1 say nothing.
    For an edit they are changes: mean 0 and spread 0 keep what is there.

    Attributes:
        attribute_mean: (K,) SDs. attribute_spread: (K,) SDs, above 0 for a new head.
        man: probability 0..1 that a man is meant; 0.5 where the words leave it open (an edit then keeps it).
        age_years: (lowest, highest) or None where open.
        expression: (E,) weights 0..1. expression_named: (E,) bool, which of them the words name; in a new head the
            others are 0, in an edit they stay.
        emotion: a name of emotions.csv, "neutral", or "" where none is meant; the decoder adds its units to
            `expression`.
        intensity: of the emotion, 0..1.
        millimetres: numbers asked for, in their order in the text.
        is_edit: whether the numbers are changes of a given head.
        keeps: whether the words of an edit say that all else stays.
        kept: parts (groups of attributes.csv: "mouth") whose shape they tell an edit to leave as it is.
        peoples: families of peoples that the words name (peoples.LOOKS), for new heads.
        hair: what they ask of hair and beard beside the attributes. glasses: what they ask of glasses, or None.
        irises: the colour that they name for the eyes (eye_colours.EYE_COLOURS), or "".
        brow_colour: the colour that they name for the brows (reading/colours_of_parts.py: "white", "dark"), or "".
        brows_meet: whether the brows meet above the nose, or None where they say nothing of it.
        ear_points: mm by which the tips of the ears are drawn out, 0 for round ears; None where they say nothing.
        lips: the colour that they name for the lips: "red", "dark red", "pink", "pale", "natural", or "".
        skin: the colour that they name for the skin and that no people has (looks/skin_tints.py: "green", "tanned"), or
            "".
        character: somebody with a look of his own whom they name (looks/characters.py: "viking"), or "".
        impression: what somebody looks like to others (looks/characters.py: "ugly", "trustworthy"), or "".
        build: what the body makes of the head (looks/characters.py: "muscular"), or "".
        era: the decade whose style they ask for (looks/eras.py: "1970"), or "".
        bareheaded: whether they take off what covers the hair. headwear: what they put on, or None.
    """

    attribute_mean: Array
    attribute_spread: Array
    man: float = 0.5
    age_years: tuple[float, float] | None = None
    expression: Array = field(default_factory=lambda: np.zeros(52))
    expression_named: Array = field(default_factory=lambda: np.zeros(52, bool))
    emotion: str = ""
    intensity: float = 0.7
    millimetres: tuple[MillimetreGoal, ...] = ()
    is_edit: bool = False
    keeps: bool = False
    kept: tuple[str, ...] = ()
    peoples: tuple[str, ...] = ()
    hair: HairWish = field(default_factory=HairWish)
    irises: str = ""
    brow_colour: str = ""
    brows_meet: bool | None = None
    ear_points: float | None = None
    lips: str = ""
    skin: str = ""
    character: str = ""
    impression: str = ""
    build: str = ""
    era: str = ""
    glasses: GlassesWish | None = None
    bareheaded: bool = False
    headwear: HeadwearWish | None = None
