"""Attributes that no network has learnt, read by the words of their rows in attributes.csv: "slightly lower ears"."""

from __future__ import annotations

from collections.abc import Sequence

from facegpt.describe.attribute_words import attribute_groups
from facegpt.language.changed_request import left_open, with_traits
from facegpt.language.head_request import HeadRequest
from facegpt.language.parts import PARTS
from facegpt.language.patterns import CLAUSE_END, DENIALS, TAKING, word_set
from facegpt.language.targets import attribute_of_measure
from facegpt.language.trait_words import plain_words, table_phrases, traits_said

#: Degrees, SDs: slightly, plainly and very.
SLIGHT, PLAIN, VERY = 0.5, 1.0, 2.0
_SLIGHT = word_set("slightly bit little tad touch somewhat slight")
_VERY = word_set("very much extremely really far lot extra super strikingly")
#: Words that turn a side round.
_TURNED = DENIALS | TAKING | word_set("less too")
#: How far beyond the length of a phrase its words may lie apart; how open a degree is in a new head, SDs.
_REACH, _SPREAD = 5, 0.4


def with_table_words(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the attributes that a text names by the words of their rows.

    What the network heard in these words of other traits of the same part is left open, unless others name it.
    """
    found, spoken = table_traits(text), set[str]()
    if not found:
        return request
    groups = attribute_groups()
    for word in plain_words(text):
        spoken |= {name for name, _ in traits_said(word)}
    parts = {groups[name] for name in found}
    heard = [name for name, group in groups.items() if group in parts and name not in spoken]
    return with_traits(left_open(request, heard), found, _SPREAD)


def asked_with_table(asks: Sequence[str], text: str) -> tuple[str, ...]:
    """What a question asks, with the attributes that it names by the words of their rows, which are asked first.

    They take the place of what the network heard asked of the same part. Where nothing is asked, nothing is added.
    """
    named = tuple(table_traits(text)) if asks else ()
    groups = attribute_groups()
    parts = {groups[name] for name in named}
    others = [name for name in asks if groups.get(attribute_of_measure(name) or name) not in parts]
    return (*named, *others) if named else tuple(asks)


def table_traits(text: str) -> dict[str, float]:
    """Attribute → its degree, SDs, of those that only the words of their rows say."""
    found: dict[str, float] = {}
    for clause in CLAUSE_END.split(text.lower().replace("-", " ")):
        words = plain_words(clause)
        for name, sides in table_phrases().items():
            places = [(side, _place(words, phrase)) for side, phrases in sides.items() for phrase in phrases]
            said = [(side, place) for side, place in places if place is not None]
            if said:
                side, (start, end) = max(said, key=lambda each: each[1][1] - each[1][0])
                near = {*words[max(0, start - 3) : end + 4]}
                found[name] = (-side if near & _TURNED else side) * _degree(near)
    return found


def _degree(near: set[str]) -> float:
    return SLIGHT if near & _SLIGHT else VERY if near & _VERY else PLAIN


def _place(words: Sequence[str], phrase: Sequence[str]) -> tuple[int, int] | None:
    """Where all words of a phrase stand near one another and no other part of the face between them: first, last."""
    if not {*phrase} <= {*words}:
        return None
    ends = [k for k, word in enumerate(words) if word in phrase]
    for start in ends:
        for end in ends:
            inside = words[start : end + 1]
            others = {word for word in inside if word in PARTS} - {*phrase}
            if start < end <= start + len(phrase) + _REACH and {*phrase} <= {*inside} and not others:
                return start, end
    return None
