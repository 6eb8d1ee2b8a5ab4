"""Colour, grey, highlights and beard as a wish of hair says them, set on a Hair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from facegpt.generate.hair_colours import AMOUNTS, TONES, colour_named, streaks, toned
from facegpt.language.hair_wish import HairWish
from facegpt.types import Hair

#: Values of slots → amounts of types.Hair.
GREYS = {"none": 0.0, "few": 0.13, "temples": 0.25, "half": 0.5, "full": 0.9, "white": 1.0}
BEARDS = {"none": 0.0, "stubble": 0.3, "goatee": 0.6, "short": 0.65, "full": 0.85, "long": 1.0}
MOUSTACHES = {"none": 0.0, "thin": 0.45, "plain": 0.85, "big": 1.0}
_BEARD_COLOURS = {"black": "black", "brown": "brown", "ginger": "ginger"}
#: What "more grey" adds, and "longer" to a beard. mm of a beard that is stubble, and a full one.
_MORE_GREY, _MORE_BEARD, _BEARD_MM = 0.35, 0.35, (1.0, 4.0, 20.0)


def coloured(hair: Hair, said: Mapping[str, str], rng: np.random.Generator, is_new: bool) -> Hair:
    """Set colour, tone, grey, highlights and roots as said.

    A beard has the colour of the hair: where words colour the beard alone, so is the hair of a new head and of a bald
    one; that of a head to be edited keeps its colour.
    """
    amount, dice = AMOUNTS.get(said.get("amount", ""), 1.0), float(rng.standard_normal())
    if name := said.get("colour"):
        hair = replace(hair, colour=colour_named(name, dice), grey=0.0)  # dyed or natural: no grey was asked for
    elif said.get("beard_colour") in _BEARD_COLOURS and (is_new or hair.style == "bald"):
        hair = replace(hair, colour=colour_named(_BEARD_COLOURS[said["beard_colour"]], dice), grey=0.0)
    elif said.get("beard_colour") in ("grey", "white") and (is_new or hair.style == "bald"):
        hair = replace(hair, grey=0.9 if said["beard_colour"] == "grey" else 1.0)
    if (tone := said.get("tone")) in TONES:
        hair = replace(hair, colour=toned(hair.colour, tone, amount), grey=min(hair.grey, 0.1))
    if grey := said.get("grey"):
        hair = replace(hair, grey=GREYS[grey])
    if change := said.get("grey_change"):
        step = _MORE_GREY * amount * (1 if change == "more" else -1)
        hair = replace(hair, grey=float(np.clip(hair.grey + step, 0.0, 1.0)))
    if kind := said.get("highlights"):
        share = 0.0 if kind == "none" else 0.4
        colour = streaks(hair.colour, kind) if share else hair.highlight_colour
        hair = replace(hair, highlights=share, highlight_colour=colour)
    if roots := said.get("roots"):
        hair = replace(hair, roots=0.85 if roots == "dark" else 0.0)
    return hair


def with_beard(hair: Hair, wish: HairWish, is_new: bool) -> Hair:
    """Set beard and moustache as said; who is given a beard has a moustache with it, but for a goatee."""
    said = wish.said
    beard, moustache = said.get("beard"), said.get("moustache")
    if beard:
        hair = replace(hair, beard=BEARDS[beard])
        if moustache is None and beard not in ("none", "goatee"):
            hair = replace(hair, moustache=min(BEARDS[beard], 0.9))
    if moustache:
        hair = replace(hair, moustache=MOUSTACHES[moustache])
        if is_new and beard is None and moustache != "none":
            hair = replace(hair, beard=0.0)
    if change := said.get("beard_change"):
        step = _MORE_BEARD if change == "longer" else -_MORE_BEARD
        hair = replace(hair, beard=float(np.clip(hair.beard + step, 0.0, 1.0)))
    for length in wish.lengths:
        if length.region == "beard" and length.kind == "value":
            hair = replace(hair, beard=float(np.interp(length.mm, _BEARD_MM, (0.25, 0.5, 1.0))))
    return hair
