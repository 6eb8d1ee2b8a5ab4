"""What words do to each movement of a face, as the face head reads it: which they speak of, which rest, how strong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from facegpt.types import Array

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
        named = _probability(self.named) >= np.where(self.rest < 0, named_from, max(named_from, REST_FROM))
        return np.where(named & (self.rest < 0), _probability(self.weight), 0.0), named


def _probability(odds: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -60.0, 60.0))))
