"""How strongly words name a feeling or a movement ("annoyed", "angry", "furious"), from the language model's states.

The face head tells degrees that lie near one another. A small network tells whether words name a feeling or a movement
at all, and whether weakly, plainly or strongly. Learnt by lab/runs/language/readers/strengths.py.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

#: The weights, in assets/.
STRENGTHS_NETWORK = "networks/strengths_network.npz"
#: The outcomes: words that name neither feeling nor movement, weak words, plain ones, strong ones. Nothing is known
#: beside the words.
STRENGTHS, CONTEXT = (0.0, 0.35, 0.7, 1.0), np.zeros(0, np.float32)
#: Probability that words name anything from which a feeling of theirs is shown, and its strength told. Chosen on 486
#: validation sentences: 3 of 313 feelings that were found are below.
NAMED_FROM = 0.1
#: The same from which it bears out a feeling that the reader doubts ("someone who has just won the lottery").
BORNE_OUT = 0.9
#: It takes so many words to tell what happened.
HAPPENS_WORDS = 4
_PARTS = ("brow", "cheek", "eye", "jaw", "mouth", "nose", "tongue")


def named_and_strength(log_odds: Array) -> tuple[float, float]:
    """The probability that words name a feeling or a movement, and its strength 0..1, if they do.

    log_odds: (4,) log-probabilities of STRENGTHS.
    """
    share = np.exp(np.asarray(log_odds))
    named = float(share[1:].sum())
    return named, float(share @ np.array(STRENGTHS)) / max(named, 1e-6)


def strength_in(states: Array) -> tuple[float, float] | None:
    """`named_and_strength` of a text; None where the network is of another model. states: (tokens, layers, D)."""
    network = load_strengths_network()
    return named_and_strength(network.log_odds(states, CONTEXT)) if network.fits(states) else None


def with_strength(request: HeadRequest, states: Array, alone: bool = False) -> HeadRequest:
    """A request with the strength that its words say, where they name one feeling or one movement.

    Args:
        request: as they were read.
        states: (tokens, layers, D) of the words.
        alone: whether they stand alone: then they have no feeling where they surely name none ("he likes soup").
    """
    found = strength_in(states)
    if found is None:
        return request
    weights, named = np.asarray(request.expression, float), np.asarray(request.expression_named, bool)
    moved = named & (weights > 0)
    if found[0] < NAMED_FROM:
        return replace(request, emotion="", intensity=0.7) if alone and not moved.any() else request
    if request.emotion not in ("", "neutral"):
        return request if moved.any() else replace(request, intensity=found[1])
    if not moved.any() or len({part_of(ARKIT_NAMES[k]) for k in np.flatnonzero(moved)}) > 1:
        return request
    scale = found[1] / weights[moved].max()
    return replace(request, expression=np.where(moved, np.clip(weights * scale, 0, 1), weights))


def with_doubted(request: HeadRequest, emotion: str, states: Array) -> HeadRequest:
    """A request that has no expression with a doubted emotion, if its words surely name or cause a feeling."""
    found = strength_in(states) if emotion not in ("", "neutral") else None
    if found is None or found[0] < BORNE_OUT or request.emotion or np.asarray(request.expression_named).any():
        return request
    return replace(request, emotion=emotion, intensity=found[1])


def part_of(movement: str) -> str:
    """The part of the face that a movement of ARKIT_NAMES is of: "mouth", "brow"."""
    return next(
        part for part in ("brow", "cheek", "eye", "jaw", "mouth", "nose", "tongue") if movement.startswith(part)
    )


@lru_cache(maxsize=1)
def load_strengths_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(STRENGTHS_NETWORK)
