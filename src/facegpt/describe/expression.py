"""Which emotion a face shows, with how likely that is; neutral when nothing is sure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_words import BASIC_EMOTIONS, CLEAR_WEIGHT, OF_THE_SUN, without_smile_companions
from facegpt.describe.emotions import AT_REST, rank_emotions
from facegpt.types import Array

NEUTRAL = BASIC_EMOTIONS[0]
#: What the name of an emotion holds that is or has a part of a basic one.
STEMS = {"neutral": "neutral", "happiness": "happ", "sadness": "sad", "surprise": "surpris", "fear": "fear"}
STEMS |= {"anger": "ang", "disgust": "disgust", "contempt": "contempt"}
#: How common an expression is in photos beside the others: people smile into cameras, and the one-sided mouth of
#: contempt is mostly that of a turned head.
COMMON = {"happiness": 6.0, "contempt": 0.3}
#: An emotion is the likeliest from this probability on, and is told in words from this one on.
SURE, SURE_IN_WORDS = 0.5, 0.8


@dataclass(frozen=True)
class Expression:
    """What the expression of a face may be called. It says what a face shows, not what a person feels.

    Attributes:
        name: one of BASIC_EMOTIONS. confidence: its probability, 0..1; below a half where nothing is sure.
        probabilities: of all of them; they add up to 1.
    """

    name: str
    confidence: float
    probabilities: dict[str, float]


def expression_of(blendshapes: Mapping[str, float]) -> Expression:
    """Name the emotion that the weights (name → 0..1) of a photo show.

    The strongest weight counts as nothing below AT_REST and fully from CLEAR_WEIGHT on; the rest is the probability of
    neutral.
    Compound emotions ("happily surprised") count half for each of their two.
    """
    strongest = _strongest(blendshapes)
    clear = float(np.clip((strongest - AT_REST) / (CLEAR_WEIGHT - AT_REST), 0, 1))
    found = dict.fromkeys(BASIC_EMOTIONS, 0.0)
    for name, probability in rank_emotions(without_smile_companions(blendshapes)):
        parts = [basic for basic, stem in STEMS.items() if stem in name]
        for part in parts:
            found[part] += probability / len(parts) * COMMON.get(part, 1.0)
    known = sum(found.values())
    found = {name: clear * value / known for name, value in found.items()} if known else found
    found[NEUTRAL] += 1 - sum(found.values())
    best = max(found, key=lambda name: found[name])
    if found[best] >= SURE:
        return Expression(best, found[best], found)
    return Expression(NEUTRAL, max(found[NEUTRAL], 1 - found[best]) / 2, found)


def name_emotion(
    blendshapes: Mapping[str, float], rank: Callable[[Array], list[tuple[str, float]]], from_photo: bool
) -> str:
    """Name the emotion that a face shows, "neutral", or "" where that is not sure.

    The weights of a photo are noisy: there only one of the basic emotions is named, only a clear one, and only one that
    is sure.

    Args:
        blendshapes: ARKIT name → weight 0..1.
        rank: weights (E,) → (name, probability), the likeliest first.
        from_photo: whether the weights were fitted to a photo.
    """
    if not from_photo:
        return rank(np.array([blendshapes[name] for name in ARKIT_NAMES]))[0][0]
    if _strongest(blendshapes) < CLEAR_WEIGHT:
        return ""
    shown = expression_of(blendshapes)
    return shown.name if shown.confidence >= SURE_IN_WORDS and shown.name != NEUTRAL else ""


def _strongest(blendshapes: Mapping[str, float]) -> float:
    """The strongest weight that a feeling may have moved."""
    return max(value for name, value in blendshapes.items() if not name.startswith(OF_THE_SUN))
