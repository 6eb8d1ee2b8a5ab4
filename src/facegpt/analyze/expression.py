"""Which emotion a face shows, with how likely that is; neutral when nothing is sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from facegpt.describe.emotion_words import BASIC_EMOTIONS, CLEAR_WEIGHT, without_smile_companions
from facegpt.describe.emotions import AT_REST, rank_emotions

NEUTRAL = BASIC_EMOTIONS[0]
#: What the name of an emotion holds that is or has a part of a basic one.
STEMS = {"neutral": "neutral", "happiness": "happ", "sadness": "sad", "surprise": "surpris", "fear": "fear"}
STEMS |= {"anger": "ang", "disgust": "disgust", "contempt": "contempt"}
#: How common an expression is in photos beside the others: people smile into cameras, and the one-sided mouth of
#: contempt is mostly that of a turned head.
COMMON = {"happiness": 6.0, "contempt": 0.3}
#: An emotion is named from this probability on.
SURE = 0.5


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
    strongest = max(value for name, value in blendshapes.items() if not name.startswith(("eyeLook", "eyeBlink")))
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
