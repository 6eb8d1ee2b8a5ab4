"""Which of two things a word means where it stands: "80s" an age or a time, lipstick put on or taken off.

Read from the language model's states of the word and of the one behind it by a regression. Learnt by
lab/runs/language/looks/word_senses.py from corpus/word_senses.csv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.unshown_network import words_of
from facegpt.language.reading.colours_of_parts import LIPSTICK
from facegpt.types import Array

#: The weights, in assets/.
WORD_SENSES = "networks/looks/word_senses.npz"
#: What is painted on a face: without it lips have their own colour.
_PAINT = re.compile(rf"{LIPSTICK.pattern}|\bmake-?up\b", re.IGNORECASE)
#: Reader → the sense for which it says yes.
SENSES = {"decade": "era", "worn": "off"}


def feature_of(text: str, states: Array, spans: Sequence[tuple[int, int]], place: tuple[int, int]) -> Array:
    """The feature (F,) of the word at a place of a text (first character, the one after its last).

    A word that starts with figures ("80s") has the states of its letters, which come last.
    """
    words = words_of(text, states, spans)
    inside = [feature for start, end, feature in words if start < place[1] and end > place[0]]
    if not inside:
        inside = [min(words, key=lambda word: abs(word[0] - place[0]))[2]]
    return np.asarray(inside[-1], np.float32)


def means(reader: str, text: str, states: Array, spans: Sequence[tuple[int, int]], place: tuple[int, int]) -> bool:
    """Whether the word at a place has the sense of SENSES; arguments as of `feature_of`."""
    weights = _weights()[reader]
    feature = feature_of(text, states, spans, place)
    if feature.size + 1 != weights.size:  # another base than was learnt from
        return False
    return bool(feature @ weights[:-1] + weights[-1] > 0)


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, Array]:
    from facegpt.assets import load_arrays

    return {name: value.astype(np.float32) for name, value in load_arrays(WORD_SENSES).items()}


def with_worn(request: HeadRequest, text: str, states: Array, spans: Sequence[tuple[int, int]]) -> HeadRequest:
    """A request without the paint that a text takes off, and with the beard that it braids rather than shaves."""
    if any(means("worn", text, states, spans, match.span()) for match in _PAINT.finditer(text)):
        request = replace(request, lips="natural")
    said = dict(request.hair.said)
    for slot in ("beard", "moustache"):
        places = [match.span() for match in re.finditer(rf"\b{slot}\b", text, re.IGNORECASE)]
        if said.get(slot) == "none" and places and not any(means("worn", text, states, spans, p) for p in places):
            del said[slot]
    return replace(request, hair=replace(request.hair, said=said))
