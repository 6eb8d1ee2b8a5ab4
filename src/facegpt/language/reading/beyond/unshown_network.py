"""Words of a request that name what a head of this kind cannot show, read from the language model's states.

Scars, scarves, callings, places and creatures have more names than a table holds, so a network looks at the states of
each word and of the one behind it. Learnt by lab/runs/language/unshown_network.py from corpus/unshown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facegpt.language.states_network import gelu, normal
from facegpt.types import Array

#: The weights, in assets/.
UNSHOWN_NETWORK = "networks/unshown_network.npz"
#: Why a thing that has no place on a head is not shown.
UNKNOWN = "not known to this head"
#: Kinds of words, and why a head does not show them.
REASONS = {
    "mark": "no such mark is drawn on this head",
    "worn": UNKNOWN,
    "body": "only the head is made",
    "pose": "the head is held straight",
    "scene": "a head is made, not a picture",
    "creature": "a human head is made, with the traits that the words name beside it",
    "role": "what somebody is by calling has no look of its own here",
}
KINDS = tuple(REASONS)
#: Probability from which a word is told, and of its neighbours in the same phrase.
SURE, BESIDE = 0.5, 0.3
#: Probability from which its words are kept from the reading.
SURELY = 0.8
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_BETWEEN = re.compile(r"\s*(?:(?:of|in|on|the|an?|his|her|with|by|to)\s+)*")


@dataclass(frozen=True)
class Unshown:
    """A stretch of a text, its kind, one of KINDS, and whether that is sure enough to read the text without it."""

    start: int
    end: int
    kind: str
    sure: bool = True


@dataclass(frozen=True)
class UnshownNetwork:
    """Some networks of one hidden layer whose probabilities are averaged; their weights by name, _NAMES."""

    weights: Mapping[str, Array]

    def fits(self, states: Array | None) -> bool:
        """Whether states (tokens, layers, D) are there and of the size learnt from."""
        return states is not None and len(states) > 1 and 2 * states[0].size == self.weights["hidden"].shape[2]

    def probability(self, features: Array) -> Array:
        """(W, 1 + kinds) of words with features (W, F); the first is that a word is nothing of the sort."""
        found = []
        for hidden, bias, out, out_bias in zip(*(self.weights[n] for n in _NAMES), strict=True):
            scores = gelu(features @ hidden.T + bias) @ out.T + out_bias
            odds = np.exp(scores - scores.max(1, keepdims=True))
            found.append(odds / odds.sum(1, keepdims=True))
        return np.asarray(np.mean(found, 0))


_NAMES = ("hidden", "hidden_bias", "out", "out_bias")


def words_of(text: str, states: Array, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int, Array]]:
    """Each word of a text: first character, the one after its last, and its features (F,).

    Args:
        text: what was read.
        states: (tokens, layers, D) of it and of the template behind it.
        spans: first character of each token, and the one after its last.
    """
    seen = normal(np.asarray(states, np.float32)).reshape(len(states), -1)
    last = {}
    for word in _WORD.finditer(text):
        tokens = [k for k, (first, after) in enumerate(spans) if first < word.end() and after > word.start()]
        if tokens and tokens[-1] < len(seen):
            last[word.span()] = tokens[-1]
    places = list(last.items())
    behind = [*(token for _, token in places[1:]), min(len(spans), len(seen) - 1)][: len(places)]
    return [(*span, np.concatenate([seen[at], seen[after]])) for (span, at), after in zip(places, behind, strict=True)]


def unshown_in(text: str, states: Array, spans: Sequence[tuple[int, int]]) -> list[Unshown]:
    """The stretches of a text that name what no head shows, in order; words of one phrase are one stretch."""
    network = load_unshown_network()
    words = words_of(text, states, spans) if network.fits(states) else []
    if not words:
        return []
    odds = network.probability(np.stack([feature for *_, feature in words]))
    sure = 1 - odds[:, 0]
    found: list[Unshown] = []
    for k, (start, end, _) in enumerate(words):
        beside = (k and sure[k - 1] >= SURE) or (k + 1 < len(words) and sure[k + 1] >= SURE)
        if sure[k] < (BESIDE if beside else SURE):
            continue
        kind = KINDS[int(odds[k, 1:].argmax())]
        if found and _BETWEEN.fullmatch(text[found[-1].end : start]) and found[-1].kind == kind:
            found[-1] = Unshown(found[-1].start, end, kind, found[-1].sure or sure[k] >= SURELY)
        else:
            found.append(Unshown(start, end, kind, bool(sure[k] >= SURELY)))
    return found


@lru_cache(maxsize=1)
def load_unshown_network() -> UnshownNetwork:
    """The shipped weights."""
    from facegpt.assets import load_arrays

    return UnshownNetwork({name: value.astype(np.float32) for name, value in load_arrays(UNSHOWN_NETWORK).items()})
