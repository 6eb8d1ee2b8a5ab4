"""What a turn of a conversation does, read from the language model's own states of it.

Learnt by lab/runs/language/act_network.py from the written conversations and the turns of the corpus.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

#: The weights, in assets/.
ACT_NETWORK = "networks/act_network.npz"
#: What a turn can do. `take`: a part of another head is taken over; `vary`: relatives and variations of a head;
#: `blend`: a head between others. The others are those of corpus/conversations/README.md.
ACTS = (
    *("new_head", "edit", "question", "compare", "undo", "redo", "back", "small_talk", "ability", "off_topic"),
    *("decline", "chat", "take", "vary", "blend"),
)
#: Acts after which a head comes.
MAKING = frozenset({"new_head", "edit", "undo", "redo", "back", "take", "vary", "blend"})
#: The most that is counted of people and photos, and what the turn before can have done.
_MOST, _LASTS = 2, ("", *ACTS)


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


def context_of(before: Before) -> Array:
    """(C,) what the conversation holds: people and photos counted up to two, and the act before, one-hot each."""
    row = np.zeros(2 * (_MOST + 1) + len(_LASTS), np.float32)
    row[min(before.people, _MOST)] = 1
    row[_MOST + 1 + min(before.photos, _MOST)] = 1
    row[2 * (_MOST + 1) + (_LASTS.index(before.last) if before.last in _LASTS else 0)] = 1
    return row


def act_log_odds(network: StatesNetwork, states: Array, before: Before) -> dict[str, float]:
    """The log-probability of each act.

    Args:
        network: see `load_act_network`.
        states: (tokens, layers, D) of the words of the turn.
        before: what the conversation holds.
    """
    return dict(zip(ACTS, map(float, network.log_odds(states, context_of(before))), strict=True))


@lru_cache(maxsize=1)
def load_act_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(ACT_NETWORK)
