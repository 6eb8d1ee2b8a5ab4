"""The opposite of an expression: a smile becomes a frown, joy sadness; of one side, the same of the other side."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.types import Array

#: Movements whose muscles pull against each other.
_AGAINST = {
    "mouthSmile": "mouthFrown",
    "browDown": "browInnerUp",
    "browOuterUp": "browDown",
    "eyeWide": "eyeSquint",
    "eyeBlink": "eyeWide",
    "eyeLookUp": "eyeLookDown",
    "eyeLookIn": "eyeLookOut",
    "mouthPucker": "mouthStretch",
    "mouthUpperUp": "mouthShrugUpper",
    "mouthLowerDown": "mouthShrugLower",
}
_BOTH_WAYS = {
    **{other: name for name, other in _AGAINST.items() if name not in ("browOuterUp", "eyeBlink")},
    **_AGAINST,
}
#: Feelings and their opposites: the wheel of Plutchik (1980); what lies opposite surprise and trust has no face.
FEELINGS = {"happiness": "sadness", "sadness": "happiness", "anger": "fear", "fear": "anger"}
FEELINGS |= {"surprise": NEUTRAL}
#: Weights below this are not named; two sides whose weights differ by more are one-sided.
_LEAST, _ONE_SIDED = 0.1, 0.3


def other_movements(weights: Array, named: Array) -> tuple[Array, Array]:
    """Movements (E,) the other way, and which are named: of one side, those of the other; else those against them."""
    asked = {name: float(weights[k]) for k, name in enumerate(ARKIT_NAMES) if named[k] and weights[k] >= _LEAST}
    one_sided = any(abs(weight - asked.get(_mirrored(name), 0.0)) >= _ONE_SIDED for name, weight in asked.items())
    found = {(_mirrored(name) if one_sided else _against(name)): weight for name, weight in asked.items()}
    found = {name: weight for name, weight in found.items() if name}
    out = np.array([found.get(name, 0.0) for name in ARKIT_NAMES])
    rests = np.array([name in asked and name not in found for name in ARKIT_NAMES])
    return out, (out > 0) | (rests if found else np.zeros(len(out), bool))


def _mirrored(name: str) -> str:
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name


def _against(name: str) -> str:
    """The movement against another one; "" for none."""
    if name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        return _mirrored(name)
    stem = name.removesuffix("Left").removesuffix("Right")
    other = _BOTH_WAYS.get(stem, "")
    side = name.removeprefix(stem)
    for each in (f"{other}{side}", other):
        if each in ARKIT_NAMES:
            return each
    return f"{other}Left" if f"{other}Left" in ARKIT_NAMES else ""
