"""Hair, brows and beard that words tell to stay: whatever an age, a sex or a weight brings, they are what they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.generate.look_of_hair import seen_of_beard, seen_of_brows
from facegpt.language.hair_wish import COLOUR_OF_HEAD_SLOTS, FACIAL_SLOTS
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.edits.kept_parts import BEARD, HAIR, HAIR_COLOUR, MOUSTACHE
from facegpt.types import Hair

#: What of a Hair is its cut, its colour, the beard and the brows.
_CUT, _COLOUR = ("style", "groom"), ("colour", "grey", "temples", "highlights", "highlight_colour", "roots")
_BEARD, _BROWS = ("beard", "beard_shape", "beard_mm", "beard_cover"), ("brow_thickness", "brow_arch", "brow_bridge")
#: Values of the slot "keep" of a HairWish by what they keep; all others are called alike.
_KEEPS = {"colour": HAIR_COLOUR}


def kept_of_hair(request: HeadRequest) -> frozenset[str]:
    """What a request tells to stay of hair (names of kept_parts.py), "length" and "brows" beside."""
    every = (HAIR, BEARD, MOUSTACHE, "brows") if request.keeps else ()
    slot = request.hair.said.get("keep", "")
    return frozenset((*request.kept, *every, *filter(None, (_KEEPS.get(slot, slot),))))


def with_kept_hair(hair: Hair, before: Hair | None, request: HeadRequest, named: Mapping[str, object]) -> Hair:
    """Hair that has what is to stay as it was, but for what the same words ask of it (`named` attributes, slots)."""
    if before is None:
        return hair
    kept, said = kept_of_hair(request), request.hair.said
    asked = {*(name for name in named if name in HAIR_ATTRIBUTES), *said}
    asked |= {"beard"} if any(length.region == "beard" for length in request.hair.lengths) else set()
    coloured = asked & {*COLOUR_OF_HEAD_SLOTS, "highlights", "roots", "hair_lightness", "hair_redness", "hair_greyness"}
    cut = {slot for slot in said if slot not in (*COLOUR_OF_HEAD_SLOTS, *FACIAL_SLOTS, "keep", "amount")}
    cut |= {length.region for length in request.hair.lengths} - {"beard"} | asked & {"hair_length"}
    stays: list[str] = []
    if kept & {HAIR, HAIR_COLOUR} and not coloured:
        stays += _COLOUR
    if kept & {HAIR, "length"} and not cut:
        stays += _CUT
    if "colour" in stays and ("groom" in stays or hair.groom == before.groom):
        stays.append("locks")
    if BEARD in kept and not asked & {"beard", "beard_change", "beard_colour"}:
        stays += _BEARD
        if seen_of_beard(hair) != seen_of_beard(before):
            hair = replace(hair, beard_colour=seen_of_beard(before))
    if kept & {BEARD, MOUSTACHE} and "moustache" not in asked:
        stays.append("moustache")
    if "brows" in kept and not asked & {"brow_thickness", "brow_arch"}:
        stays += _BROWS
        if not request.brow_colour and seen_of_brows(hair) != seen_of_brows(before):
            hair = replace(hair, brow_colour=seen_of_brows(before))
    return replace(hair, **{name: getattr(before, name) for name in stays})
