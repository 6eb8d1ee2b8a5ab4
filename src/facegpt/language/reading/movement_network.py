"""What a turn does to each movement of a face, from the language model's states of the turn and what the face did.

An `ItemNetwork` looks at every movement through what the face shows of it now and showed before ("less", "the other
eye", "lose the first", "flip it"). What it says joins the face head.
Learnt by lab/runs/language/changes/movement_network.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.language.item_network import load_item_network
from facegpt.types import Array

#: The weights, in assets/.
MOVEMENT_NETWORK = "networks/movement_network.npz"
#: How much the network's log odds count beside the head's, of movements that the face or its other side shows or
#: showed and of others, and the probability from which a movement is then named; chosen on held-out turns.
OF_KNOWN, OF_OTHERS, NAMED_FROM = 1.0, 0.4, 0.1
#: Probability from which a movement counts as told to rest: what words do not speak of must not be stilled.
REST_FROM = 0.3
#: Weights from which a movement is seen, and changes from which it moved.
SEEN, MOVED = 0.05, 0.02
#: So many states before the present one are looked at.
MOST_BEFORE = 4
_MIRRORED = np.array([ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES])
#: Cues of what is shown, shown on the other side, and was shown.
_SHOWN = (1, 3, 6)
_HAS_MIRROR = np.arange(len(ARKIT_NAMES)) != _MIRRORED


@dataclass(frozen=True)
class Worn:
    """What a face shows, and what it showed.

    Attributes:
        now: (52,) weights in the order of ARKIT_NAMES.
        before: the same as it came and after each change but the last, in order.
    """

    now: Array
    before: tuple[Array, ...] = ()

    def known(self) -> Array:
        """(52,) True for what the face shows or showed, or shows on the other side."""
        cues = self.cues()
        return np.asarray((cues[:, _SHOWN] > 0).any(1))

    def cues(self) -> Array:
        """(52, C) what is known of each movement beside the words."""
        states = [np.asarray(each, float) for each in (*self.before[-MOST_BEFORE:], self.now)]
        now, moves = states[-1], [b - a for a, b in pairwise(states)][::-1]
        none = np.zeros_like(now)
        last, one_before = (moves[k] if len(moves) > k else none for k in range(2))
        seen, ago = now > SEEN, _ago(moves)
        began, count = _began(states), max(1, int(seen.sum()))
        most = np.max(states, 0)
        other = np.where(_HAS_MIRROR, now[_MIRRORED], 0.0)
        alone = seen & ~(other > SEEN)
        named: list[Any] = [now, seen, other, other > SEEN, alone & _HAS_MIRROR, most, ~seen & (most > SEEN)]
        named += [now - last, last, last > MOVED, last < -MOVED, np.where(_HAS_MIRROR, last[_MIRRORED], 0.0)]
        named += [one_before, np.abs(one_before) > MOVED, ago == 1, ago == 2, ago >= 3]
        named += [seen & (ago == _least(ago[seen])), seen & (began == _least(began[seen])), seen / count]
        named += [seen & (began == _most(began[seen])), none + seen.any(), none + (len(states) > 1)]
        return np.stack([np.asarray(each, np.float32) for each in named], 1)


def _ago(moves: Sequence[Array]) -> Array:
    """(52,) how many changes ago each movement was changed, 1 for the last; 0 for never."""
    ago = np.zeros(len(ARKIT_NAMES), int)
    for k in range(len(moves), 0, -1):
        ago[np.abs(moves[k - 1]) > MOVED] = k
    return ago


def _began(states: Sequence[Array]) -> Array:
    """(52,) the first of the states in a row in which each movement is seen until the last one."""
    began = np.full(len(ARKIT_NAMES), len(states))
    for k in range(len(states) - 1, -1, -1):
        began[(states[k] > SEEN) & (began == k + 1)] = k
    return began


def _least(values: Array) -> int:
    found = values[values > 0] if (values > 0).any() else values
    return int(found.min()) if len(found) else -1


def _most(values: Array) -> int:
    return int(values.max()) if len(values) else -1


@dataclass(frozen=True)
class Moved:
    """What words do to each movement.

    Attributes:
        named: (52,) log odds that they speak of it. rest: that it then rests. weight: of its weight where it does not.
    """

    named: Array
    rest: Array
    weight: Array

    def shown(self, named_from: float) -> tuple[Array, Any]:
        """Weights (52,) of what the words speak of, 0 where it rests, and (52,) True for each that they speak of.

        Args:
            named_from: the probability from which a movement is named.
        """
        named = _probability(self.named) >= np.where(self.rest < 0, named_from, max(named_from, REST_FROM))
        return np.where(named & (self.rest < 0), _probability(self.weight), 0.0), named

    def joined(self, other: Moved, share: float | Array) -> Moved:
        """A mean of two in log odds; share: of the other, or (52,)."""
        pairs = ((self.named, other.named), (self.rest, other.rest), (self.weight, other.weight))
        return Moved(*((1 - share) * one + share * two for one, two in pairs))


def _probability(odds: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -60.0, 60.0))))


def movements(states: Array, worn: Worn) -> Moved | None:
    """What words do to the movements of a face that is changed; None where the network is of another model.

    Args:
        states: (tokens, layers, D) of the turn, read with no face before it.
        worn: what the face shows and showed.
    """
    network = load_item_network(MOVEMENT_NETWORK)
    if not network.fits(states):
        return None
    found = Moved(*network.read(states, worn.cues()).T)
    if not (np.asarray(worn.now) > SEEN).any():
        return found
    at_rest = Moved(*network.read(states, Worn(np.zeros(len(ARKIT_NAMES))).cues()).T)
    return asked_again(found, at_rest)


def asked_again(found: Moved, at_rest: Moved) -> Moved:
    """What words do, where they may ask for a movement that the face shows already: "make him smile" of one who smiles.

    Such words came only before faces that did not show it, so that the network takes them for its end. What the same
    words do to a face at rest tells which is meant; but not where one side rests because the other one moves.

    Args:
        found: read with what the face shows.
        at_rest: the same words, read as of a face that shows nothing.
    """
    moves = found.rest < 0
    handed_over = _HAS_MIRROR & moves[_MIRRORED] & (found.named[_MIRRORED] > 0)
    wanted = (found.rest > 0) & (at_rest.rest < 0) & ~handed_over
    return Moved(found.named, np.where(wanted, at_rest.rest, found.rest), found.weight)


def joined_movements(of_the_head: Moved, of_states: Moved | None, known: Array, named_from: float) -> tuple[Array, Any]:
    """`Moved.shown` of both, or of the head alone.

    Args:
        of_the_head: what the face head says.
        of_states: what the network says.
        known: (52,) `Worn.known`.
        named_from: the head's own threshold.
    """
    if of_states is None:
        return of_the_head.shown(named_from)
    return of_the_head.joined(of_states, np.where(known, OF_KNOWN, OF_OTHERS)).shown(NAMED_FROM)
