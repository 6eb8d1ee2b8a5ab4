"""What a turn does to each attribute, from the language model's states of the turn and what was asked before.

An `ItemNetwork` looks at every attribute through what the turns before asked of it ("more", "not that wide", "he too",
"a bit shorter again"). What it says joins the face head. Learnt by lab/runs/language/changes/attribute_network.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.language.item_network import load_item_network
from facegpt.language.model.face_reading import History
from facegpt.language.targets import CLASSES, NETWORK_ATTRIBUTES, attribute_of_measure
from facegpt.types import Array

#: The weights, in assets/.
ATTRIBUTE_NETWORK = "networks/attribute_network.npz"
#: How much the network's log odds count beside the head's, of attributes that the turns before spoke of and of others,
#: and the probability from which an attribute is changed; chosen on held-out turns.
OF_KNOWN, OF_OTHERS, CHANGED_FROM = 0.7, 0.3, 0.1
#: Changes that count as asked for, SDs; the largest that is told apart.
ASKED, MOST = 0.2, 2.0
_LOW, _HIGH = CLASSES.index("low"), CLASSES.index("high")


def cues(history: History) -> Array:
    """(K, C) what the turns before asked of each attribute."""
    none = np.zeros(len(NETWORK_ATTRIBUTES))
    asked = [_known_to_network(each) for each in history.asked]
    said = none if history.said is None else _known_to_network(history.said)
    changes = asked[1:][::-1]
    came = asked[0] if asked else none
    last, before = (changes[k] if len(changes) > k else none for k in range(2))
    earlier = _latest(changes[2:]) if len(changes) > 2 else none
    told = np.isin(NETWORK_ATTRIBUTES, [attribute_of_measure(name) or name for name in history.asks])
    known = [came, last, before, earlier, said]
    named = [side * each > ASKED for each in known for side in (1, -1)]
    shares = [(np.abs(each) > ASKED) / max(1, int((np.abs(each) > ASKED).sum())) for each in (came, last, said)]
    whole = [none + bool(changes), none + bool((np.abs(last) > ASKED).any()), none + bool((np.abs(said) > ASKED).any())]
    newest = (np.abs(_latest(changes)) > ASKED) if changes else none
    return np.stack([np.asarray(each, np.float32) for each in [*known, *named, *shares, *whole, newest, told]], 1)


def _known_to_network(asked: Array) -> Array:
    """The changes (K,) of what the network knows."""
    return np.clip(np.asarray(asked, float)[: len(NETWORK_ATTRIBUTES)], -MOST, MOST)


def known(history: History) -> Array:
    """(K,) True for what the turns before asked for, or asked about."""
    found = cues(history)
    return np.asarray((np.abs(found[:, :5]) > ASKED).any(1) | (found[:, -1] > 0))


def _latest(changes: Sequence[Array]) -> Array:
    """(K,) what the latest change of each attribute asked; changes: the latest first."""
    found = np.zeros(len(NETWORK_ATTRIBUTES))
    for change in reversed(changes):
        found = np.where(np.abs(change) > ASKED, change, found)
    return found


@dataclass(frozen=True)
class Asked:
    """What words ask of each attribute.

    Attributes:
        named: (K,) log odds that they change it. more: (K,) log odds of more against less. size: (K,) SDs.
    """

    named: Array
    more: Array
    size: Array

    def joined(self, other: Asked, share: float | Array) -> Asked:
        """A mean of two; share: of the other, or (K,)."""
        pairs = ((self.named, other.named), (self.more, other.more), (self.size, other.size))
        return Asked(*((1 - share) * one + share * two for one, two in pairs))

    def probabilities(self, of_the_head: Array) -> Array:
        """(K, classes) the head's own, with these odds of a change and of its direction."""
        named = 1 / (1 + np.exp(-np.clip(self.named, -60, 60)))
        more = 1 / (1 + np.exp(-np.clip(self.more, -60, 60)))
        found = of_the_head / np.maximum(of_the_head[:, 1:].sum(1, keepdims=True), 1e-9) * named[:, None]
        found[:, 0] = 1 - named
        sided = found[:, _LOW] + found[:, _HIGH]
        found[:, _LOW], found[:, _HIGH] = sided * (1 - more), sided * more
        return np.asarray(found)


def asked_by(probability: Array, size: Array) -> Asked:
    """What the face head says: probabilities (K, classes) and sizes (K,)."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return Asked(np.log((1 - p[:, 0]) / p[:, 0]), np.log(p[:, _HIGH] / p[:, _LOW]), size)


def attributes_asked(states: Array, history: History) -> Asked | None:
    """What words ask of the attributes of a face that is changed; None where the network is of another model.

    Args:
        states: (tokens, layers, D) of the turn, read with no face before it.
        history: what was asked before.
    """
    network = load_item_network(ATTRIBUTE_NETWORK)
    if not network.fits(states):
        return None
    named, more, size = network.read(states, cues(history)).T
    return Asked(named, more, np.logaddexp(0, size))


def joined_attributes(probability: Array, size: Array, of_states: Asked, spoken_of: Array) -> tuple[Array, Array]:
    """Probabilities (K, classes) and sizes (K,) of the face head, joined with what the network says.

    Args:
        probability: the face head's, (K, classes).
        size: the face head's, (K,).
        of_states: what the network says.
        spoken_of: (K,) `known`.
    """
    both = asked_by(probability, size).joined(of_states, np.where(spoken_of, OF_KNOWN, OF_OTHERS))
    return both.probabilities(probability), both.size
