"""Words that turn round what follows them: "less dark skin", "not so wide", "the opposite of a round face".

What a turned clause says is what its words say without the turn, the other way. The clause is read a second time
without the turn; where the first reading moves a trait the same way, the second one, turned round, counts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_blendshapes import movements_of
from facegpt.language.head_request import HeadRequest
from facegpt.language.parts import PARTS
from facegpt.language.patterns import CLAUSE_END, has_word, word_set, words_in
from facegpt.language.reading.beyond.unread_words import carries
from facegpt.types import Array

_SLIGHT = r"(?:just )?(?:a (?:very |tiny |wee )?(?:little|bit|tad|touch|smidge|shade|hair)|slightly|somewhat)"
#: The same before what it makes slight ("a little nose" is a small one), and the degree that it leaves, SDs.
_SLIGHTLY = re.compile(rf"\b{_SLIGHT} (?:(?<!little )|(?=bit\b|more\b|less\b|\w+er\b))\w", re.IGNORECASE)
SLIGHT_SD = 0.5
_LESS = re.compile(
    rf"\b(?:(?P<slight>{_SLIGHT}) |(?:much|far|a lot) )?(?:less|not (?:quite |nearly )?(?:so|as|that))\s+"
    r"(?:of (?:an? |the )?)?(?=[a-z])",
    re.IGNORECASE,
)
_OPPOSITE = re.compile(r"\b(?:the )?(?:exact )?(?:opposite|reverse|contrary) of\s+", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|never|isn['’]?t|ain['’]?t|nor) (?!so\b|as\b|that\b|quite\b|nearly\b)", re.IGNORECASE)
#: Words that tell a sex and name none: "not his nose".
_PRONOUNS = word_set("he him his she her hers they them their theirs")
#: How far from a half the probability of a man must be for a sex to count as named.
_SURE_OF_SEX = 0.25
_DEGREE = word_set("too very much just only all overly really lot by")
#: How much of a degree "less" and "a bit less" take away, as a share; degrees that count as read, SDs.
LESS, SLIGHTLY_LESS, NAMED_SD = 0.6, 0.4, 0.3
#: Parts of which there can be less: "less nose" is less of a big one.
_HAVE_SIZE = word_set("nose ear lip mouth chin jaw cheek cheekbone brow neck forehead")
#: Feelings that a face at rest may be seen to have, and how happy it is made where words ask for less of them.
_UNKIND, KINDLY = frozenset(("anger", "sadness", "fear", "disgust", "contempt")), 0.4
#: Weight above which a movement of a face is seen.
SEEN = 0.15


def without_turns(text: str) -> list[tuple[str, float]]:
    """Each turned clause without its turn, and what its degrees are multiplied by."""
    found = []
    for pattern in (_OPPOSITE, _LESS):
        for match in pattern.finditer(text):
            before = max((cut.end() for cut in CLAUSE_END.finditer(text, 0, match.start())), default=0)
            after = CLAUSE_END.search(text, match.end())
            behind = text[match.end() : after.start() if after else len(text)].strip()
            less = SLIGHTLY_LESS if pattern is _LESS and match["slight"] else LESS
            size = "bigger " if pattern is _LESS and _first_part(behind) in _HAVE_SIZE else ""
            clause = f"{text[before : match.start()]}{size}{behind}".strip()
            found += [(clause, -less if pattern is _LESS else -1.0)] if clause else []
    return found


def _first_part(words: str) -> str:
    """The part of the face that the first of some words names, or ""."""
    return PARTS.get(words.partition(" ")[0].strip(".,!?").lower(), "")


def slight_clauses(text: str) -> list[str]:
    """The clauses of a text that ask of one part or of the whole person for a slight degree: "a bit wider nose"."""
    found = []
    for clause in CLAUSE_END.split(text):
        parts = {PARTS.get(word, "person") for word in words_in(clause)} - {"person", "face", "head"}
        if _SLIGHTLY.search(clause) and len(parts) <= 1:
            found.append(clause.strip())
    return found


def with_slight(request: HeadRequest, slight: HeadRequest) -> HeadRequest:
    """A request whose traits that a slight clause names have no more than a slight degree.

    The network hears "slightly" as three quarters of a step. slight: as the clause was read.
    """
    mean, theirs = np.array(request.attribute_mean, float), np.asarray(slight.attribute_mean, float)
    named = (np.abs(theirs) >= NAMED_SD) & (mean * theirs > 0)
    mean[named] = np.clip(mean[named], -SLIGHT_SD, SLIGHT_SD)
    return replace(request, attribute_mean=mean)


def denied_clauses(text: str) -> list[str]:
    """What stands behind each "not" of a text, to the end of its clause: "a man" of "not a man, not old"."""
    found = []
    for match in _NOT.finditer(text):
        after = CLAUSE_END.search(text, match.end())
        found.append(text[match.end() : after.start() if after else len(text)].strip())
    return [clause for clause in found if clause and not has_word(clause, _PRONOUNS)]


def without_denied(request: HeadRequest, denied: HeadRequest, clause: str = "") -> HeadRequest:
    """A request without the sex or the years that a denied clause names, where it names nothing else.

    "Not a man" is a woman; "not a fat man" and "not a handsome man" are men.
    """
    names = (np.abs(np.asarray(denied.attribute_mean)) >= NAMED_SD).any() or denied.emotion or denied.hair.said
    if names or denied.expression_named.any() or denied.glasses:
        return request
    if denied.age_years is not None and request.age_years is not None:
        return replace(request, age_years=None)
    sure = abs(denied.man - 0.5) >= _SURE_OF_SEX and denied.age_years is None and not carries(clause)
    return replace(request, man=1.0 - denied.man) if sure else request


def without_denied_traits(request: HeadRequest, denied: HeadRequest, clause: str) -> HeadRequest:
    """A change without the traits that a denied clause names: "lipstick, not bigger lips" makes no lips bigger.

    "Not too big" is a degree, and denies nothing.
    """
    theirs = np.asarray(denied.attribute_mean, float)
    if _DEGREE & {*words_in(clause.removeprefix("a "))[:1]}:
        return request
    mean = np.array(request.attribute_mean, float)
    return replace(request, attribute_mean=np.where((np.abs(theirs) >= NAMED_SD) & (mean * theirs > 0), 0.0, mean))


def turned_round(request: HeadRequest, straight: HeadRequest, share: float, worn: Array | None = None) -> HeadRequest:
    """A request whose traits go the other way than those of a clause read without its turn.

    Args:
        request: as the whole words were read.
        straight: as the clause was read.
        share: what its degrees are multiplied by, below 0.
        worn: (52,) the weights of the face that is changed: "less" of a movement is less than it shows.
    """
    mean, spread = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    wanted = share * np.asarray(straight.attribute_mean, float)
    wrong = (np.abs(straight.attribute_mean) >= NAMED_SD) & (mean * wanted <= 0)
    mean[wrong], spread[wrong] = wanted[wrong], np.asarray(straight.attribute_spread, float)[wrong]
    request = replace(request, attribute_mean=mean, attribute_spread=spread)
    if worn is None or not request.is_edit:
        return request
    moved = np.asarray(straight.expression_named, bool) & (np.asarray(straight.expression) > 0)
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    less = max(0.0, 1 + share) * np.asarray(worn, float)
    if straight.emotion and not moved.any():  # "less grumpy": less of all that the face does
        if request.emotion not in ("", "neutral", straight.emotion):
            return request  # "less angry, more surprised": another feeling takes the place of all that it does
        shown: Any = (np.asarray(worn, float) > SEEN) & np.isin(ARKIT_NAMES, list(movements_of(straight.emotion)))
        if shown.any() or straight.emotion not in _UNKIND:
            return replace(request, expression=np.where(shown, less, 0.0), expression_named=shown, emotion="")
        return replace(request, emotion="happiness", intensity=KINDLY)  # at rest it looks so to whoever asks
    weights[moved], named[moved] = less[moved], True
    emotion = "" if moved.any() and request.emotion else request.emotion
    return replace(request, expression=weights, expression_named=named, emotion=emotion)
