"""What a change takes away: "no longer sad", "stop frowning", "she isn't scared any more".

The clause is read a second time without the words that deny; what it then names comes to rest, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_blendshapes import movements_of
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import CLAUSE_END, word_set
from facegpt.types import Array

_NOT = r"(?:is|are|was|do|does|should)(?: ?not|n['’]?t)|not|never|no longer|without(?: the| any| her| his)?"
_STOP = r"(?:have |has )?(?:stop|quit|cease)(?:s|ped|d)?"
_DENIES = re.compile(
    rf"\b(?:{_NOT}|{_STOP})\b(?: (?:being|be|to be|feeling|feel|looking|look)\b)?",
    re.IGNORECASE,
)
#: Not so much of something is less of it, and no denial. Words that say nothing of what is denied.
_DEGREE, _NOW = word_set("so as that too very much quite nearly"), word_set("anymore any more now please at all")
#: Weights from which a movement is seen.
SEEN = 0.03


def clauses_without_denial(text: str) -> list[str]:
    """What each clause denies: "sad" of "she is no longer sad, and younger" and of "angry, not sad"."""
    found = []
    for clause in CLAUSE_END.split(text):
        match = _DENIES.search(clause)
        behind = clause[match.end() :].split() if match else []
        if match and not _DEGREE & {*behind[:1]}:
            found.append(
                " ".join(word for word in behind if word.lower() not in _NOW) or clause[: match.start()].strip()
            )
    return [clause for clause in found if clause]


def at_rest(request: HeadRequest, denied: HeadRequest, worn: Array) -> HeadRequest:
    """A change that puts to rest what a denied clause names and the face shows; the rest of the face stays.

    Args:
        request: as the whole words were read.
        denied: as the clause was read without its denial.
        worn: (52,) what the face shows.
    """
    named = np.asarray(denied.expression_named, bool) & (np.asarray(denied.expression) > 0)
    if denied.emotion not in ("", "neutral"):
        named = named | np.isin(ARKIT_NAMES, list(movements_of(denied.emotion)))
    goes = named & (np.asarray(worn, float) > SEEN)
    if not goes.any():
        return request
    emotion = "" if request.emotion in (denied.emotion, "neutral") else request.emotion
    weights = np.where(goes, 0.0, np.asarray(request.expression, float))
    moved: Any = np.asarray(request.expression_named, bool) | goes
    return replace(request, emotion=emotion, expression=weights, expression_named=moved)
