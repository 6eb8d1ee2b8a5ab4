"""Feelings said by turns of phrase and interjections: "over the moon", "did not see that coming", "EWWW", "pfft".

Texts come through `normalised` and `standardise_dialect`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from facegpt.language.reading.expression_rules.feeling_tables import (
    BARE,
    BY_THE_WAY,
    CLASSES,
    CRIES,
    EMOJI,
    EMOTICONS,
    HAPPENS,
    HINTS,
    IDLE,
    MORE_IS_MEANT,
    PHRASES,
    RESETS,
)

_KIND_OF_EMOJI = {sign: kind for kind, signs in EMOJI.items() for sign in signs}

_DENIED = re.compile(
    r"\b(?:not|never|neither|nor|hardly|without|no longer|no|nothing like|far from|anything but|less)(?: \w+){0,1} $"
)
#: "Cross? No.", "trade the cheerfulness for dread", "instead of fury": what is not, or is no more.
_NO_MORE = (
    r"\b[\w ]{2,24}\? ?(?:no|nope|never|hardly|not (?:at all|a bit|really)|far from it|wrong|nah)\b[.,!;:]?",
    r"\b(?:trade|swap|exchange|switch|replace|substitute|turn|change|convert|transform|morph)\b"
    r"(?:(?!\b(?:for|with|by|into|to)\b)[^.;!?]){2,40}\b(?:for|with|by|into|to)\b",
    r"\b(?:instead of|rather than|in place of|from being|used to be|stop being|enough of (?:the|that|his|her|being)|"
    r"no more|lose the|drop the|get rid of the|away with the)\b[^.,;!?]{2,30}?"
    r"(?=[.,;!?]|\b(?:now|to|he|she|make|give|i)\b|$)",
    r"\bfrom (?:\w+ ){1,3}(?:to|into)\b",
    r"\b(?:was|were|looked)\b[^;!?]{2,30}?(?=\bnow\b)",
    r"\bnot (?:\w+ ){0,2}(?:any ?more|any longer)\b|\b(?:is|are) no longer (?:\w+ )?\w+",
)


def kinds_by_phrase(text: str) -> set[str]:
    """The kinds of feeling that the phrases and cries of a plain text name."""
    return {kind for kind, pattern in _named() if _is_said(pattern, text)}


def kinds_hinted_at(text: str) -> set[str]:
    """The kinds of feeling that a plain text hints at, which count beside another that it names."""
    return {kind for kind, pattern in _hinted() if _is_said(pattern, text)}


def kinds_by_sign(text: str) -> set[str]:
    """The kinds of feeling of the emoji and emoticons; what people write beside anything counts almost alone."""
    bare = set(re.findall(r"[^\W\d_]{2,}", text.lower())) <= BARE
    typed = {kind for kind, pattern in EMOTICONS.items() if bare and re.search(pattern, text)}
    return typed | {_KIND_OF_EMOJI[s] for s in text if s in _KIND_OF_EMOJI and (bare or s not in BY_THE_WAY)}


def resets_face(text: str) -> bool:
    """Whether a text commands the whole face to rest: "zero every slider", "back to a blank face"."""
    return _any_of(RESETS, r"\b(?:{})").search(text) is not None


def tells_what_happens(text: str) -> bool:
    """Whether a text says what somebody sees, does or is told, and is not about looks alone."""
    return _any_of(HAPPENS, r"\b(?:{})\b").search(text) is not None


def means_more(text: str) -> bool:
    """Whether a text has signs of a second feeling."""
    return _any_of(MORE_IS_MEANT, r"\b(?:{})|\?\?|!\?|\?!").search(text) is not None


def without_idle_words(text: str) -> str:
    """Blank out words of feeling that are said by the way, and those of what is not or is no more."""
    for pattern in _unmeant():
        text = pattern.sub(lambda m: " " * len(m.group()), text)
    return text


def _is_said(pattern: re.Pattern[str], text: str) -> bool:
    return any(not _DENIED.search(text[: match.start()]) for match in pattern.finditer(text))


@lru_cache(maxsize=1)
def _named() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _by_kind((*PHRASES, *CRIES), r"(?<![a-z])(?:{})(?![a-z])")


@lru_cache(maxsize=1)
def _hinted() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _by_kind(HINTS, r"\b(?:{})")


@lru_cache(maxsize=1)
def _unmeant() -> tuple[re.Pattern[str], ...]:
    return (_any_of(IDLE, r"\b(?:{})\b"), *map(re.compile, _NO_MORE))


@lru_cache(maxsize=8)
def _any_of(table: tuple[tuple[str, str], ...], frame: str) -> re.Pattern[str]:
    return re.compile(frame.replace("{}", "|".join(_expression(phrase) for _, phrase in table)))


def _by_kind(table: tuple[tuple[str, str], ...], frame: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Make one pattern of all phrases of a kind."""
    some: dict[str, list[str]] = {}
    for kind, phrase in table:
        some.setdefault(kind, []).append(_expression(phrase))
    return tuple((kind, re.compile(frame.replace("{}", "|".join(phrases)))) for kind, phrases in some.items())


def _expression(phrase: str) -> str:
    """Write a phrase of the tables as a regular expression."""
    for name, words in CLASSES.items():
        phrase = re.sub(rf"(?<![A-Z]){name}(?![A-Z])", lambda _, words=words: words, phrase)  # type: ignore[misc]
    return re.sub(r"\((?!\?)", "(?:", phrase.replace("~", r"\w*"))
