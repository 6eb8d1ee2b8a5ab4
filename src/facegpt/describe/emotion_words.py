"""Names of what a face shows: the emotion of its expression, and the noun for it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array

#: What the expression of a photo may be called, and from which strongest weight on; what moves with a broad smile.
BASIC_EMOTIONS = ("neutral", "happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt")
CLEAR_WEIGHT = 0.45
#: What the sun and sleep do to eyes as well as feelings.
OF_THE_SUN = ("eyeBlink", "eyeSquint", "eyeLook")
_WITH_A_SMILE = ("mouthUpperUp", "mouthLowerDown", "mouthRoll", "mouthShrug", "mouthStretch", "mouthDimple")


def without_smile_companions(blendshapes: Mapping[str, float]) -> Array:
    """Weights (E,) of a photo without what a broad smile brings along.

    Lips that part over the teeth are a part of disgust as well, and one corner that is a little higher of contempt, but
    photos show smiles far more often.
    """
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
