"""Which emotion words name: what the face head reads, joined with a small network on the language model's states.

Learnt by runs/language/feelings_network.py.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

FEELINGS_NETWORK = "networks/feelings_network.npz"
#: How much the network's log-probabilities count beside those of the face head; chosen on the held-out sentences.
OF_THE_NETWORK = 0.3


def joined_feelings(of_the_head: Array, states: Array | None) -> Array:
    """(N,) log-probabilities of EMOTIONS, by both where states are known.

    Args:
        of_the_head: (N,) the face head's log-probabilities.
        states: (tokens, layers, D) the language model's of the text's tokens; None: the head alone says it.
    """
    if states is None or not (network := load_feelings_network()).fits(states):
        return of_the_head
    own = network.log_odds(states, np.zeros(1, np.float32))
    joined = (1 - OF_THE_NETWORK) * of_the_head + OF_THE_NETWORK * own
    return np.asarray(joined - np.logaddexp.reduce(joined))


@lru_cache(maxsize=1)
def load_feelings_network() -> StatesNetwork:
    """Load the shipped network."""
    return load_states_network(FEELINGS_NETWORK)
