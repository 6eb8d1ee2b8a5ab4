"""Names of what a face shows: the emotion of its expression, and the noun for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array

#: What the expression of a photo may be called, and from which strongest weight on; what moves with a broad smile.
BASIC_EMOTIONS = ("neutral", "happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt")
CLEAR_WEIGHT = 0.45
_WITH_A_SMILE = ("mouthUpperUp", "mouthLowerDown", "mouthRoll", "mouthShrug", "mouthStretch", "mouthDimple")


def name_emotion(
    blendshapes: Mapping[str, float], rank: Callable[[Array], list[tuple[str, float]]], from_photo: bool
) -> str:
    """Name the emotion that a face shows, "neutral", or "" where that is not sure.

    The weights of a photo are noisy: there only one of the basic emotions is named, and only a clear one. Lips that
    part over the teeth are a part of disgust as well, and one corner that is a little higher of contempt, but photos
    show smiles far more often: what a broad smile brings along is left out.

    Args:
        blendshapes: ARKIT name → weight 0..1.
        rank: weights (E,) → (name, probability), the likeliest first.
        from_photo: whether the weights were fitted to a photo.
    """
    weights = dict(blendshapes)
    if not from_photo:
        return rank(np.array([weights[name] for name in ARKIT_NAMES]))[0][0]
    if max(weights.values()) < CLEAR_WEIGHT:
        return ""
    ranked = rank(without_smile_companions(weights))
    return next((name for name, _ in ranked if name in BASIC_EMOTIONS), "")


def without_smile_companions(blendshapes: Mapping[str, float]) -> Array:
    """Weights (E,) of a photo without what a broad smile brings along: see `name_emotion`."""
    weights = dict(blendshapes)
    low, high = sorted((weights["mouthSmileLeft"], weights["mouthSmileRight"]))
    if low > high / 2:
        weights |= dict.fromkeys(("mouthSmileLeft", "mouthSmileRight"), (low + high) / 2)
    for name in ARKIT_NAMES:
        if name.startswith(_WITH_A_SMILE):
            weights[name] = max(weights[name] - low, 0.0)
    return np.array([weights[name] for name in ARKIT_NAMES])


def feeling(emotion: str) -> str:
    """The noun: "happily surprised" is "happy surprise"."""
    nouns = {"awed": "awe", "appalled": "dismay", "surprised": "surprise", "fearful": "fear", "angry": "anger"}
    nouns |= {"disgusted": "disgust"}
    kinds = {"happily": "happy", "sadly": "sad", "fearfully": "fearful", "angrily": "angry", "disgustedly": "disgusted"}
    *kind, noun = emotion.split()
    return " ".join([*(kinds.get(word, word) for word in kind), nouns.get(noun, noun)])
