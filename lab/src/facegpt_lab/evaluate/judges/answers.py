"""Is an answer about a head true, and does it speak of what was asked? Judged from the words and the measured head."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from facegpt.describe.measure_words import MEASURE_WORDS, MEASURES_OF, MOVEMENT_WORDS
from facegpt.describe.sentences import label, most_unusual, ordinal
from facegpt.types import Measure

_MM = re.compile(r"(\d+(?:\.\d+)?)(?= ?mm| to \d+\.\d mm)")
_PERCENTILE = re.compile(r"((?:below |above )?the \d+(?:st|nd|rd|th)) percentile")
_DECLINING = re.compile(
    r"(can(?:no|')t|won't|do(?:es)? not|don't|doesn't|not able|unable|no way|impossible)[^.]{0,60}"
    r"(know|tell|show|guess|say|identify|recogni[sz]e|judge|see)|A face does not show",
    re.IGNORECASE,
)
_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def numbers_true(text: str, measures: Mapping[str, Measure]) -> bool:
    """Whether every length and percentile in a text is one measured, as printed, of the measure named there."""
    for sentence in re.split(r"(?<=[.:])\s", text):
        named = sorted((sentence.find(label(n)), n) for n in measures if label(n) in sentence)
        for match in _MM.finditer(sentence):
            before = [name for place, name in named if place < match.start()]
            candidates = before[-1:] if before else list(measures)
            if not any(f"{measures[name].value_mm:.1f}" == match[1] for name in candidates):
                return False
        for match in _PERCENTILE.finditer(sentence):
            candidates = [name for _, name in named] or list(measures)
            if not any(ordinal(measures[name].percentile) == match[1] for name in candidates):
                return False
    return True


def speaks_of(text: str, name: str, measures: Mapping[str, Measure], faces: int = 1) -> bool:
    """Whether a text speaks of what was asked: a measure, an attribute, "expression", "unusual" and so on."""
    lower = text.lower()
    if name == "count":
        return str(faces) in lower or (faces < len(_NUMBER_WORDS) and _NUMBER_WORDS[faces] in lower)
    if name == "unusual":
        return any(label(n) in lower for n in most_unusual(measures))
    if name == "expression":
        return any(words in lower for words in (*MOVEMENT_WORDS.values(), "at rest", "neutral"))
    if name in ("age_years", "age"):
        return "years old" in lower
    return any(words.lower() in lower for words in _words_of(name))


@lru_cache(maxsize=128)
def _words_of(name: str) -> tuple[str, ...]:
    """The words by which a measure or attribute is spoken of."""
    rows = _attributes()
    found = [label(name)]
    found += [label(measure) for measure in MEASURES_OF.get(name, ())]
    if name in rows:
        found += [label(rows[name]["measure"])] if rows[name]["measure"] else []
        found += [w.strip() for side in ("low", "high") for w in rows[name][f"{side}_pole_words"].split(";")]
    if name in MEASURE_WORDS:
        found.append(label(name))
    special = {
        "heaviness": ("lean", "full", "build"),
        "masculinity": ("average woman", "average man"),
        "skin_lightness": ("skin is",),
        **dict.fromkeys(("hair_length", "hair_lightness", "hair_redness", "hair_greyness"), ("hair", "bald")),
        **dict.fromkeys(("beard", "moustache"), ("beard", "moustache", "stubble", "hair", "bald")),
    }
    return (*found, *special.get(name, ()))


@lru_cache(maxsize=1)
def _attributes() -> dict[str, dict[str, str]]:
    text = (resources.files("facegpt.language") / "attributes.csv").read_text(encoding="utf-8")
    return {row["name"]: row for row in csv.DictReader(text.splitlines())}


def declines(text: str) -> bool:
    """Whether a text says that something cannot be told from a face."""
    return bool(_DECLINING.search(text))


def coverage(text: str, measures: Mapping[str, Measure]) -> float:
    """The share of the five most unusual measures that a description names."""
    five = most_unusual(measures)
    return sum(label(name) in text for name in five) / max(len(five), 1)
