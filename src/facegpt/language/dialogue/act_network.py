"""What a turn of a conversation does, read from the language model's own states by a small network.

The states are those of one pass over the turn alone (`Reading.states`); what the conversation holds comes beside them.
Learnt by runs/language/act_network.py from the written conversations and the turns of the corpus. Torch is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facegpt.language.dialogue.act_classifier import ACTS, Before
from facegpt.types import Array

#: The weights, in assets/.
ACT_NETWORK = "networks/act_network.npz"
#: The most that is counted of people and photos, and what the turn before can have done.
_MOST, _LASTS = 2, ("", *ACTS)


def context_of(before: Before) -> Array:
    """(C,) what the conversation holds: people and photos counted up to two, and the act before, one-hot each."""
    row = np.zeros(2 * (_MOST + 1) + len(_LASTS), np.float32)
    row[min(before.people, _MOST)] = 1
    row[_MOST + 1 + min(before.photos, _MOST)] = 1
    row[2 * (_MOST + 1) + (_LASTS.index(before.last) if before.last in _LASTS else 0)] = 1
    return row


@dataclass(frozen=True)
class ActNetwork:
    """Some networks whose log-probabilities are averaged.

    Each looks at every token through one layer, gathers the tokens by learnt queries, by their mean and by the last
    one, and gives a score to each act from there, straight and through a hidden layer.

    Attributes:
        weights: by name, (N, …) for N networks: project, project_bias, queries, hidden, hidden_bias, out, out_bias,
            skip, skip_bias.
    """

    weights: Mapping[str, Array]

    def fits(self, states: Array | None) -> bool:
        """Whether states (tokens, layers, D) are there and of the size learnt from."""
        return states is not None and len(states) > 0 and states[0].size == self.weights["project"].shape[2]

    def log_odds(self, states: Array, before: Before) -> dict[str, float]:
        """The log-probability of each act.

        Args:
            states: (tokens, layers, D) of the words of the turn.
            before: what the conversation holds.
        """
        each = [self._scores(k, states, context_of(before)) for k in range(len(self.weights["project"]))]
        return dict(zip(ACTS, map(float, np.mean(each, 0)), strict=True))

    def _scores(self, k: int, states: Array, context: Array) -> Array:
        w = {name: value[k] for name, value in self.weights.items()}
        tokens = _normal(states.astype(np.float32)).reshape(len(states), -1)
        seen = _gelu(tokens @ w["project"].T + w["project_bias"])
        share = _softmax(w["queries"] @ seen.T)
        gathered = np.concatenate([(share @ seen).ravel(), seen.mean(0), seen[-1], context])
        hidden = _gelu(w["hidden"] @ gathered + w["hidden_bias"])
        scores = w["out"] @ hidden + w["out_bias"] + w["skip"] @ gathered + w["skip_bias"]
        return np.log(_softmax(scores[None])[0] + 1e-9)


def _normal(x: Array) -> Array:
    """Each state with mean 0 and deviation 1."""
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def _gelu(x: Array) -> Array:
    """Take x Φ(x) by the tangent (Hendrycks and Gimpel 2016, sec. 2)."""
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def _softmax(x: Array) -> Array:
    odds = np.exp(x - x.max(-1, keepdims=True))
    return odds / odds.sum(-1, keepdims=True)


@lru_cache(maxsize=1)
def load_act_network() -> ActNetwork:
    """The shipped weights."""
    from facegpt.assets import asset_path

    with np.load(asset_path(ACT_NETWORK)) as file:
        return ActNetwork({name: file[name].astype(np.float32) for name in file.files})
