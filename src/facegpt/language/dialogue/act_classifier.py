"""What a turn of a conversation does, by logistic regression on its wordings and on what went before. No network.

The weights are learnt from written conversations (corpus/conversations) and from the sentences of the corpus, by
lab/runs/language/turn_acts.py. A turn is words and pairs and triples of words, with parts of the face, people and
numbers each as a class of their own beside the word, and each of these once more with the number of people at hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from facegpt.language.dialogue.regression import scores_of, shares_of
from facegpt.language.dialogue.turns import is_person
from facegpt.language.parts import PARTS
from facegpt.types import Array

#: The weights, in assets/.
TURN_ACTS = "networks/turn_acts.npz"
#: What a turn can do. `take`: a part of another head is taken over; `vary`: relatives and variations of a head;
#: `blend`: a head between others. The others are those of corpus/conversations/README.md.
ACTS = (
    *("new_head", "edit", "question", "compare", "undo", "redo", "back", "small_talk", "ability", "off_topic"),
    *("decline", "chat", "take", "vary", "blend"),
)
#: Acts after which a head comes.
MAKING = frozenset({"new_head", "edit", "undo", "redo", "back", "take", "vary", "blend"})
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+(?:\.\d+)?|[?!…]|[^\w\s,.;:'\"()-]")
_SHE, _HE = frozenset({"she", "her", "hers", "herself"}), frozenset({"he", "him", "his", "himself"})
_LONGEST = 60


@dataclass(frozen=True)
class Before:
    """What the conversation holds when a turn comes.

    Attributes:
        people: how many heads there are. photos: how many faces come with the turn.
        last: what the turn before did, one of ACTS, or "".
    """

    people: int = 0
    photos: int = 0
    last: str = ""


def features_of_turn(text: str, before: Before) -> list[str]:
    """Names of the features of a turn, each once."""
    words = _WORD.findall(text.lower().replace("’", "'"))[:_LONGEST]
    kinds = [_kind(word) for word in words]
    found = {"bias"}
    for row in (["^", *words, "$"], ["^", *kinds, "$"]):
        found |= set(row)
        found |= {f"{a} {b}" for a, b in pairwise(row)}
        found |= {f"{a} {b} {c}" for a, b, c in zip(row, row[1:], row[2:], strict=False)}
    people = min(before.people, 2)
    found |= {f"{people}@{name}" for name in [*found]}
    found |= {f"last={before.last}", f"people={people}", f"photos={min(before.photos, 2)}"}
    found |= {f"photos={min(before.photos, 1)} {name}" for name in ("", *kinds[:1], f"words={min(len(words), 8)}")}
    found |= {f"last={before.last} ^{' '.join(kinds[:n])}" for n in (1, 2)}
    return sorted({*found, f"words={min(len(words), 8)}"})


def _kind(word: str) -> str:
    """The class of a word: a part of the face, a person, a number, or the word itself."""
    if word in PARTS:
        return "<part>"
    if word in _SHE or word in _HE:
        return "<one>"
    if word[0].isdigit():
        return "<number>"
    if not word[0].isascii():
        return "<sign>"
    return "<person>" if is_person(word) else word


@dataclass(frozen=True)
class ActClassifier:
    """Weights (features, acts) with the row of each feature."""

    rows: Mapping[str, int]
    weights: Array

    def log_odds(self, text: str, before: Before) -> dict[str, float]:
        """The log odds of each act against all others."""
        scores = scores_of(features_of_turn(text, before), self.rows, self.weights)
        return dict(zip(ACTS, _log_odds(scores), strict=True))


def _log_odds(scores: Array) -> Sequence[float]:
    """The log odds of each of some scored choices against all others."""
    share = np.clip(shares_of(scores), 1e-6, 1 - 1e-6)
    return list(np.log(share / (1 - share)))


@lru_cache(maxsize=1)
def load_act_classifier() -> ActClassifier:
    """The shipped weights."""
    from facegpt.assets import load_features

    return ActClassifier(*load_features(TURN_ACTS))
