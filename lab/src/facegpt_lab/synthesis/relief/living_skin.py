"""Skin whose folds deepen with the expression: what it has at rest, and what each group of folds adds when pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.fold_groups import pressed
from facegpt.detail.skin_window import Maps
from facegpt.types import Array


@dataclass(frozen=True, eq=False)
class LivingSkin:
    """The relief of one person by expression; maps of any size (H, W).

    Attributes:
        static: (H, W) mm, at rest.
        folds: (K, H, W) mm that each of GROUPS adds at full press.
        gain: (K,), how much this person presses each.
        deepened: how folds deepen with the press, 0..1 → 0..1.
        left: (H, W), the share of the subject's left side.
    """

    static: Maps
    folds: Maps
    gain: NDArray[np.float32]
    deepened: Callable[[Array], Array]
    left: Maps

    def made(self, expression: Array) -> Maps:
        """What an expression (52,) adds to the skin at rest (H, W), mm."""
        sides = pressed(expression)
        one, two = (self.deepened(np.clip(self.gain * side, 0, 1))[:, None, None] for side in (sides.left, sides.right))
        return np.asarray(((two + (one - two) * self.left) * self.folds).sum(0), np.float32)

    def relief(self, expression: Array) -> Maps:
        """The relief (H, W) at an expression (52,), mm."""
        return self.static + self.made(expression)
