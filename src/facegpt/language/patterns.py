"""Regular expressions that are longer than a line: written over several, read as one."""

from __future__ import annotations

import re


def joined(lines: str) -> str:
    """The lines of a text as one, without line breaks and indentation; blanks inside a line stay."""
    return "".join(line.strip() for line in lines.splitlines())


def word_set(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


def regex(lines: str) -> re.Pattern[str]:
    """The compiled expression of some lines."""
    return re.compile(joined(lines))


def regex_any_case(lines: str) -> re.Pattern[str]:
    """The same, whatever the case of the letters."""
    return re.compile(joined(lines), re.IGNORECASE)
