"""Wishes that a conversation does not do itself but another verb of the program does, or none: speech, films, files.

A softmax regression on the words and pairs of words, learnt from corpus/chat/beyond.csv by
lab/runs/language/beyond_chat.py. What is said of each kind stands in small_talk.csv.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

import numpy as np

from facegpt.language.dialogue.act_classifier import scores_of
from facegpt.types import Array

#: The weights, in assets/.
BEYOND = "networks/questions/beyond_chat.npz"
#: A head spoken through; in a film; as a file; the rest of its picture; none of these.
KINDS = ("none", "speech", "film", "file", "picture")
#: Probability from which a wish is one of these.
SURE = 0.8
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[?!]")


def features_of_wish(text: str) -> list[str]:
    """Names of the features of a wish, each once: its words, their beginnings, pairs of words."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    pairs = (f"{a} {b}" for a, b in pairwise(["^", *words, "$"]))
    return sorted({"bias", *words, *pairs, *(f"{word[:4]}-" for word in words if len(word) > 4)})


def kind_of(scores: Array) -> str:
    """The kind of scores (kinds,), "none" where the likeliest is not sure."""
    odds = np.exp(scores - scores.max())
    best = int(odds[1:].argmax()) + 1
    return KINDS[best] if odds[best] / odds.sum() >= SURE else KINDS[0]


def beyond_chat(text: str) -> str:
    """One of KINDS for a wish: "speech" of "let her say hello"."""
    rows, weights = _weights()
    return kind_of(scores_of(features_of_wish(text), rows, weights))


@lru_cache(maxsize=1)
def _weights() -> tuple[dict[str, int], Array]:
    from facegpt.assets import load_features

    return load_features(BEYOND)
