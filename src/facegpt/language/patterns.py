"""The words of a text, and regular expressions that are longer than a line: written over several, read as one."""

from __future__ import annotations

import re
from collections.abc import Collection

_STOP = re.compile(r"[^\w\s'’-]")
#: Where a clause ends: a stop, or what joins the next one to it.
CLAUSE_END = re.compile(r"[,.;:!?]|\b(?:and|but)\b")


def word_set(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


#: Words that deny what follows them, and those that take it away ("get rid of", "take off").
DENIALS = word_set("no not never without neither nor isnt arent dont")
TAKING = word_set("""
    minus sans lack lacks lacking remove removes removed removing lose loses drop drops ditch delete discard rid away
    off took
""")


def joined(lines: str) -> str:
    """The lines of a text as one, without line breaks and indentation; blanks inside a line stay."""
    return "".join(line.strip() for line in lines.splitlines())


def words_in(text: str) -> list[str]:
    """The words of a text in small letters, "don't" as two."""
    return re.findall(r"[a-z]+", text.lower())


def has_word(text: str, words: Collection[str]) -> bool:
    """Whether a text holds one of some words (in small letters) as a whole word."""
    return any(word in words for word in re.findall(r"\w+", text.lower()))


def last_words(text: str, most: int) -> list[str]:
    """So many of the last words of a text at most, in small letters, none of them from before a stop or comma."""
    return _STOP.split(text.lower())[-1].split()[-most:]


def denies(word: str) -> bool:
    """Whether a word in small letters denies what follows it."""
    return word in DENIALS or word.endswith(("n't", "n’t"))


def is_denied(before: str, reach: int = 4, also: Collection[str] = ()) -> bool:
    """Whether one of so many last words of a clause denies what follows, or is one of others (`also`) that do."""
    return any(denies(word) or word in also for word in last_words(before, reach))


def last_clause(text: str) -> str:
    """What stands behind the last stop, semicolon or comma of a text."""
    return re.split(r"[.;,]", text)[-1]


def regex(lines: str) -> re.Pattern[str]:
    """The compiled expression of some lines."""
    return re.compile(joined(lines))


def regex_any_case(lines: str) -> re.Pattern[str]:
    """The same, whatever the case of the letters."""
    return re.compile(joined(lines), re.IGNORECASE)
