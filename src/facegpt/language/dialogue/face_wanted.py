"""Whether words want a face, and whether they speak of anybody."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from facegpt.generate.understood import understood
from facegpt.language.dialogue.act_classifier import Before
from facegpt.language.dialogue.act_network import load_act_network
from facegpt.language.dialogue.maker import Language, Reading
from facegpt.language.head_request import HeadRequest

#: Requests whose every mean is below this many SDs, and that name nothing else, say nothing.
NOTHING_SD = 0.15
#: A description in which nothing but an emotion less sure than this was read speaks of no face when the log odds that
#: it wants somebody are below this. Up to so many words the base model is asked besides whether they name somebody:
#: from these odds on they do; else the sum of both odds must reach this. Chosen on 61 short texts.
SURE_EMOTION, NO_FACE_LOG_ODDS = 0.998, -1.0
NAME_WORDS, SOMEBODY_LOG_ODDS, NAMED = 8, 5.5, 2.1
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
    """Whether a description describes nobody: nothing but a doubtful emotion was read, and no face is expected."""
    request = reading.request
    if understood(replace(request, emotion="")):
        return False
    if getattr(reading, "emotion_probability", float(bool(request.emotion))) >= SURE_EMOTION:
        return False
    odds, named = _somebody_log_odds(language, reading), _name_log_odds(language, text)
    if named is None:
        return odds < NO_FACE_LOG_ODDS
    return named < SOMEBODY_LOG_ODDS and odds + named < NAMED


def _name_log_odds(language: Language, text: str) -> float | None:
    """Log odds of the base model that a few words name somebody; None for many words, or where it cannot be asked."""
    if not hasattr(language, "leaning") or len(text.split()) > NAME_WORDS:
        return None
    noun = _ARTICLE.sub("", text.strip())
    return float(sum(language.leaning(asked.format(noun), yes, no) for asked, yes, no in _SOMEBODY))


def says_nothing(request: HeadRequest) -> bool:
    """Whether a request leaves everything open."""
    named = bool(request.expression_named.any()) or bool(request.emotion) or bool(request.millimetres)
    leaning = abs(request.man - 0.5) > 0.25 or request.age_years is not None or request.glasses is not None
    return not named and not leaning and float(abs(request.attribute_mean).max(initial=0.0)) < NOTHING_SD


def _somebody_log_odds(language: Language, reading: Reading) -> float:
    """Log odds that a text, said first of all, wants somebody made."""
    states, network = getattr(reading, "states", None), load_act_network()
    if states is None or not network.fits(states):
        return face_log_odds(language, reading)
    odds = network.log_odds(states, Before())
    read = _log_odds(sum(math.exp(odds[act]) for act in ("new_head", "edit")))
    return (read + face_log_odds(language, reading)) / 2


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))
