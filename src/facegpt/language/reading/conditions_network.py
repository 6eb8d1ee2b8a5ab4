"""What somebody is in who feels no basic emotion: tired, drunk, shy, strict. Read from the language model's states.

Learnt by lab/runs/language/conditions_network.py from corpus/conditions.csv; the movements of each are defined in
conditions.csv. A condition is drawn where words name no emotion and no movement.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib import resources

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

#: The weights, in assets/.
CONDITIONS_NETWORK = "networks/conditions_network.npz"
#: Probability from which a condition is drawn. Nothing is known beside the words.
SURE, CONTEXT = 0.9, np.zeros(0, np.float32)
#: In longer texts it is not looked for the word that a condition rests on.
MOST_WORDS = 16


@lru_cache(maxsize=1)
def load_conditions() -> dict[str, dict[str, float]]:
    """Condition → ARKit name → weight 0..1."""
    text = (resources.files("facegpt.language") / "conditions.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        pairs = (unit.rsplit(" ", 1) for unit in row["units"].split(";"))
        found[row["condition"]] = {name: float(weight) for name, weight in pairs}
    return found


def condition_in(states: Array) -> str:
    """The condition ("tired", "drunk") that a turn surely names, or "". states: (tokens, layers, D) of the turn."""
    network = load_conditions_network()
    if not network.fits(states):
        return ""
    share = np.exp(network.log_odds(states, CONTEXT))
    best = int(share.argmax())
    return [*load_conditions(), ""][best] if share[best] >= SURE else ""


def is_open(request: HeadRequest) -> bool:
    """Whether a request leaves the expression open: a condition may be read."""
    return request.emotion in ("", "neutral") and not bool(np.asarray(request.expression_named).any())


def with_condition(request: HeadRequest, states: Array) -> HeadRequest:
    """A request that leaves the expression open, with the movements of the condition that its words name."""
    if not (units := load_conditions().get(condition_in(states))):
        return request
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    for name, weight in units.items():
        weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    return replace(request, expression=weights, expression_named=named, emotion="")


def rests_on_years(text: str, states_of: Callable[[str], Array], read: Callable[[str], HeadRequest]) -> bool:
    """Whether the condition of a text is gone without one of its words, and that word tells an age: "retired".

    Args:
        text: in which an age was read.
        states_of: states of other words.
        read: what other words ask for.
    """
    words = text.split()
    if not condition_in(states_of(text)):
        return False
    if len(words) == 1:
        return True
    for k, word in enumerate(words if len(words) <= MOST_WORDS else ()):
        if not condition_in(states_of(" ".join((*words[:k], *words[k + 1 :])))):
            return read(word).age_years is not None
    return False


@lru_cache(maxsize=1)
def load_conditions_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(CONDITIONS_NETWORK)
