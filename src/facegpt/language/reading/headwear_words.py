"""Words that take off what covers the hair: "take off the hat", "no hood"."""

from __future__ import annotations

import re

from facegpt.language.reading.glasses_words import TAKEN_OFF, TAKEN_OFF_AFTER, TAKES

#: What covers the hair, by the names that people use.
HEADWEAR = re.compile(
    r"\b(?:hats?|caps?|beanie|beret|hood|head ?scarf|hijab|turban|veil|bonnet|helmet|bandann?a|headwear|headgear|"
    r"head ?covering)\b",
    re.IGNORECASE,
)


def takes_off_headwear(text: str) -> bool:
    """Whether a text takes off, or denies, what covers the hair."""
    for match in HEADWEAR.finditer(text):
        before = text[: match.start()]
        after = TAKEN_OFF_AFTER.match(text[match.end() :])
        if TAKEN_OFF.search(before) or (after and (TAKES.search(before) or not re.search(r"\w", before))):
            return True
    return False
