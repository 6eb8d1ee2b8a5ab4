"""Which units of expression press which group of folds into the skin, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array

#: Groups of folds, and what each unit adds to one; "*" stands for Left or Right. After FACS: brows up fold the
#: forehead, brows down the place between them, cheeks and lids what lies around the eyes.
GROUPS: dict[str, dict[str, float]] = {
    "forehead": {"browInnerUp": 0.8, "browOuterUp*": 0.7},
    "frown": {"browDown*": 1.0, "noseSneer*": 0.2},
    "squint": {"eyeSquint*": 0.7, "cheekSquint*": 0.8, "mouthSmile*": 0.3, "eyeBlink*": 0.15},
    "smile": {"mouthSmile*": 0.9, "mouthDimple*": 0.5, "mouthStretch*": 0.4, "cheekSquint*": 0.3, "mouthUpperUp*": 0.4},
    "sneer": {"noseSneer*": 1.0, "mouthUpperUp*": 0.2},
    "chin": {"mouthShrugLower": 0.8, "mouthFrown*": 0.6, "mouthRollLower": 0.3},
    "pucker": {"mouthPucker": 0.9, "mouthFunnel": 0.3, "mouthPress*": 0.3},
}
#: Half-width of the band around the middle over which the left half passes into the right, mm.
MIDDLE_MM = 8.0


@dataclass(frozen=True)
class Pressed:
    """Strength 0..1 of each group of folds (K,), on the subject's left and right."""

    left: NDArray[np.float32]
    right: NDArray[np.float32]


def pressed(expression: Array) -> Pressed:
    """Strength of each group for an expression (52,) in the order of ARKIT_NAMES."""
    weights = dict(zip(ARKIT_NAMES, np.clip(np.asarray(expression, np.float32), 0, 1), strict=True))
    sides = []
    for side in ("Left", "Right"):
        rows = [
            sum(share * weights[unit.replace("*", side)] for unit, share in units.items()) for units in GROUPS.values()
        ]
        sides.append(np.clip(np.array(rows, np.float32), 0, 1))
    return Pressed(*sides)


def left_share(x_mm: Array) -> NDArray[np.float32]:
    """The share of the left side at places of the mean head by their x (mm): 0.5 in the middle."""
    t = np.clip(np.asarray(x_mm, np.float32) / (2 * MIDDLE_MM) + 0.5, 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)
