"""Whether words want a face: what the language model says of it, weighed with the grammar of the turn."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from facegpt.generate.understood import understood
from facegpt.language.dialogue import turns
from facegpt.language.dialogue.maker import Language, Reading
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.ngrams.classifier import load_ngram_classifier

#: Requests whose every mean is below this many SDs, and that name nothing else, say nothing.
NOTHING_SD = 0.15
#: A description speaks of no face when the log odds for one are below this, an emotion that was read in it is less
#: sure than this, and, up to so many words, the log odds that it names somebody are below this. Measured: of 1,091
#: descriptions and situations (FaceGPT-Bench, the corpus) four are taken for none, of 267 turns of a chat without a
#: face and without looks 193; of 60 roles none, of 60 things 46 (quarterly report; but not: 1945).
NO_FACE_LOG_ODDS, SURE_EMOTION, NAME_WORDS, SOMEBODY_LOG_ODDS = -1.0, 0.99, 8, 5.5
#: How the base model is asked for somebody: what it reads, words that say yes, words that say no.
_SOMEBODY = (
    ("The {0} smiled. The {0} is a", ("person",), ("thing",)),
    ("A picture of {0}. It shows a", ("man", "woman", "person"), ("table", "list", "building")),
)
_ARTICLE = re.compile(r"^(?:an?|the|my|your|some)\s+", re.IGNORECASE)


def wants_face(language: Language, reading: Reading, text: str, has_face: bool) -> bool:
    """Whether the answer to a turn holds a face."""
    return face_log_odds(language, reading, text, has_face) > 0


def face_log_odds(language: Language, reading: Reading, text: str, has_face: bool) -> float:
    """Log odds for a face in the answer to a turn, above those of the calibrated threshold."""
    return _log_odds_of(language, reading, text, has_face, says_nothing(reading.request))


def speaks_of_no_face(language: Language, reading: Reading, text: str) -> bool:
    """Whether a description describes nobody: nothing but a doubtful emotion was read, and no face is expected."""
    request = reading.request
    if understood(replace(request, emotion="")):
        return False
    if getattr(reading, "emotion_probability", float(bool(request.emotion))) >= SURE_EMOTION:
        return False
    if _log_odds_of(language, reading, text, has_face=False, asks_nothing=True) >= NO_FACE_LOG_ODDS:
        return False
    return not names_somebody(language, text)


def names_somebody(language: Language, text: str) -> bool:
    """Whether a few words name somebody ("a mechanic") and no thing, by what the base model knows of words."""
    if not hasattr(language, "leaning") or len(text.split()) > NAME_WORDS:
        return False
    noun = _ARTICLE.sub("", text.strip())
    return sum(language.leaning(asked.format(noun), yes, no) for asked, yes, no in _SOMEBODY) >= SOMEBODY_LOG_ODDS


def says_nothing(request: HeadRequest) -> bool:
    """Whether a request leaves everything open."""
    named = bool(request.expression_named.any()) or bool(request.emotion) or bool(request.millimetres)
    leaning = abs(request.man - 0.5) > 0.25 or request.age_years is not None or request.glasses is not None
    return not named and not leaning and float(abs(request.attribute_mean).max(initial=0.0)) < NOTHING_SD


def _log_odds_of(language: Language, reading: Reading, text: str, has_face: bool, asks_nothing: bool) -> float:
    """Log odds for a face over those of the calibrated threshold."""
    right = load_ngram_classifier().respelled(text)
    grammar = turns.face_log_odds(right, has_face, asks_nothing)
    threshold = getattr(language, "thresholds", {}).get("face", 0.5)
    return _log_odds(reading.face_probability) - _log_odds(threshold) + grammar


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))
