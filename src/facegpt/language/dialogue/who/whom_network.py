"""Whom words mean, by the language model's own states of a turn: a small network beside what the cues count.

From the states it draws what somebody must be like who is meant (spoken of last, come first, a woman, fitting a name),
and how many are meant. A choice of people scores by its cues, by those in it against those out of it, and by its kind.
Learnt by lab/runs/language/who/whom_network.py from the written conversations. Torch is not needed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.who.cues import KINDS, Cue
from facegpt.language.states_network import gelu, normal
from facegpt.types import Array

#: The weights, in assets/.
WHOM_NETWORK = "networks/whom_network.npz"
#: So many places from the first on and from the last back are told apart, and so many people.
_FROM_FIRST, _FROM_LAST, _COUNTS = 5, 3, (2, 3, 4)


@dataclass(frozen=True)
class Choices:
    """C choices among P people, as the network takes them.

    Attributes:
        cues: (C, F) what the cues say, in the order of the network's names.
        people: (P, person features). inside, outside: (C, P) the share of each person in a choice, and out of it.
        kinds: (C, kinds) see `kind_of`.
    """

    cues: Array
    people: Array
    inside: Array
    outside: Array
    kinds: Array


@dataclass(frozen=True)
class WhomNetwork:
    """Some networks whose log-probabilities are averaged.

    Attributes:
        names: of the features of cues (references.features).
        weights: by name, (N, …) for N networks: project, queries, hidden, like, kind, kind_skip, a bias of each but
            the queries, and cues (N, F).
    """

    names: tuple[str, ...]
    weights: Mapping[str, Array]

    def fits(self, states: Array | None) -> bool:
        """Whether states (tokens, layers, D) are there and of the size learnt from."""
        return states is not None and len(states) > 0 and states[0].size == self.weights["project"].shape[2]

    def log_odds(self, states: Array, choices: Choices) -> Array:
        """(C,) the log-probability of each choice.

        Args:
            states: (tokens, layers, D) of the words of the turn.
            choices: among whom.
        """
        return np.mean([self._scores(k, states, choices) for k in range(len(self.weights["project"]))], 0)

    def _scores(self, k: int, states: Array, choices: Choices) -> Array:
        w = {name: value[k] for name, value in self.weights.items()}
        tokens = normal(states.astype(np.float32)).reshape(len(states), -1)
        seen = gelu(tokens @ w["project"].T + w["project_bias"])
        odds = np.exp(w["queries"] @ seen.T - (w["queries"] @ seen.T).max(-1, keepdims=True))
        gathered = np.concatenate([(odds / odds.sum(-1, keepdims=True) @ seen).ravel(), seen.mean(0), seen[-1]])
        hidden = gelu(w["hidden"] @ gathered + w["hidden_bias"])
        person = choices.people @ (w["like"] @ hidden + w["like_bias"])
        kind = w["kind"] @ hidden + w["kind_bias"] + w["kind_skip"] @ gathered + w["kind_skip_bias"]
        scores = choices.cues @ w["cues"] + (choices.inside - choices.outside) @ person + choices.kinds @ kind
        return np.asarray(scores - scores.max() - np.log(np.exp(scores - scores.max()).sum()))


def person_features(person: Person, cast: Cast, found: Sequence[Cue]) -> list[float]:
    """What a person is like among the others, and which kinds of cue fit this one and which another."""
    count, focus, last = len(cast.people), cast.in_focus(), cast.people[-1]
    place, from_last = person.number - 1, count - person.number
    said = [person.number in focus, focus == (person.number,), from_last == 0, bool(person.photo)]
    said += [person.made == "vary", person.made == "blend", bool(person.group) and person.group == last.group]
    said += [person.sex == "F", person.sex == "M", not person.sex, bool(person.names), bool(person.told)]
    said += [min(place, _FROM_FIRST - 1) == k for k in range(_FROM_FIRST)]
    said += [min(from_last, _FROM_LAST - 1) == k for k in range(_FROM_LAST)]
    said += [min(count, _COUNTS[-1]) == k for k in _COUNTS]
    values = [float(each) for each in said]
    for kind in KINDS:
        fitting = [person.number in cue.who for cue in found if cue.kind == kind and cue.who]
        values += [float(sum(fitting)), float(len(fitting) - sum(fitting))]
    return values


def kind_of(choice: Collection[int], cast: Cast) -> list[float]:
    """How many a choice is, and how it stands to those spoken of last."""
    chosen, focus, count = set(choice), set(cast.in_focus()), len(cast.people)
    one, as_before = len(chosen) == 1, chosen == focus
    kinds = (one, len(chosen) == 2, len(chosen) == count, 1 < len(chosen) < count, as_before, not chosen & focus)
    return [float(each) for each in (*kinds, as_before and one, as_before and not one)]


def choices_among(
    options: Sequence[tuple[int, ...]],
    rows: Sequence[Mapping[str, float]],
    found: Sequence[Cue],
    cast: Cast,
    names: Sequence[str],
) -> Choices:
    """What the network takes of some choices.

    Args:
        options: numbers of the people of each.
        rows: features of the cues of each by name (references.features).
        found: cues of the text.
        cast: the conversation.
        names: the order of the features.
    """
    inside = np.array([[(p.number in each) / len(each) for p in cast.people] for each in options], np.float32)
    others = np.array([[float(p.number not in each) for p in cast.people] for each in options], np.float32)
    return Choices(
        np.array([[row.get(name, 0.0) for name in names] for row in rows], np.float32),
        np.array([person_features(person, cast, found) for person in cast.people], np.float32),
        inside,
        others / np.maximum(others.sum(1, keepdims=True), 1.0),
        np.array([kind_of(each, cast) for each in options], np.float32),
    )


@lru_cache(maxsize=1)
def load_whom_network() -> WhomNetwork:
    """The shipped weights."""
    return load_network(WHOM_NETWORK)


def load_network(name: str) -> WhomNetwork:
    """Read such a network from a file of assets/."""
    from facegpt.assets import load_arrays

    weights = load_arrays(name)
    names = bytes(weights.pop("names")).decode("utf-8").split("\n")
    return WhomNetwork(tuple(names), {name: value.astype(np.float32) for name, value in weights.items()})
