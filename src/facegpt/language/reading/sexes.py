"""Whether words say a woman or a man: what the face head reads of a new head, joined with a small network on states.

Learnt by runs/language/together.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

#: The weights, in assets/.
SEX_NETWORK = "networks/sex_network.npz"
#: How much the network's log-probabilities count beside those of the face head; chosen on held-out requests.
OF_THE_NETWORK = 0.5


def joined_sexes(of_the_head: Array, states: Array | None) -> Array:
    """(3,) log-probabilities of woman, neither and man, by both where states are known.

    Args:
        of_the_head: (3,) the face head's log-probabilities.
        states: (tokens, layers, D) of the turn; None: the head alone says it.
    """
    if states is None or not (network := load_sex_network()).fits(states):
        return of_the_head
    joined = (1 - OF_THE_NETWORK) * of_the_head + OF_THE_NETWORK * network.log_odds(states, np.zeros(1, np.float32))
    return np.asarray(joined - np.logaddexp.reduce(joined))


@lru_cache(maxsize=1)
def load_sex_network() -> StatesNetwork:
    """Load the shipped network."""
    return load_states_network(SEX_NETWORK)
