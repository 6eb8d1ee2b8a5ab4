"""The unit that a question wants its answer in, and whether in whole numbers."""

from __future__ import annotations

import re

from facegpt.language.patterns import has_word, regex_any_case, word_set

_CENTIMETRES = regex_any_case(r"\b(?:cm|centimet\w+)\b")
_INCHES = word_set("inch inches imperial")
_ROUNDS = regex_any_case(r"""
    \bround(?:ed|ing)?(?: (?:it|that|this|them|those|the numbers?|up|down|off|to))+\b|
    \bnearest (?:mm|cm|mill|cent|inch|whole)|\bwhole (?:mm|cm|mill\w+|cent\w+|inch(?:es)?|numbers?)\b|
    \b(?:no|without(?: the)?) decimals?\b|\bin round numbers\b
""")


def unit_of(text: str) -> str:
    """The unit that a question wants its answer in."""
    return "cm" if _CENTIMETRES.search(text) else "in" if has_word(text, _INCHES) else "mm"


def rounds(text: str) -> bool:
    """Whether a text wants whole numbers: "round that off", "to the nearest cm"."""
    return bool(_ROUNDS.search(text))


def in_unit(answer: str, unit: str, whole: bool) -> str:
    """Put the lengths of an answer in the unit that is wanted, "mm", "cm" or "in"; whole: as whole numbers."""
    if unit == "mm":
        return re.sub(r"\d+\.\d+(?= mm)", lambda m: f"{float(m[0]):.0f}", answer) if whole else answer
    per, said = {"cm": (10.0, "{0:.2f} cm"), "in": (25.4, "{0:.2f} inches ({1} mm)")}[unit]
    said = said.replace(".2f", ".0f") if whole else said
    return re.sub(r"(\d+(?:\.\d+)?) mm", lambda m: said.format(float(m[1]) / per, m[1]), answer)
