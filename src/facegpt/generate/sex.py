"""Whether a person described in words is a man, where the words say it and where they only hint at it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.describe.hair_readings import read_hair
from facegpt.generate.choose_style import share_who_wear
from facegpt.generate.identities import OPEN_SEX
from facegpt.generate.worn_styles import usual_styles
from facegpt.language.head_request import HeadRequest
from facegpt.types import Hair

#: Power by which the odds of a sex that words lean to grow: "M, 35" is read at four to one, and means a man.
SURER = 3.0
#: What of hair tells a sex that words leave open, at this age if none is named; anybody may wear anything, rarely.
TELLS_SEX, ADULT_YEARS, RARE = frozenset({"kind", "length", "sides", "crown", "hairline"}), 35.0, 0.003

#: Readings of hair_length below which hair is short, and above which it is long.
SHORT_HAIR, LONG_HAIR = -0.4, 0.7
#: Nobody younger has a beard, or hair by which a sex is told.
CHILD_YEARS = 16
#: A cut is a man's where men are at least this share of those who wear it.
MANS_CUT = 0.8


def drawn_as_man(request: HeadRequest, named: dict[str, tuple[float, float]], rng: np.random.Generator) -> bool:
    """Draw the sex; where the words leave it open, a beard, a masculine face or the hair decides.

    named: attribute → (mean, spread) of what the words name.
    """
    dice, share = rng.random(), float(request.man)
    if abs(share - 0.5) < OPEN_SEX:
        hints = [named[n][0] for n in ("beard", "moustache", "masculinity") if n in named]
        hints += [2.0] * any(request.hair.said.get(n, "none") != "none" for n in ("beard", "moustache", "sideburns"))
        masculine = max(hints, key=abs, default=0.0)
        if masculine > 0.4:
            share = 0.98
        elif masculine < -0.4 and "masculinity" in named:
            share = 0.02
        elif set(request.hair.said) & TELLS_SEX:
            share = _surer(share_of_men(request))
    else:
        share = _surer(share)
    return bool(dice < share)


def _surer(share: float) -> float:
    """What words lean to, they mean: a share of men, nearer to its end."""
    return share**SURER / (share**SURER + (1 - share) ** SURER)


def share_of_men(request: HeadRequest) -> float:
    """The share of men among those who wear the hair that is asked for, at the age that is (Bayes, as many women)."""
    years = float(np.mean(request.age_years)) if request.age_years else ADULT_YEARS
    said = {slot: value for slot, value in request.hair.said.items() if slot in TELLS_SEX}
    of_men, of_women = (share_who_wear(said, usual_styles(man, years)) for man in (True, False))
    return (of_men + RARE) / (of_men + of_women + 2 * RARE)


def without_mans_cut(request: HeadRequest, said: HeadRequest, man: bool) -> HeadRequest:
    """The request without a cut that a character lends a woman though men wear it, as a soldier's; bald stays bald.

    said: the same without what characters look like; what words ask for stays.
    """
    lent = {slot for slot in request.hair.said if slot in TELLS_SEX and slot not in said.hair.said}
    if man or not lent or request.hair.said.get("kind") == "bald" or share_of_men(request) < MANS_CUT:
        return request
    kept = {slot: value for slot, value in request.hair.said.items() if slot not in lent}
    return replace(request, hair=replace(request.hair, said=kept))


def hair_of_sex(hair: Hair, was_man: bool, man: bool, years: float) -> dict[str, float]:
    """How hair and beard change with a sex that is asked for: as far as they are not that sex's."""
    now, grown = read_hair(hair), years > CHILD_YEARS
    changes = {} if man else {"beard": -1.0, "moustache": -1.0}
    if not man and now["hair_length"] < SHORT_HAIR and hair.style != "bald":
        changes["hair_length"] = 1.0
    if man and grown and now["hair_length"] > (SHORT_HAIR if not was_man else LONG_HAIR):
        changes["hair_length"] = -1.0
    return changes
