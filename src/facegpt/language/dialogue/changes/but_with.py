"""What a new head of somebody is to have otherwise: "his twin, but with hair", "a head of her, only without glasses".

Such a turn does two things, one after the other: it makes or shows the head, and changes it.
"""

from __future__ import annotations

from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.patterns import regex_any_case

_BUT = regex_any_case(
    r"[\s,;]*\b(?:but|only|except|just|though)\s+(?:this time\s+|now\s+)?(?=(?:with|without|wearing|having)\b)"
)
_WITH = regex_any_case(r"\W*(?:with|without|wearing|having)\b")
#: Acts that give a head of those who are there.
OF_SOMEBODY = ("vary", "blend", "new_head", "back")


def cut_but_with(text: str) -> tuple[str, str] | None:
    """A text before and from "with", where "but" or "only" leads to it; None for others, and for somebody new."""
    found = _BUT.search(text)
    start = "" if found is None else text[: found.start()]
    if found is None or not any(c.isalpha() for c in start) or asks_for_new(start):
        return None
    return start, text[found.end() :]


def begins_with_with(text: str) -> bool:
    """Whether a text says only what somebody has or wears: "with a beard"."""
    return bool(_WITH.match(text))
