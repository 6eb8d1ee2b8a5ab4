"""What somebody is in who feels no basic emotion: tired, drunk, shy, sunburnt; or is said not to be. Read from states.

Learnt by lab/runs/language/conditions_network.py from corpus/conditions.csv; conditions.csv has the movements and the
skin of each. Movements are drawn where words name no emotion and no movement, the skin whatever the face does.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import with_traits, with_units
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.ahead import Ahead
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
#: Intensity up to which an emotion is a mild one.
MILD = 0.55
#: In longer texts it is not looked for the word that a condition rests on.
MOST_WORDS = 16
#: How open the degree of a trait that a condition brings is, SDs.
SPREAD = 0.4
#: What stands before the name of a condition that words deny, among the outcomes.
NOT = "not "


@dataclass(frozen=True)
class Condition:
    """What a condition looks like.

    Attributes:
        units: ARKit name → weight 0..1. skin: attribute → degree, SDs: rings below tired eyes, the red of a sunburn.
        mild_form_of: an emotion that words name by it in a mild form ("worried" of fear), or "".
        is_rest: whether an edit that asks for rest and for it ("calm again") only ends what the face shows.
    """

    units: Mapping[str, float]
    skin: Mapping[str, float]
    mild_form_of: str
    is_rest: bool


@dataclass(frozen=True)
class Named:
    """The condition that words name, "" for none; whether they deny it; the probability of both."""

    name: str = ""
    denied: bool = False
    probability: float = 0.0


@lru_cache(maxsize=1)
def load_conditions() -> dict[str, Condition]:
    """Condition → what it looks like."""
    text = (resources.files("facegpt.language") / "conditions.csv").read_text(encoding="utf-8")
    return {
        row["condition"]: Condition(
            _numbers(row["units"]), _numbers(row["attributes"]), row["mild_form_of"], row["is_rest"] == "1"
        )
        for row in csv.DictReader(text.splitlines())
    }


def _numbers(cell: str) -> dict[str, float]:
    pairs = (pair.rsplit(" ", 1) for pair in cell.split(";") if pair)
    return {name: float(number) for name, number in pairs}


def outcomes() -> tuple[str, ...]:
    """What the network tells apart: each condition, each that is denied ("not tired"), and none ("")."""
    names = tuple(load_conditions())
    return (*names, *(NOT + name for name in names), "")


def condition_in(states: Array) -> Named:
    """The condition that a turn surely names or denies. states: (tokens, layers, D) of the turn."""
    network = load_conditions_network()
    if not network.fits(states):
        return Named()
    share = np.exp(network.log_odds(states, CONTEXT))
    best = int(share.argmax())
    name, sure = outcomes()[best], float(share[best])
    return Named(name.removeprefix(NOT), name.startswith(NOT), sure) if name and sure >= SURE else Named()


def is_open(request: HeadRequest) -> bool:
    """Whether a request leaves the expression open."""
    return request.emotion in ("", "neutral") and not bool(np.asarray(request.expression_named).any())


def with_condition(request: HeadRequest, named: Named) -> HeadRequest:
    """A request with the skin of a condition, and with its movements where they may be drawn."""
    look = load_conditions().get(named.name)
    if look is None or (look.is_rest and request.is_edit and request.emotion == "neutral"):
        return request
    if named.denied:
        return _without(request, look)
    request = _with_skin(request, look.skin)
    if not look.units or not _may_move(request, look, named.probability):
        return request
    mild = request.emotion != "" and look.mild_form_of == request.emotion
    shut = {"jawOpen": 0.0} if mild else {}  # worry is a fear with the mouth shut (Ekman and Friesen 1975)
    emotion = request.emotion if mild else ""
    return replace(with_units(request, shut | dict(look.units)), emotion=emotion)


def _may_move(request: HeadRequest, look: Condition, probability: float) -> bool:
    """Whether a request leaves its expression open, or its emotion is more surely a condition.

    One that is the emotion in a mild form (worry, of fear) moves beside it where it is mild.
    """
    if is_open(request):
        return True
    if not request.emotion or bool(np.asarray(request.expression_named).any()):
        return False
    if look.mild_form_of == request.emotion:
        return request.intensity <= MILD
    return probability >= SURELY_NO_EMOTION


def _without(request: HeadRequest, look: Condition) -> HeadRequest:
    """A request that puts at rest what a denied condition moves, and has the contrary of its skin."""
    request = _with_skin(request, {name: -degree for name, degree in look.skin.items()})
    if not is_open(request):
        return request
    moved: np.ndarray = np.isin(ARKIT_NAMES, list(look.units))
    emotion = "" if request.is_edit else request.emotion
    return replace(request, expression=np.zeros(len(ARKIT_NAMES)), expression_named=moved, emotion=emotion)


def _with_skin(request: HeadRequest, degrees: Mapping[str, float]) -> HeadRequest:
    """A request with traits of the skin where its words say nothing of them."""
    mean, spread = np.asarray(request.attribute_mean), np.asarray(request.attribute_spread)
    quiet = (np.abs(mean) < 0.3) & (np.abs(spread - (0.0 if request.is_edit else 1.0)) < 0.15)
    silent = {name for name, is_quiet in zip(ATTRIBUTES, quiet, strict=True) if is_quiet}
    return with_traits(request, {name: degree for name, degree in degrees.items() if name in silent}, SPREAD)


def rests_on_years(
    text: str, named: str, states_of: Callable[[str], Array], read: Callable[[str], HeadRequest], ahead: Ahead
) -> bool:
    """Whether the condition of a text is gone without one of its words, and that word tells an age: "retired".

    Args:
        text: in which an age was read.
        named: the condition that was read in it.
        states_of: states of other words.
        read: what other words ask for.
        ahead: is told of which words states will be asked for.
    """
    words = text.split()
    if len(words) == 1 or len(words) > MOST_WORDS:
        return len(words) == 1
    ahead(words)
    if any(condition_in(states_of(word)).name == named and read(word).age_years is None for word in words):
        return False
    without = [" ".join((*words[:k], *words[k + 1 :])) for k in range(len(words))]
    ahead(without)
    for word, rest in zip(words, without, strict=True):
        if not condition_in(states_of(rest)).name:
            return read(word).age_years is not None
    return False


@lru_cache(maxsize=1)
def load_conditions_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(CONDITIONS_NETWORK)
