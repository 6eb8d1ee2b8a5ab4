"""What a question asks of a photo beside the measured head, from the language model's states of the turn.

Learnt by lab/runs/language/questions/sights_network.py from corpus/conversations/seen_in_photos.csv, beside questions
about measures and talk, which ask for none.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.describe.scene_words import SIGHTS
from facegpt.language.patterns import word_set, words_in
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

#: The weights, in assets/.
SIGHTS_NETWORK = "networks/questions/sights_network.npz"
#: Probability from which something is asked for. Nothing is known beside the words.
ASKED, CONTEXT = 0.6, np.zeros(0, np.float32)
#: The sight of things that no head wears, and their names: looked for, but often missed.
WORN = "worn"
_WORN = word_set("""
    earring earrings necklace necklaces scarf scarves piercing piercings headphones earphones earbuds tie ties chain
    chains jewelry jewellery
""")


def sights_asked(states: Array | None) -> tuple[str, ...]:
    """Names of SIGHTS, the surest first; () where none is asked for; states: (tokens, layers, D), None if unknown."""
    if states is None or not (network := load_sights_network()).fits(states):
        return ()
    share = np.exp(network.log_odds(states, CONTEXT))
    if share[: len(SIGHTS)].sum() < ASKED:  # the last outcome: nothing of the photo
        return ()
    order = np.argsort(-share[: len(SIGHTS)])
    return tuple(SIGHTS[k] for k in order if share[k] > ASKED / 2) or (SIGHTS[order[0]],)


@lru_cache(maxsize=1)
def load_sights_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(SIGHTS_NETWORK)


def worn_things(text: str) -> list[str]:
    """The things that a text names which are worn beside the face and by no head: earrings, a tie."""
    return [word for word in words_in(text) if word in _WORN]
