"""Small networks that read something of words from the language model's own states of the tokens. Torch is not needed.

The states are those of the turn's tokens after the turns before it (`Reading.states`); what is known beside the words
comes as context. Learnt by lab/runs/language/states_network.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from facegpt.types import Array


@dataclass(frozen=True)
class StatesNetwork:
    """Some networks whose log-probabilities are averaged.

    Each looks at every token through one layer, gathers the tokens by learnt queries, by their mean and by the last
    one, and gives a score to each outcome from there, straight and through a hidden layer. Where it has votes, each
    token has a score of its own for each outcome, too, and the soft maximum of these is added.

    Attributes:
        weights: by name, (N, …) for N networks: project, project_bias, queries, hidden, hidden_bias, out, out_bias,
            skip, skip_bias; votes, votes_bias, where there are any.
    """

    weights: Mapping[str, Array]

    def fits(self, states: Array | None) -> bool:
        """Whether states (tokens, layers, D) are there and of the size learnt from."""
        return states is not None and len(states) > 0 and states[0].size == self.weights["project"].shape[2]

    def log_odds(self, states: Array, context: Array) -> Array:
        """(outcomes,) the log-probability of each.

        Args:
            states: (tokens, layers, D) of the words of the turn.
            context: (C,) what the conversation holds.
        """
        scores = self.scores(states, context)
        return np.asarray(np.log(_softmax(scores) + 1e-9).mean(0))

    def scores(self, states: Array, context: Array) -> Array:
        """(N, outcomes) what each network gives, before they are made probabilities; arguments as of `log_odds`."""
        w = self.weights
        count, width, _ = w["project"].shape
        tokens = normal(states.astype(np.float32)).reshape(len(states), -1)
        seen = gelu(tokens @ w["project"].reshape(count * width, -1).T + w["project_bias"].ravel())
        seen = seen.reshape(-1, count, width).swapaxes(0, 1)
        share = _softmax(w["queries"] @ seen.swapaxes(1, 2))
        known = np.broadcast_to(np.float32(context), (count, len(context)))
        gathered = np.concatenate([(share @ seen).reshape(count, -1), seen.mean(1), seen[:, -1], known], 1)[..., None]
        hidden = gelu(w["hidden"] @ gathered + w["hidden_bias"][..., None])
        scores = (w["out"] @ hidden + w["skip"] @ gathered)[..., 0] + w["out_bias"] + w["skip_bias"]
        if "votes" in w:
            scores = scores + _soft_maximum(seen @ w["votes"].swapaxes(1, 2) + w["votes_bias"][:, None])
        return np.asarray(scores)


def normal(x: Array) -> Array:
    """Each state with mean 0 and deviation 1."""
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def gelu(x: Array) -> Array:
    """Take x Φ(x) by the tangent (Hendrycks and Gimpel 2016, sec. 2)."""
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))


def _softmax(x: Array) -> Array:
    odds = np.exp(x - x.max(-1, keepdims=True))
    return odds / odds.sum(-1, keepdims=True)


def _soft_maximum(x: Array) -> Array:
    """(N, outcomes) the logarithm of the mean exponential over tokens (N, T, outcomes)."""
    most = x.max(1, keepdims=True)
    return np.asarray((most + np.log(np.exp(x - most).mean(1, keepdims=True)))[:, 0])


def load_states_network(asset: str) -> StatesNetwork:
    """Shipped weights."""
    from facegpt.assets import load_arrays

    return StatesNetwork({name: value.astype(np.float32) for name, value in load_arrays(asset).items()})
