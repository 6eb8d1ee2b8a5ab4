"""Where in a request each person begins, read from the language model's own states of its tokens by a small network.

Each token is scored by its own states, its neighbours', the means of what stands before and after it, and the state
behind the whole text, where the answer would begin. Learnt by lab/runs/language/who/people_network.py from marked
requests and from descriptions of one person. Torch is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from facegpt.language.dialogue.who.counts import how_many, people_listed
from facegpt.language.states_network import gelu, normal
from facegpt.types import Array

#: The weights, in assets/.
PEOPLE_NETWORK = "networks/people_network.npz"
#: The neighbours of a token whose states count.
AROUND = (-2, -1, 0, 1, 2, 3)
#: What a token can be: of the person whom it goes on with, the first of the first person, the first of a further one.
GOES_ON, FIRST, FURTHER = range(3)
#: Another one begins from these log odds on; so where a text counts its people; the first one of all from these.
SURE, DOUBTFUL, LED = 0.5, -2.0, -6.0


@dataclass(frozen=True)
class PeopleNetwork:
    """The weights.

    Attributes:
        weights: project (W, layers · D), hidden (H, W · (neighbours + 3)), out (3, H), and a bias of each.
    """

    weights: Mapping[str, Array]

    def fits(self, states: Array | None) -> bool:
        """Whether states (tokens, layers, D) are there and of the size learnt from."""
        return states is not None and len(states) > 0 and states[0].size == self.weights["project"].shape[1]

    def odds(self, states: Array) -> Array:
        """(tokens, 3) log odds that a token goes on with somebody, begins the first one, begins a further one.

        Args:
            states: (tokens, layers, D) of a text and of the template behind it.
        """
        w = self.weights
        seen = gelu(normal(states.astype(np.float32)).reshape(len(states), -1) @ w["project"].T + w["project_bias"])
        hidden = gelu(with_neighbours(seen) @ w["hidden"].T + w["hidden_bias"])
        return hidden @ w["out"].T + w["out_bias"]

    def begins(self, text: str, states: Array, spans: Sequence[tuple[int, int]]) -> list[int]:
        """Places in a text where people begin, two or more; [] where it speaks of one.

        Args:
            text: the request.
            states: see `odds`.
            spans: first character of each token, and the one after its last.
        """
        starts = [start + len(text[start:end]) - len(text[start:end].lstrip()) for start, end in spans]
        return [starts[k] for k in places(self.odds(states)[: len(spans)], how_many(text))]


def with_neighbours(seen: Array) -> Array:
    """(T, W) → (T, W · (neighbours + 3)): each row beside its neighbours', two means and the last row; zeros beyond."""
    count, size = seen.shape
    padded = np.concatenate([np.zeros((-AROUND[0], size), seen.dtype), seen, np.zeros((AROUND[-1], size), seen.dtype)])
    shifted = [padded[j - AROUND[0] : j - AROUND[0] + count] for j in AROUND]
    sums, place = np.cumsum(seen, 0), np.arange(1, count + 1)[:, None]
    before = (sums - seen) / np.maximum(place - 1, 1)
    after = (sums[-1:] - sums) / np.maximum(count - place, 1)
    last = np.broadcast_to(seen[-1:], seen.shape)
    return np.concatenate([*shifted, before, after, last], 1)


def places(odds: Array, count: int = 1) -> list[int]:
    """Which tokens begin people; [] where fewer than two do.

    Args:
        odds: (tokens, 3) log odds of all tokens.
        count: how many people the text speaks of, where it says so: then so many of the likeliest places, if there are.
    """
    surplus = odds - odds[:, [GOES_ON]]
    if count > 1:
        begins = surplus[:, [FIRST, FURTHER]].max(1)
        found = sorted(int(k) for k in np.argsort(-begins)[:count] if begins[k] > DOUBTFUL)
        if len(found) == count:
            return found
    further = [int(k) for k in np.flatnonzero(surplus[:, FURTHER] > SURE) if k]
    before = surplus[: further[0], FIRST] if further else np.zeros(0)
    found = [*([int(before.argmax())] if before.size and before.max() > LED else []), *further]
    return found if len(found) > 1 else []


def begins_in(text: str, reading: Any) -> list[int]:
    """Where people begin in a request, two or more; by its words alone where its states are not known."""
    states: Any = getattr(reading, "states", None)
    spans = getattr(reading, "spans", ())
    known = bool(spans) and load_people_network().fits(states)
    return load_people_network().begins(text, states, spans) if known else people_listed(text)


@lru_cache(maxsize=1)
def load_people_network() -> PeopleNetwork:
    """The shipped weights."""
    from facegpt.assets import load_arrays

    return PeopleNetwork({name: value.astype(np.float32) for name, value in load_arrays(PEOPLE_NETWORK).items()})
