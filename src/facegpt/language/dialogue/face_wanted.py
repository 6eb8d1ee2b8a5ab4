"""Whether words want a face, and whether they speak of anybody."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.generate.understood import understood
from facegpt.language.dialogue.act_network import Before, act_log_odds, load_act_network
from facegpt.language.dialogue.maker import Language, Reading
from facegpt.language.head_request import HeadRequest

#: Requests whose every mean is below this many SDs, and that name nothing else, say nothing.
NOTHING_SD = 0.15
#: A description in which nothing but an emotion less sure than this was read speaks of no face when the log odds that
#: it wants somebody are below this. Up to so many words the base model is asked besides whether they name somebody.
SURE_EMOTION, NO_FACE_LOG_ODDS, NAME_WORDS = 0.998, -1.0, 8
#: What says whether a few words name somebody, and the file of its weights (`python -m lab.runs.language.somebody`).
SIGNS = ("an answer with a face", "an act that makes heads", "is a person", "picture of somebody")
SOMEBODY_FILE = Path(__file__).with_name("somebody.csv")
#: How the base model is asked for somebody: what it reads, words that say yes, words that say no.
_SOMEBODY = (
    ("The {0} smiled. The {0} is a", ("person",), ("thing",)),
    ("A picture of {0}. It shows a", ("man", "woman", "person"), ("table", "list", "building")),
)
_ARTICLE = re.compile(r"^(?:an?|the|my|your|some)\s+", re.IGNORECASE)


def face_log_odds(language: Language, reading: Reading) -> float:
    """Log odds for a face in the answer to a text, above those of the calibrated threshold."""
    threshold = getattr(language, "thresholds", {}).get("face", 0.5)
    return _log_odds(reading.face_probability) - _log_odds(threshold)


def speaks_of_no_face(language: Language, reading: Reading, text: str) -> bool:
    """Whether a description describes nobody: nothing but a doubtful emotion was read, and no face is expected.

    A calling or a condition is doubtful too where no face is expected: soup has no cook.
    """
    request = reading.request
    rest = np.zeros_like(request.expression_named)
    if understood(replace(request, emotion="", character="", impression="", expression_named=rest)):
        return False
    if getattr(reading, "emotion_probability", float(bool(request.emotion))) >= SURE_EMOTION:
        return False
    read = _somebody_log_odds(language, reading)
    if not hasattr(language, "leaning") or len(text.split()) > NAME_WORDS:
        return sum(read) / 2 < NO_FACE_LOG_ODDS
    if min(read) > 0:  # both expect a head, whatever the words name
        return False
    *weights, constant = _somebody_weights()
    signs = signs_of_somebody(language, reading, text)
    return sum(weight * sign for weight, sign in zip(weights, signs, strict=True)) + constant < 0


def signs_of_somebody(language: Any, reading: Reading, text: str) -> tuple[float, ...]:
    """SIGNS of a few words: log odds of the reading, and of the base model going on as about a person."""
    noun = _ARTICLE.sub("", text.strip())
    asked = (language.leaning(start.replace("{0}", noun), yes, no) for start, yes, no in _SOMEBODY)
    return (*_somebody_log_odds(language, reading), *asked)


@lru_cache(maxsize=1)
def _somebody_weights() -> tuple[float, ...]:
    with SOMEBODY_FILE.open(newline="", encoding="utf-8") as file:
        return tuple(float(row["weight"]) for row in csv.DictReader(file))


def says_nothing(request: HeadRequest) -> bool:
    """Whether a request leaves everything open."""
    named = bool(request.expression_named.any()) or bool(request.emotion) or bool(request.millimetres)
    leaning = abs(request.man - 0.5) > 0.25 or request.age_years is not None or bool(request.irises)
    leaning = leaning or request.brows_meet is not None or request.ear_points is not None
    leaning = leaning or request.glasses is not None or request.bareheaded or request.headwear is not None
    return not named and not leaning and float(abs(request.attribute_mean).max(initial=0.0)) < NOTHING_SD


def _somebody_log_odds(language: Language, reading: Reading) -> tuple[float, float]:
    """Log odds that a text, said first of all, wants somebody made: by the answer's first token, by the act."""
    face = face_log_odds(language, reading)
    states, network = getattr(reading, "states", None), load_act_network()
    if states is None or not network.fits(states):
        return face, face
    odds = act_log_odds(network, states, Before())
    return face, _log_odds(sum(math.exp(odds[act]) for act in ("new_head", "edit")))


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))
