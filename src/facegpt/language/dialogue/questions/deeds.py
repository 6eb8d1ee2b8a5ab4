"""Wishes that whoever holds the conversation fulfils: a head saved, or drawn from a side. They change no head."""

from __future__ import annotations

from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.set_answers import FILE, VIEWS, set_answer
from facegpt.language.patterns import words_in

#: Endings of files that a head is saved to.
ENDINGS = ("glb", "gltf", "fbx", "usdz", "obj", "ply", "stl")
#: A wish of no more words is for this alone.
_MOST_WORDS = 9
#: Words for where a head is seen from, by how far it is turned to its left, degrees.
_TURNS = {"left": -90.0, "right": 90.0, "back": 180.0, "behind": 180.0, "quarter": 45.0, "angle": 45.0, "front": 0.0}
_PROFILE_DEG = 90.0
_MAY, _WE = (["can"], ["could"], ["may"], ["would"], ["will"]), (["i"], ["you"], ["we"])


def file_wished(text: str) -> str:
    """The ending of the file that a turn wishes a head to be saved to, "/" for a folder of all; "" for other turns."""
    if not _wishes(text, FILE):
        return ""
    named = [word for word in words_in(text) if word in ENDINGS]
    return f".{named[0]}" if named else "/"


def view_wished(text: str) -> float | None:
    """How far a head is to be turned for a view that a turn wishes, degrees; None for other turns."""
    if not _wishes(text, VIEWS):
        return None
    return next((_TURNS[word] for word in words_in(text) if word in _TURNS), _PROFILE_DEG)


def _wishes(text: str, key: str) -> bool:
    """Whether a turn asks for a deed, politely or not, and not how it is done."""
    answer = set_answer(text)
    first = words_in(text)[:2]
    polite = first[:1] in _MAY and first[1:] in _WE
    asks = is_question(text) and not polite
    return answer is not None and answer.key == key and not asks and len(text.split()) <= _MOST_WORDS
