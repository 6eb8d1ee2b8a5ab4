"""Colour, grey, highlights and beard as a wish of hair says them, set on a Hair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.generate.hair_colours import (
    AMOUNTS,
    DYES,
    NATURAL,
    TONES,
    Colour,
    colour_named,
    colour_of_brows,
    colour_of_facial_hair,
    streaks,
    toned,
)
from facegpt.hair.beard import CARDS_MM, FULL_MM, beard_mm
from facegpt.hair.locks import fainter
from facegpt.hair.whiskers import hair_colour
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.types import Hair

#: Values of slots → amounts of types.Hair.
GREYS = {"none": 0.0, "few": 0.13, "half": 0.5, "full": 0.9, "white": 1.0}
#: Grey at the temples, and the least and the most that the rest has with it.
_TEMPLES, _BESIDE_TEMPLES = 0.4, (0.03, 0.12)
BEARDS = {"none": 0.0, "stubble": 0.3, "goatee": 0.85, "short": 0.65, "full": 0.85, "long": 1.0}
MOUSTACHES = {"none": 0.0, "thin": 0.45, "plain": 0.85, "big": 1.0}
#: What "more grey" adds, and "longer" to a beard. mm of a beard that is stubble, and a full one.
_MORE_GREY, _MORE_BEARD, _BEARD_MM = 0.35, 0.35, (1.0, 4.0, 20.0)
#: The share of grey hairs that "less grey" takes.
_LESS_GREY = 0.5
#: The share of beard and moustache that "shorter" takes, and the least that it leaves: it is no shave.
_LESS_BEARD, _LEFT_OF_BEARD = 0.4, 0.25
#: From this amount on somebody has a moustache, which stays as it is where words ask for one.
_A_MOUSTACHE = 0.3
#: The least of a beard that is shaved to a goatee.
_SHAVED_TO_GOATEE = 0.6
#: How long "a long beard" is, mm, how many times so a "longer" one, and the longest. Sideburns as amounts of beard.
_LONG_MM, _LONGER, _LONGEST_MM = 80.0, 1.7, 300.0
#: Share of the differences between locks that another colour covers, from which distance on, log units of RGB; colours
#: that are nearer than this share of it are the same.
_COVERED, _COVERED_LOGS, _SAME_COLOUR = 0.75, 1.0, 0.05
SIDEBURNS = {"plain": 0.6, "big": 0.9}


def coloured(hair: Hair, said: Mapping[str, str], rng: np.random.Generator, is_new: bool) -> Hair:
    """Set colour, tone, grey, highlights and roots as said.

    Where words colour the beard alone, so is the hair of a new head. Brows and beard of dyed hair keep their colour.
    """
    if "colour" in said:
        hair = replace(hair, temples=0.0)
    amount, dice = AMOUNTS.get(said.get("amount", ""), 1.0), float(rng.standard_normal())
    undyed = hair
    if name := said.get("colour"):
        hair = replace(hair, colour=colour_named(name, dice), grey=0.0)  # dyed or natural: no grey was asked for
    elif said.get("beard_colour") in NATURAL and is_new and "grey" not in said:
        hair = replace(hair, colour=colour_named(said["beard_colour"], dice), grey=0.0)
    elif said.get("beard_colour") in ("grey", "white") and is_new and "grey" not in said:
        hair = replace(hair, grey=0.9 if said["beard_colour"] == "grey" else 1.0)
    if (tone := said.get("tone")) in TONES:
        hair = replace(hair, colour=toned(hair.colour, tone, amount), grey=min(hair.grey, 0.1))
    if grey := said.get("grey"):
        if grey == "temples":
            hair = replace(hair, temples=_TEMPLES, grey=float(np.clip(hair.grey, *_BESIDE_TEMPLES)))
        else:
            hair = replace(hair, grey=GREYS[grey], temples=0.0)
    if change := said.get("grey_change"):
        more, left = _MORE_GREY * amount, max(1 - _LESS_GREY * amount, 0.0)
        share, temples = ((x + more if change == "more" else left * x) for x in (hair.grey, hair.temples))
        hair = replace(hair, grey=min(share, 1.0), temples=min(temples, 1.0) if hair.temples else 0.0)
    if kind := said.get("highlights"):
        share = 0.0 if kind == "none" else 0.4
        colour = streaks(hair.colour, kind) if share else hair.highlight_colour
        hair = replace(hair, highlights=share, highlight_colour=colour)
    if roots := said.get("roots"):
        hair = replace(hair, roots=0.85 if roots == "dark" else 0.0)
    return _with_own_colours(hair, undyed, said)


def with_covered_locks(hair: Hair, before: Hair) -> Hair:
    """Hair whose locks differ the less, the farther its colour is from what it was: dye and grey cover all alike."""
    if hair.locks is None:
        return hair
    was, now = (np.log(np.maximum(hair_colour(each), 1e-3)) for each in (before, hair))
    far = min(float(np.abs(now - was).mean()) / _COVERED_LOGS, 1.0)
    return hair if far < _SAME_COLOUR else replace(hair, locks=fainter(hair.locks, 1 - _COVERED * far))


def _with_own_colours(hair: Hair, undyed: Hair, said: Mapping[str, str]) -> Hair:
    """Hair whose beard has the colour said of it, and whose brows and beard keep theirs where it is dyed."""
    if said.get("colour") in DYES:
        red, green, blue = hair_colour(undyed).tolist()
        own = (red, green, blue)
        hair = replace(hair, brow_colour=hair.brow_colour or own, beard_colour=hair.beard_colour or own)
    if (colour := said.get("beard_colour", "")) in TONES:
        red, green, blue = hair_colour(hair.of_beard).tolist()
        amount = AMOUNTS.get(said.get("amount", ""), 1.0)
        hair = replace(hair, beard_colour=toned((red, green, blue), colour, amount))
    elif colour:
        hair = replace(hair, beard_colour=colour_of_facial_hair(colour))
    return hair


def seen_of_brows(hair: Hair) -> Colour:
    """The colour that brows show, linear RGB, grey hairs mixed in."""
    return _mixed(hair.of_brows)


def seen_of_beard(hair: Hair) -> Colour:
    """The colour that beard and moustache show, linear RGB, grey hairs mixed in."""
    return _mixed(hair.of_beard)


def _mixed(hair: Hair) -> Colour:
    red, green, blue = hair_colour(hair).tolist()
    return red, green, blue


def with_kept_colours(hair: Hair) -> Hair:
    """Hair whose brows and beard have the colour that they show as their own, so that hair alone may change."""
    return replace(hair, brow_colour=seen_of_brows(hair), beard_colour=seen_of_beard(hair))


def with_greyed_own(hair: Hair, before: float, after: float) -> Hair:
    """Hair whose brows and beard of colours of their own turn grey by the same measure as hair does: shares of grey."""
    share = max(after - before, 0.0) / max(1 - before, 1e-3)
    greyed: dict[str, Any] = {
        name: _mixed(Hair(colour=own, grey=share))
        for name in ("brow_colour", "beard_colour")
        if (own := getattr(hair, name)) is not None
    }
    return replace(hair, **greyed)


def with_beard(hair: Hair, wish: HairWish, is_new: bool) -> Hair:
    """Set beard, its shape and moustache as said; who is given a beard has a moustache with it, but for a goatee."""
    said = wish.said
    beard, moustache = said.get("beard"), said.get("moustache")
    if beard or moustache or "sideburns" in said:
        hair = replace(hair, beard_cover=())  # where a photo's beard grew
    if beard:
        shape, amount = "goatee" if beard == "goatee" else "full", BEARDS[beard]
        if beard == "goatee" and hair.beard_shape == "full" and hair.beard > 0 and not is_new:
            amount = max(hair.beard, _SHAVED_TO_GOATEE)  # what is left of a beard is no longer than that was
        hair = replace(hair, beard=amount, beard_shape=shape, beard_mm=_LONG_MM if beard == "long" else 0.0)
        if moustache is None and beard not in ("none", "goatee"):
            hair = replace(hair, moustache=min(BEARDS[beard], 0.9))
    elif (burns := said.get("sideburns")) in SIDEBURNS and (hair.beard < SIDEBURNS[burns] or is_new):
        hair = replace(hair, beard=SIDEBURNS[burns], beard_shape="chops", beard_mm=0.0)
    elif burns == "none" and hair.beard_shape == "chops":
        hair = replace(hair, beard=0.0, beard_shape="full")
    if moustache:
        own = hair.moustache if moustache == "plain" and not is_new and hair.moustache >= _A_MOUSTACHE else 0.0
        hair = replace(hair, moustache=own or MOUSTACHES[moustache])
        if is_new and not beard and hair.beard_shape != "chops" and moustache != "none":
            hair = replace(hair, beard=0.0)
    if change := said.get("beard_change"):
        hair = _other_length(hair, change == "longer", AMOUNTS.get(said.get("amount", ""), 1.0))
    for length in wish.lengths:
        if length.region == "beard" and length.kind == "value":
            known = float(np.clip(length.mm, 0.0, _LONGEST_MM)) if length.mm > _BEARD_MM[1] else 0.0
            hair = replace(hair, beard=float(np.interp(length.mm, _BEARD_MM, (0.25, 0.5, 1.0))), beard_mm=known)
    return hair


def _other_length(hair: Hair, longer: bool, amount: float) -> Hair:
    """The beard longer or shorter: by its amount, and by its length once that is full; a short one by both."""
    left = max(1 - _LESS_BEARD * amount, _LEFT_OF_BEARD)
    thinner = replace(hair, beard=left * hair.beard, moustache=left * hair.moustache)
    if not longer and 0 < hair.beard_mm < FULL_MM:
        mm = hair.beard_mm / _LONGER
        return replace(thinner, beard_mm=mm if mm >= CARDS_MM else 0.0)
    if hair.beard_mm or (longer and hair.beard >= 0.99):
        mm = beard_mm(hair) * (_LONGER if longer else 1 / _LONGER)
        if mm > beard_mm(replace(hair, beard_mm=0.0)):
            return replace(hair, beard_mm=min(mm, _LONGEST_MM))
        hair = replace(hair, beard_mm=0.0)
        return hair if not longer else replace(hair, beard_mm=mm)
    if longer:
        return replace(hair, beard=min(hair.beard + _MORE_BEARD, 1.0))
    return thinner


def with_own_brows(hair: Hair, request: HeadRequest) -> Hair:
    """Brows of the colour that a request names for them, and that meet above the nose or not as it says."""
    if request.brow_colour:
        hair = replace(hair, brow_colour=colour_of_brows(request.brow_colour, hair))
    return hair if request.brows_meet is None else replace(hair, brow_bridge=float(request.brows_meet))
