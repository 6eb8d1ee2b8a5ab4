"""Skin that changes with the head: folds that an expression presses, and a skin that words or a painter changed.

Both are factors of the colour: the head is drawn with the new skin and with the old one, and the photo is multiplied by
the ratio of the two pictures, so that its own pores, light and noise stay.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.relief import Detail
from facegpt.detail.shading import ReliefLight
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: Bounds of the factor, and what is added to linear colours before they are divided.
LEAST_FACTOR, MOST_FACTOR, FLOOR = 0.25, 3.0, 0.01
#: Expressions that differ by less than this press no other folds.
SAME_EXPRESSION = 0.02


def skins_of(
    model: MorphableModel, skin: Pixels, new: Pixels | None, detail: Detail | None, vertices: Array, before: Array,
    after: Array, lighting: Array,
) -> tuple[Pixels, Pixels] | None:  # fmt: skip
    """The skin of the photo and the one that takes its place (S, S, 4), both on the changed head; None for no change.

    Args:
        model: of the head.
        skin: the photo's skin.
        new: another one of its size, or None.
        detail: the relief that expressions fold, or None.
        vertices: (V, 3) of the changed head, camera frame.
        before: (52,) the photo's expression.
        after: (52,) the changed head's.
        lighting: (9, 3).
    """
    folds = detail is not None and isinstance(model, MakeHumanHead)
    folds = folds and float(np.abs(np.asarray(after) - before).max()) > SAME_EXPRESSION
    if not folds or detail is None or not isinstance(model, MakeHumanHead):
        return None if new is None else (skin, new)
    old, now = (
        ReliefLight.of(model, texture, vertices, detail, np.asarray(expression)).lit(lighting)
        for texture, expression in ((skin, before), (skin if new is None else new, after))
    )
    return old, now


def factor_of(old: Floats, new: Floats, drawn: NDArray[np.bool_]) -> Floats:
    """By what (h, w, 3) a photo changes where the head is drawn, of its two pictures (h, w, 3), linear."""
    factor = np.clip((new + FLOOR) / (old + FLOOR), LEAST_FACTOR, MOST_FACTOR)
    factor[~drawn] = 1.0
    return np.asarray(factor, np.float32)
