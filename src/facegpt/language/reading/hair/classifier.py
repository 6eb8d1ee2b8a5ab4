"""The hair classifier: softmax regressions, one a slot of hair_words.csv, on the features of a text.

Weights are learnt from the sentences of corpus/hair (lab/runs/language/hair/classifier.py). Where the language model's
states of the text are known, the log odds are averaged with those that a small network reads from them
(lab/runs/language/hair/network.py). A slot is said when its likeliest value is likely enough beside nothing said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.language.hair_wish import HAIR_SLOTS, HairWish
from facegpt.language.patterns import has_word
from facegpt.language.reading.hair.features import hair_features, scale, words_owned
from facegpt.language.reading.hair.lengths import find_lengths
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array, AssetError

#: The weights, in assets/.
HAIR_CLASSIFIER = "networks/hair_classifier.npz"
HAIR_NETWORK = "networks/hair_network.npz"
#: Outputs: the values of every slot in order, then whether skin or irises are spoken of.
VETOES = ("skin_lightness", "skin_redness", "freckles", "iris_lightness", "brow_thickness")
OUTPUTS: tuple[tuple[str, str], ...] = (
    *((slot, value) for slot, values in HAIR_SLOTS.items() for value in values),
    *((f"of {name}", "yes") for name in VETOES),
)
#: How far a text counts, characters.
LONGEST_TEXT = 8_000
STEPS = 16.0
#: A value counts as said from this many times as likely on as nothing; chosen on the held-out sentences.
SAID_FROM = 0.5
#: The same where no word is one of hair or beards: "more manly" changes no colour.
SURELY_FROM = 1.0
_OF_HAIR = words_owned("hair", "fringe", "beard", "moustache") | frozenset(
    part for values in HAIR_SLOTS.values() for value in values for part in value.split("_")
)


@dataclass(frozen=True)
class HairClassifier:
    """Weights by feature.

    Attributes:
        rows: feature → number of its row. weights: (rows, OUTPUTS) in steps of 1 / STEPS. start: (OUTPUTS,).
    """

    rows: Mapping[str, int]
    weights: NDArray[np.int8]
    start: Array

    def odds(self, text: str, is_edit: bool) -> Array:
        """(OUTPUTS,) log odds of each value against nothing said."""
        found = sorted(f for f in hair_features(text[:LONGEST_TEXT], is_edit) if f in self.rows)
        scales = np.array([scale(f) for f in found], np.float32)
        weights = self.weights[[self.rows[f] for f in found]].astype(np.float32)
        return np.asarray(self.start + scales @ weights / STEPS)

    def probabilities(self, text: str, is_edit: bool, states: Array | None = None) -> dict[str, dict[str, float]]:
        """Slot → value → probability; arguments as of `read`."""
        odds = self.odds(text, is_edit)
        if states is not None and (network := load_hair_network()).fits(states):
            odds = (odds + network.scores(states, context_of_hair(is_edit)).mean(0)) / 2
        found: dict[str, dict[str, float]] = {}
        for (slot, value), share in zip(OUTPUTS, np.exp(np.clip(odds, -30, 30)).tolist(), strict=True):
            found.setdefault(slot, {})[value] = share
        for values in found.values():
            total = 1 + sum(values.values())
            values.update({value: share / total for value, share in values.items()})
        return found

    def read(self, text: str, is_edit: bool, states: Array | None = None) -> tuple[HairWish, frozenset[str]]:
        """Read a text: what `likeliest` makes of its `probabilities`.

        Args:
            text: as typed.
            is_edit: whether it changes a head.
            states: (tokens, layers, D) the language model's of its tokens, where they are known.
        """
        return likeliest(text, self.probabilities(text, is_edit, states))


def likeliest(text: str, probability: Mapping[str, Mapping[str, float]]) -> tuple[HairWish, frozenset[str]]:
    """The wish that a text makes, and which of VETOES it speaks of (probability above 0.3).

    probability: slot → value → of the text, by `HairClassifier.probabilities`.
    """
    said, least = {}, SAID_FROM if has_word(text, _OF_HAIR) else SURELY_FROM
    for slot, values in probability.items():
        value, share = max(values.items(), key=lambda item: item[1])
        if slot in HAIR_SLOTS and share > least * (1 - sum(values.values())):
            said[slot] = value
    spoken = frozenset(name for name in VETOES if probability[f"of {name}"]["yes"] > 0.3)
    return HairWish(said, find_lengths(text)), spoken


@lru_cache(maxsize=1)
def load_hair_classifier() -> HairClassifier:
    """Load the shipped classifier."""
    from facegpt.assets import load_arrays

    return classifier_from(load_arrays(HAIR_CLASSIFIER))


@lru_cache(maxsize=1)
def load_hair_network() -> StatesNetwork:
    """Load the shipped network on states."""
    return load_states_network(HAIR_NETWORK)


def context_of_hair(is_edit: bool) -> Array:
    """(1,) what the network knows beside the words."""
    return np.array([is_edit], np.float32)


def classifier_from(arrays: Mapping[str, NDArray]) -> HairClassifier:
    """Read the arrays of networks/hair_classifier.npz: features as text, weights by row as (column, step) pairs."""
    names = bytes(arrays["features"]).decode("utf-8").split("\n")
    if len(arrays["start"]) != len(OUTPUTS):
        raise AssetError(f"{HAIR_CLASSIFIER} is of another version than hair_words.csv; reinstall facegpt")
    weights = np.zeros((len(names), len(OUTPUTS)), np.int8)
    first = np.asarray(arrays["first"], np.int64)
    counts = first[1:] - first[:-1]
    rows = np.repeat(np.arange(len(names)), counts)
    weights[rows, arrays["outputs"].astype(np.int64)] = arrays["weights"]
    return HairClassifier({name: k for k, name in enumerate(names)}, weights, arrays["start"].astype(np.float32))
