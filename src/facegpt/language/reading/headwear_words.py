"""Words for what covers the hair: "a straw hat", "in a black hijab", "take off the hat", "no hood"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from facegpt.language.headwear_wish import HeadwearWish
from facegpt.language.patterns import words_in
from facegpt.language.reading.glasses_words import TAKEN_OFF_AFTER, comes_off, is_taken, only_handles, with_last_text
from facegpt.wear.hats import CLOTH_COLOURS, hats

#: What covers the hair, by the names that people use.
HEADWEAR = re.compile(
    r"\b(?:hats?|caps?|beanie|beret|hood|head ?scarf|hijab|turban|veil|bonnet|helmet|bandann?a|headwear|headgear|"
    r"head ?covering)\b",
    re.IGNORECASE,
)
#: Words that may stand between an article and the noun, and what leads to and follows a thing that is worn.
_OWN = r"(?:(?!(?:in|on|with|and|or|of|who|whose|that|wearing|wears|has|having|under|is|without|no)\b)[\w'’-]+ )"
_LEAD = (
    r"(?:,?\s*\b(?:and |is |who )?"
    r"(?:with|wearing|wears|wore|in|under|has|have|having|put(?:s|ting)? on|put|add|give (?:her|him|them)|and)\s+)"
)
_ON = r"(?:\s+on(?:to)?(?:\s+(?:her|his|their|the|its)\s+head|\s+(?:her|him|them|it|top))?)?"


@cache
def _phrase() -> re.Pattern[str]:
    """What is put on, with the words that lead to it: a group for each row of hats.csv, in its order."""
    nouns = "|".join(rf"(?P<{name}>{hat.words})" for name, hat in hats().items())
    colours = "|".join((*CLOTH_COLOURS, "gray", "golden", "dark", "light"))
    before = rf"(?:(?:\b(?:an?|the|his|her|their|some)\s+){_OWN}{{0,3}}?|(?:\b(?:{colours})\s+)?)"
    return re.compile(rf"{_LEAD}?{before}\b(?:{nouns})(?![\w'’-]){_ON}", re.IGNORECASE)


def _put_on(text: str) -> re.Match[str] | None:
    """The last headwear of a text that is neither denied nor taken off."""
    found = None
    for match in _phrase().finditer(text):
        after = TAKEN_OFF_AFTER.match(text[match.end() :])
        denied = comes_off(text[: match.end()].rpartition(match[match.lastgroup or 0])[0])
        if not denied and not (after and is_taken(text[: match.end()])):
            found = match
    return found


def headwear_wish(text: str) -> HeadwearWish | None:
    """What a text puts on a head; None where it puts nothing on."""
    match = _put_on(text)
    if match is None or match.lastgroup is None:
        return None
    words = words_in(match[0].lower().replace("gray", "grey").replace("golden", "gold"))
    colour = next((word for word in words if word in CLOTH_COLOURS), "")
    if match.lastgroup == "straw" and colour == "straw":
        colour = ""
    return HeadwearWish(match.lastgroup, colour)


def without_headwear(text: str, is_edit: bool = False) -> str:
    """A text without the words for what it puts on, whose colours and shapes are no face's."""
    match = _put_on(text)
    if match is None:
        return text
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    rest = re.sub(r"\s+([,.;])", r"\1", " ".join(rest.split())).strip(" ,;")
    return "the hat" if only_handles(rest, is_edit) else rest


def turns_without_headwear(turns: Sequence[Mapping[str, Any]], is_edit: bool = False) -> list[dict[str, Any]]:
    """A conversation ([{"role", "content"}], a text or a list of parts) whose last user turn is `without_headwear`."""
    return with_last_text(turns, partial(without_headwear, is_edit=is_edit))


def takes_off_headwear(text: str) -> bool:
    """Whether a text takes off, or denies, what covers the hair."""
    for match in HEADWEAR.finditer(text):
        before = text[: match.start()]
        after = TAKEN_OFF_AFTER.match(text[match.end() :])
        if comes_off(before) or (after and (is_taken(before) or not words_in(before))):
            return True
    return False
