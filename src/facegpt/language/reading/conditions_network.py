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
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Array

#: The weights, in assets/.
CONDITIONS_NETWORK = "networks/conditions_network.npz"
#: Probability from which a condition is drawn. Nothing is known beside the words.
SURE, CONTEXT = 0.9, np.zeros(0, np.float32)
#: The same where a basic emotion was read, which comes nearest to a condition: exhausted people are sad, worried ones
#: afraid. Words that name both ("sad and tired") are below.
SURELY_NO_EMOTION = 0.98
#: In longer texts it is not looked for the word that a condition rests on.
MOST_WORDS = 16


#: How open the degree of a trait that a condition brings is, SDs.
SPREAD = 0.4


@lru_cache(maxsize=1)
def load_conditions() -> dict[str, dict[str, float]]:
    """Condition → ARKit name → weight 0..1."""
    return {condition: _numbers(row["units"]) for condition, row in _rows().items()}


@lru_cache(maxsize=1)
def load_skins() -> dict[str, dict[str, float]]:
    """Condition → attribute of the skin → degree: rings below tired eyes, the flush of who is ashamed."""
    return {condition: _numbers(row["attributes"]) for condition, row in _rows().items()}


@lru_cache(maxsize=1)
def _rows() -> dict[str, dict[str, str]]:
    text = (resources.files("facegpt.language") / "conditions.csv").read_text(encoding="utf-8")
    return {row["condition"]: row for row in csv.DictReader(text.splitlines())}


def _numbers(cell: str) -> dict[str, float]:
    pairs = (pair.rsplit(" ", 1) for pair in cell.split(";") if pair)
    return {name: float(number) for name, number in pairs}


def condition_in(states: Array, sure: float = SURE) -> str:
    """The condition ("tired", "drunk") that a turn surely names, or "". states: (tokens, layers, D) of the turn."""
    network = load_conditions_network()
    if not network.fits(states):
        return ""
    share = np.exp(network.log_odds(states, CONTEXT))
    best = int(share.argmax())
    return [*load_conditions(), ""][best] if share[best] >= sure else ""


def may_name_one(request: HeadRequest, states: Array) -> bool:
    """Whether a condition may be read: the request leaves the expression open, or its emotion is more surely one.

    A condition that is the emotion in a mild form (worry, of fear) leaves it: the words tell how strong it is.
    """
    if is_open(request) or not request.emotion or bool(np.asarray(request.expression_named).any()):
        return is_open(request)
    condition = condition_in(states, SURELY_NO_EMOTION)
    return bool(condition) and _rows()[condition]["mild_form_of"] != request.emotion


def is_open(request: HeadRequest) -> bool:
    """Whether a request leaves the expression open: a condition may be read."""
    return request.emotion in ("", "neutral") and not bool(np.asarray(request.expression_named).any())


def with_condition(request: HeadRequest, states: Array) -> HeadRequest:
    """A request that leaves the expression open, with the movements of the condition that its words name."""
    condition = condition_in(states)
    if not (units := load_conditions().get(condition)):
        return request
    if condition == "calm" and request.is_edit and request.emotion == "neutral":
        return request  # "calm again" ends what the face shows
    request = _with_skin(request, load_skins()[condition])
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    for name, weight in units.items():
        weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    return replace(request, expression=weights, expression_named=named, emotion="")


def _with_skin(request: HeadRequest, degrees: dict[str, float]) -> HeadRequest:
    """A request with traits of the skin where its words say nothing of them."""
    mean, spread = (np.array(of, float) for of in (request.attribute_mean, request.attribute_spread))
    open_spread = 0.0 if request.is_edit else 1.0
    for name, degree in degrees.items():
        row = ATTRIBUTES.index(name)
        if abs(mean[row]) < 0.3 and abs(spread[row] - open_spread) < 0.15:
            mean[row], spread[row] = degree, 0.0 if request.is_edit else SPREAD
    return replace(request, attribute_mean=mean, attribute_spread=spread)


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
