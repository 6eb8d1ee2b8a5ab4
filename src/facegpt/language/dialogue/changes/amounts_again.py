"""Amounts that words take up again: "his nose 10% slimmer and the ears bigger by the same amount" says 10% twice."""

from __future__ import annotations

from facegpt.language.numbers import find_numbers
from facegpt.language.patterns import regex_any_case

#: Words for the amount that was said last.
_AGAIN = regex_any_case(r"""
    \b(?:by )?(?:(?:(?:exactly|just|about) )?(?:the|that) (?:very )?same (?:amount|percentage|number|length|distance|
    degree|extent|share|margin)|an? (?:equal|identical) (?:amount|percentage|length|share)|
    (?:just|exactly) as much|(?<=by )(?:as|that) much)\b(?! as)
""")
_UNITS = ("mm", "cm", "inch", "percent", "years")


def with_amounts(text: str, before: str = "") -> str:
    """A change in which words for an amount said before are that amount; as it is where none was said.

    before: the words of the last change, for a turn that says no amount of its own.
    """
    match = _AGAIN.search(text)
    while match is not None:
        amount = _last_amount(text[: match.start()]) or _last_amount(before)
        if not amount:
            return text
        text = f"{text[: match.start()].removesuffix('by ')}by {amount}{text[match.end() :]}"
        match = _AGAIN.search(text, match.start() + len(amount))
    return text


def _last_amount(text: str) -> str:
    """The last number of a text that has a unit, with it; "" for none."""
    found = [number for number in find_numbers(text) if number.unit in _UNITS]
    return text[found[-1].start : found[-1].end].strip(" +-\u2212\u2013") if found else ""
