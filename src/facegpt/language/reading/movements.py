"""What words do to each movement of a face, as the face head reads it: which they speak of, which rest, how strong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.types import Array

#: Both sides of a movement count as named where the probability that either is reaches so many times the threshold,
#: and neither is this much likelier than the other: two readings of one thing bear each other out.
EITHER, ALIKE = 1.5, 2.0
_OTHER_SIDE = np.array([ARKIT_NAMES.index(name) for name in map(mirror_arkit_name, ARKIT_NAMES)])
#: Names that are ways to turn to a side rather than sides of a face.
_TURNS = np.array([name.startswith(("eyeLook", "jaw", "mouthLeft", "mouthRight")) for name in ARKIT_NAMES])
#: Probability from which a movement counts as told to rest: what words do not speak of must not be stilled.
REST_FROM = 0.3


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
        told = _probability(self.named)
        named = told >= np.where(self.rest < 0, named_from, max(named_from, REST_FROM))
        named |= (self.rest < 0) & _both_sides(told, named_from)
        return np.where(named & (self.rest < 0), _probability(self.weight), 0.0), named


def _both_sides(told: Array, named_from: float) -> Any:
    """(52,) True for the two sides of a movement that are told about alike and together surely, of (52,) each."""
    other = told[_OTHER_SIDE]
    either = 1 - (1 - told) * (1 - other)
    alike = np.maximum(told, other) <= ALIKE * np.minimum(told, other)
    return alike & (either >= EITHER * named_from) & (np.arange(len(told)) != _OTHER_SIDE) & ~_TURNS


def _probability(odds: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -60.0, 60.0))))
