"""Brows that are not there, and darkness below the eyes, which says nothing of the skin: "no eyebrows", "dark circles".

The reader learnt brows as thin or thick and takes "dark" for a skin's; what the words say plainly goes before.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES

#: The degree of brow_thickness that leaves no brow, whatever there was, and that of dark rings.
BROWLESS, RINGED = -6.0, 1.2
_NO_BROWS = re.compile(
    r"\b(?:no|without(?: any)?|lacks?|lacking|missing|hairless|n['’]?t have(?: any)?|shaved(?:[- ]off)?|"
    r"(?:shave|remove|lose|erase|take)(?: off)? (?:the|his|her|their)?) ?(?:eye)?brows?\b"
    r"|\b(?:eye)?brows?:? (?:are |is )?(?:none|gone|missing|shaved off)\b|\bbrowless\b",
    re.IGNORECASE,
)
_RINGS = re.compile(
    r"\b(?:dark(?:er)?|black|deep|purple|blue)\s+(?:eye )?(?:circles?|rings?|shadows|bags)\b"
    r"(?:\s+(?:under|below|beneath|around|round)\s+(?:the|his|her|their|my|your)?\s*eyes)?",
    re.IGNORECASE,
)
_SKIN = re.compile(r"\bskin|complexion|\bpale|\btan|\bblack (?:man|woman|person|guy|girl|boy)|\bfair\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:no|not|without|less|never|remove|n't)\b[^,.;]*$", re.IGNORECASE)


def with_eye_surroundings(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the absent brows and the dark rings that a text names."""
    mean, spread = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    sure = 0.0 if request.is_edit else 0.3
    if _NO_BROWS.search(text):
        k = ATTRIBUTES.index("brow_thickness")
        mean[k], spread[k] = BROWLESS, sure
    rings = _RINGS.search(text)
    if rings and not _DENIED.search(text[: rings.start()]):
        k, skin = ATTRIBUTES.index("eye_bags"), ATTRIBUTES.index("skin_lightness")
        mean[k], spread[k] = max(RINGED, mean[k]), sure
        if not _SKIN.search(text):
            mean[skin], spread[skin] = 0.0, 0.0 if request.is_edit else 1.0
    return replace(request, attribute_mean=mean, attribute_spread=spread)
