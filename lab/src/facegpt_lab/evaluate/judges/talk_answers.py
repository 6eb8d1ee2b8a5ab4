"""Is the answer of a turn of conversation right and true? The words alone, held against measured heads.

The rules are those of docs/facegpt-bench.md, "Conversations: format". A head is what is read off it (`Seen`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.measure_words import MEASURE_WORDS, MOVEMENT_WORDS
from facegpt.describe.sentences import label, most_unusual
from facegpt.language.numbers import find_numbers
from facegpt.types import Array, Measure
from facegpt_lab.evaluate.judges.nearest_emotion import AT_REST, nearest, same_group
from facegpt_lab.evaluate.judges.score_labels import Shown

#: z from which a trait is there, and up to which it is not; weight from which a movement is.
YES_Z, NO_Z, WORN = 0.5, 0.0, 0.35
MOST_WORDS, RUN, MOST_RUNS = 150, 4, 3
SAME_MM, SAME_YEARS, GAP_MM = 0.5, 1.0, 0.1
_REFUSES = re.compile(
    r"\b(?:(?:can(?:no|')t|can not|won't|unable|not able|impossible|don't|do not|doesn't|does not|"
    r"no way)[^.?!]{0,60}\b(?:know|tell|show|"
    r"guess|say|identify|recogni[sz]e|judge|see|measure|answer)|"
    r"face (?:does not|doesn't|cannot|can't) (?:show|tell|say))\b",
    re.IGNORECASE,
)
_CANNOT = re.compile(
    r"\b(?:can(?:no|')t|can not|not able|unable|only (?:make )?(?:the |human )?(?:heads?|faces?)|without|"
    r"(?:does|do) not have|(?:does|do)n't have|"
    r"won't|no (?:way|such)|not (?:shown|known|possible|something)|"
    r"don't (?:make|show|do|know)|does(?:n't| not) (?:show|have|wear)|none of)\b",
    re.IGNORECASE,
)
_YES_NO = re.compile(r"^\W*(yes|yeah|yep|no|nope|not)\b|(?<=[.!?:]\s)(yes|no)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)?")
_FEELINGS = {
    "happiness": "happ joy smil cheer glad pleas delight laugh grin amus",
    "sadness": "sad unhapp sorrow grief crying downcast",
    "anger": "ang fur rage cross mad",
    "fear": "fear afraid scare fright terr",
    "surprise": "surpris astonish amaz startl",
    "disgust": "disgust revol",
    "contempt": "contempt scorn disdain",
    "neutral": "neutral|at rest|no expression|relaxed|calm|blank|expressionless",
}
_WORDS_OF_UNITS = {
    "mouthSmile": "smil grin",
    "mouthFrown": "frown|corners drawn down|corners down",
    "jawOpen": "open mouth|mouth open|mouth is open|open jaw|jaw",
    "eyeBlink": "closed eye|eyes closed|shut|wink|eyes are closed|closes",
    "browDown": "lowered brow|frown|knit|brows",
    "browInnerUp": "brow",
    "browOuterUp": "brow",
    "tongueOut": "tongue",
    "cheekPuff": "cheek",
    "eyeWide": "wide",
    "noseSneer": "nose wrinkl|wrinkled nose|sneer",
    "mouthPucker": "pucker pout kiss",
}


@dataclass(frozen=True)
class Seen:
    """One head: what is read off it, its measures, and its vertices at rest (V, 3) mm."""

    shown: Shown
    measures: Mapping[str, Measure]
    rest: Array


@dataclass(frozen=True)
class Told:
    """An answer with what it may be held against.

    Attributes:
        text: the answer. typed: all that the user typed so far.
        heads: name → its versions, the one after turn n at n; at 0 as it was given or made.
        names: name → words by which the head may be called.
        z: of a head, (K,) SDs of adults by attribute name.
    """

    text: str
    typed: str
    heads: Mapping[str, Sequence[Seen]]
    names: Mapping[str, Sequence[str]]

    def now(self, head: str) -> Seen:
        """A head as it is."""
        return self.heads[head][-1]


def refuses(text: str) -> bool:
    """Whether an answer says that it cannot tell."""
    return bool(_REFUSES.search(text))


def says_cannot(text: str) -> bool:
    """Whether an answer says that something cannot be shown or done."""
    return bool(_CANNOT.search(text))


def says_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of some words stands in an answer as a whole word."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)


def is_sane(text: str) -> bool:
    """Whether an answer says something, is short and does not go in circles."""
    said = re.findall(r"[\w']+", text.lower())
    runs = Counter(tuple(said[k : k + RUN]) for k in range(len(said) - RUN + 1))
    return bool(said) and len(said) <= MOST_WORDS and max(runs.values(), default=0) <= MOST_RUNS


def verdict(text: str) -> bool | None:
    """Whether an answer says yes or no before anything else; None where it says neither."""
    match = _YES_NO.search(text)
    return None if match is None else (match[1] or match[2]).lower().startswith("y")


# Numbers


def invented(told: Told) -> list[str]:
    """Numbers of an answer that are neither measured on a head of the conversation nor typed."""
    known = [seen for versions in told.heads.values() for seen in versions]
    typed = {round(value, 2) for value in _typed(told.typed)}
    return [m[0] for m in _NUMBER.finditer(told.text) if not _is_known(m, told.text, known, typed)]


def _typed(text: str) -> list[float]:
    found = [float(m[0].replace(",", ".")) for m in _NUMBER.finditer(text)]
    for number in find_numbers(text):
        found += [float(number.amount_for(0.0, number.unit == "percent"))]
    return found


def _is_known(match: re.Match[str], text: str, known: Sequence[Seen], typed: set[float]) -> bool:
    value, after = float(match[0].replace(",", ".").lstrip("+")), text[match.end() : match.end() + 24].lower()
    value = abs(value)
    if round(value, 2) in typed:
        return True
    digits = len(match[0].partition(".")[2])
    percentiles = [m.percentile for seen in known for m in seen.measures.values()]
    if re.match(r"(?:st|nd|rd|th)\b|\s?(?:percentile)", after):
        return any(
            not np.isnan(p) and (round(p) == value or (value <= 1 and p < 1) or (value >= 99 and p > 99))
            for p in percentiles
        )
    if re.match(r"\s?%", after):
        return True
    start = max(text.rfind(mark, 0, match.start()) for mark in (". ", ": ", "\n")) + 1
    names = _spoken_of(text[start : match.end() + 40].partition(". ")[0], known)
    if unit := re.match(r"\s?(?:(mm|millimet)|(cm|centimet)|(inch|in\b)|(?:to|and) \d)", after):
        scales = (1.0,) if unit[1] else (10.0,) if unit[2] else (25.4,) if unit[3] else (1.0, 10.0)
        return _is_length(value, digits, names, known, scales)
    ages = [seen.shown.age_years for seen in known]
    years = any(abs(round(age) - value) <= 1 for age in ages)
    sure = "give or take" in text[max(0, match.start() - 24) : match.start()]
    return years or sure or _is_length(value, digits, names, known, (1.0, 10.0))


def _spoken_of(sentence: str, known: Sequence[Seen]) -> list[str]:
    """The measures whose part of the face a sentence names; all where it names none."""
    names = [*known[0].measures] if known else []
    lower = sentence.lower()
    named = [name for name in names if any(word in lower for word in _nouns_of(name))]
    return named or names


def _nouns_of(name: str) -> list[str]:
    """Words for what a measure belongs to: nose_breadth is of the nose."""
    part = MEASURE_WORDS.get(name, ("", "", ""))[0]
    words = [
        w for w in re.findall(r"[a-z]+", part) if w not in ("the", "of", "to", "red", "skin", "way", "from", "over")
    ]
    return [label(name), *(word.rstrip("s") for word in words)]


def _is_length(value: float, digits: int, names: Sequence[str], known: Sequence[Seen], scales: Sequence[float]) -> bool:
    """Whether a number is a measure, or the difference of one between two heads or versions, as printed."""
    for name in names:
        values = [seen.measures[name].value_mm for seen in known]
        if any(abs(round(length / scale, digits) - value) < 1e-6 for length in values for scale in scales):
            return True
        printed = [round(length, 1) for length in values]
        gaps = [abs(a - b) for a in printed for b in printed if a != b]
        if any(abs(gap / scale - value) <= GAP_MM / scale for gap in gaps for scale in scales):
            return True
    return False


# What was asked


def answers(told: Told, asked: Mapping[str, Any], z: Mapping[str, Any]) -> bool:
    """Whether an answer gives what one entry of `asks` wants.

    Args:
        told: the answer with the heads.
        asked: the entry.
        z: head → attribute → SDs of adults.
    """
    kind = asked["kind"]
    if kind == "count":
        return _says_count(told.text, asked["number"])
    if kind == "compare":
        return _names_largest(told, asked["heads"], asked["names"])
    if kind == "difference":
        return _says_difference(told, asked["heads"], asked["names"])
    versions = told.heads[asked["head"]]
    seen = versions[min(asked["at"], len(versions) - 1)] if "at" in asked else versions[-1]
    if kind == "measure":
        return any(_says_length(told.text, seen.measures[n].value_mm) for n in asked["names"] if n in seen.measures)
    if kind == "yes_no":
        return _yes_no_right(told, asked, seen, z)
    if kind == "expression":
        return _names_expression(told.text, seen.shown.expression)
    if kind == "compare_parts":
        return _names_larger_part(told.text, seen, asked["names"])
    if kind == "age":
        return any(abs(int(n) - seen.shown.age_years) <= 1.01 for n in re.findall(r"\b\d+\b", told.text))
    return any(label(name) in told.text.lower() for name in most_unusual(seen.measures))


def _says_length(text: str, mm: float) -> bool:
    for match in re.finditer(r"(\d+(?:\.\d+)?)(?:\s?(mm|cm|millimet\w+|centimet\w+))?", text):
        digits = len(match[1].partition(".")[2])
        scale = 10.0 if (match[2] or "").startswith("c") else 1.0
        if abs(float(match[1]) - round(mm / scale, digits)) < 1e-6 and (
            digits or abs(mm / scale - float(match[1])) < 0.6
        ):
            return True
    return False


def _yes_no_right(told: Told, asked: Mapping[str, Any], seen: Seen, z: Mapping[str, Any]) -> bool:
    said = verdict(told.text)
    if said is None:
        return False
    if "answer" in asked:
        return said == (asked["answer"] in (True, "yes"))
    if "attribute" in asked:
        along = z[asked["head"]][asked["attribute"]] * (1 if asked["pole"] in (1, "high", "+") else -1)
        return along < YES_Z if not said else along > NO_Z
    if "units" in asked:
        worn = max(float(seen.shown.expression[ARKIT_NAMES.index(name)]) for name in asked["units"])
        return said == (worn >= WORN)
    above = max(seen.measures[name].value_mm for name in asked["names"]) > asked["above_mm"]
    return said == above


def _names_expression(text: str, weights: Array) -> bool:
    lower = text.lower()
    feeling = nearest(weights)
    stems = [s for name, s in _FEELINGS.items() if name in feeling.split() or same_group(name, feeling)]
    if any(_has_stem(lower, each) for each in stems):
        return True
    if feeling == "neutral":
        return False
    for name, weight in zip(ARKIT_NAMES, weights, strict=True):
        if weight > AT_REST:
            base = re.sub(r"(Left|Right)$", "", name)
            if MOVEMENT_WORDS.get(base, "\0") in lower or _has_stem(lower, _WORDS_OF_UNITS.get(base, "")):
                return True
    return False


def _has_stem(lower: str, stems: str) -> bool:
    options = stems.split("|") if "|" in stems else stems.split()
    return any(option in lower for option in options)


def _says_count(text: str, number: int) -> bool:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return says_any(text, (str(number), *([words[number]] if number < len(words) else [])))


def _names_largest(told: Told, heads: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the head named first is the one with the largest value of one of the measures, or is as large."""
    named = first_named(told.text, {head: told.names[head] for head in heads})
    for name in names:
        value = {head: _value(told.now(head), name) for head in heads}
        same = SAME_YEARS if name == "age_years" else SAME_MM
        largest = max(value.values())
        close = [head for head, each in value.items() if largest - each <= same]
        if named in close or (len(close) > 1 and re.search(r"\b(?:same|equal|both)\b", told.text, re.IGNORECASE)):
            return True
    return False


def _value(seen: Seen, name: str) -> float:
    return seen.shown.age_years if name == "age_years" else seen.measures[name].value_mm


def first_named(text: str, names: Mapping[str, Sequence[str]]) -> str:
    """The head that a text names first, by a word that is no other's; "" where it names none."""
    places = {}
    for head, words in names.items():
        others = {word.lower() for other, theirs in names.items() if other != head for word in theirs}
        own = [word for word in words if word.lower() not in others]
        found = [
            m.start() for word in own for m in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        ]
        if found:
            places[head] = min(found)
    return min(places, key=lambda head: places[head]) if places else ""


def _says_difference(told: Told, heads: Sequence[str], names: Sequence[str]) -> bool:
    numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", told.text)]
    for name in names:
        first, second = (round(told.now(head).measures[name].value_mm, 1) for head in heads)
        if any(abs(n - abs(first - second)) <= GAP_MM + 1e-6 for n in numbers):
            return True
    return False


def _names_larger_part(text: str, seen: Seen, names: Sequence[str]) -> bool:
    """Of two measures, whether the larger one's part is named first, or a yes or no says so."""
    larger = max(names, key=lambda name: seen.measures[name].value_mm)
    said = verdict(text)
    if said is not None:
        return said == (larger == names[0])
    places = {name: text.lower().find(_part(name)) for name in names}
    found = {name: place for name, place in places.items() if place >= 0}
    return bool(found) and min(found, key=lambda name: found[name]) == larger


def _part(measure: str) -> str:
    return {"lip_length": "mouth"}.get(measure, label(measure).split()[0])
