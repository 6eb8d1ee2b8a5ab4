"""What a question asks about and which state of a head it means, from the language model's states of the turn.

Read after the turns before it, so that "outer ones as well" names the outer corners of the eyes and "prior to that
change?" what was measured last. Learnt by lab/runs/language/together from the questions of the written conversations.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.language.dialogue.questions.asked_before import WHEN
from facegpt.language.dialogue.questions.question_network import context_of_question
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.language.targets import ASKABLE
from facegpt.types import Array

#: The weights, in assets/.
ASKED_NETWORK = "networks/questions/asked_network.npz"
#: Log odds from which a name is asked for, and from which the likeliest one is where none is so sure: set, not tuned.
SURE, LIKELIEST = 0.0, -2.0


def asked_by_states(states: Array | None, people: int, least: int = 0) -> tuple[tuple[str, ...], str] | None:
    """Names of ASKABLE, the surest first, and one of WHEN; None where the states are not known.

    Args:
        states: (tokens, layers, D) of the turn.
        people: how many there are.
        least: so many of the likeliest come, however unlikely.
    """
    if states is None or not (network := load_asked_network()).fits(states):
        return None
    scores = network.scores(states, context_of_question(people)).mean(0)
    odds, when = scores[: len(ASKABLE)], scores[len(ASKABLE) :]
    order = np.argsort(-odds)
    sure = [k for place, k in enumerate(order) if odds[k] > SURE or place < least]
    sure = sure or [k for k in order[:1] if odds[k] > LIKELIEST]
    return tuple(ASKABLE[k] for k in sure), WHEN[int(when.argmax())]


@lru_cache(maxsize=1)
def load_asked_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(ASKED_NETWORK)
