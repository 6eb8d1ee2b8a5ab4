"""Brows that are not there or that meet, and darkness below the eyes, which says nothing of the skin.

The reader learnt brows as thin or thick, takes brows that are joined for thinner or raised ones, and the "dark" of
"dark circles" for a skin's; what the words say plainly goes before.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import left_open, with_traits
from facegpt.language.head_request import HeadRequest
from facegpt.language.parts import PARTS
from facegpt.language.patterns import TAKING, has_word, is_denied, last_clause, word_set, words_in
from facegpt.language.targets import ATTRIBUTES

#: The degree of brow_thickness that leaves no brow, whatever there was, and that of dark rings.
BROWLESS, RINGED = -6.0, 1.2
#: How open such a degree is in a new head, SDs.
SURE = 0.3
_NO_BROWS = re.compile(
    r"\b(?:no|without(?: any)?|lacks?|lacking|missing|hairless|n['’]?t have(?: any)?|shaved(?:[- ]off)?|"
    r"(?:shave|remove|lose|erase|take)(?: off)? (?:the|his|her|their)?) ?(?:eye)?brows?\b"
    r"|\b(?:eye)?brows?:? (?:are |is )?(?:none|gone|missing|shaved off)\b|\bbrowless\b",
    re.IGNORECASE,
)
_BROWS, _THEIR = r"(?:eye)?brows?\b", r"(?:the|his|her|their|my|your|both|two|thick|bushy|dark|black|up|of)"
_JOINING = r"meet(?:s|ing)?|met|join(?:ed|s|ing)?|touch(?:es|ing)?|merg(?:e|es|ed|ing)|connect(?:ed|s|ing)?|fused"
#: Brows that meet by one word, and by joining with the brows before or behind it. "Knits her brows" is a frown.
_MEET = re.compile(
    r"\b(?:uni|mono)-?(?:eye)?brow(?:ed|s)?\b|\bsynophrys\b"
    rf"|\b(?:{_JOINING}|continuous|unbroken)(?:[- ]{_THEIR})* {_BROWS}"
    rf"|\b{_BROWS} (?:(?:that|which|all|almost|nearly|have|has|are|is|should|to|they) )*"
    rf"(?:(?:{_JOINING})\b|(?:grow(?:n|s|ing)?|run(?:s|ning)?) together)"
    rf"|\b{_BROWS} (?:with )?(?:no|without(?: a| any)?) (?:gap|space)\b"
    rf"|\bno (?:gap|space) between (?:{_THEIR} )?{_BROWS}",
    re.IGNORECASE,
)
#: The least thickness, SDs, of brows that meet where the words don't say that they are thin.
_THICK = 0.8
#: How words begin that take joined brows apart, and that move brows.
_APART = ("part", "separat", "split", "pluck", "wax", "tweez", "rid", "lose", "lost")
_MOVES = ("rais", "lift", "lower", "furrow", "frown", "arch")
_CLOSE, _LIDS = word_set("close closes closed closing"), ("eye", "lid")
_RINGS = re.compile(
    r"\b(?:dark(?:er)?|black|deep|purple|blue)\s+(?:eye )?(?:circles?|rings?|shadows|bags)\b"
    r"(?:\s+(?:under|below|beneath|around|round)\s+(?:the|his|her|their|my|your)?\s*eyes)?",
    re.IGNORECASE,
)
_SKIN = word_set("skin skinned complexion pale tan tanned fair")


def with_eye_surroundings(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the absent brows and the dark rings that a text names; eyes that close come no closer."""
    if _NO_BROWS.search(text):
        request = with_traits(request, {"brow_thickness": BROWLESS}, SURE)
    words = words_in(text)
    behind = (words[k + 1 : k + 4] for k, word in enumerate(words) if word in _CLOSE)
    if any(PARTS.get(word) in _LIDS for near in behind for word in near):
        request = left_open(request, ["eye_spacing"])
    if (meet := _MEET.search(text)) is not None:
        request = _with_meeting_brows(request, text, meet)
    rings = _RINGS.search(text)
    if rings and not is_denied(text[: rings.start()], also=TAKING | {"less"}):
        bags = max(RINGED, float(request.attribute_mean[ATTRIBUTES.index("eye_bags")]))
        request = with_traits(request, {"eye_bags": bags}, SURE)
        request = request if has_word(text, _SKIN) else left_open(request, ["skin_lightness"])
    return request


def _with_meeting_brows(request: HeadRequest, text: str, said: re.Match[str]) -> HeadRequest:
    """A request with brows that meet, which are `said` in a text; where that is denied, with brows that don't.

    Of the movements and the thickness that were read into the word nothing is left but thick brows.
    """
    before, rest = text[: said.start()], text[: said.start()] + text[said.end() :]
    parted = any(word.startswith(_APART) for word in words_in(last_clause(before)))
    meets = not (parted or is_denied(before, also=TAKING | {"less"}))
    thick = float(request.attribute_mean[ATTRIBUTES.index("brow_thickness")])
    if meets and not has_word(text, ("thin", "thinner")) and thick > BROWLESS:
        request = with_traits(request, {"brow_thickness": max(thick, _THICK)}, SURE)
    elif not meets and "brow" not in rest.lower():
        request = left_open(request, ["brow_thickness"])
    named = np.array(request.expression_named, bool)
    if not any(word.startswith(_MOVES) or word == "up" for word in words_in(text)):
        named &= ~np.array([name.startswith("brow") for name in ARKIT_NAMES])
    weights = np.where(named, request.expression, 0.0)
    return replace(request, expression=weights, expression_named=named, brows_meet=meets)
