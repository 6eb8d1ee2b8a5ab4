"""An emotion over speech: its whole expression, but where lips must meet they meet."""

from __future__ import annotations

import numpy as np

from facegpt.animate.speech.settings import USUAL, SpeechSettings
from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.draw_expression import emotion_expression
from facegpt.types import Array

#: Units that part the lips: they give way where lips close.
_PARTING = (
    *("jawOpen", "mouthFunnel", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthShrugUpper", "tongueOut"),
)
#: Units that press the lips together: they give way where lips part.
_PRESSING = ("mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower")
#: An open mouth of the emotion alone is halved in speech, which opens it itself.
_MOUTH_SHARE = 0.5
#: A contact that is made so far is made for an emotion, which would tear open what hardly touches.
_SURE_CONTACT = 0.45
_JAW = ARKIT_NAMES.index("jawOpen")


def with_mood(weights: Array, contact: Array, settings: SpeechSettings) -> Array:
    """Lay an emotion over speech (T, 52); `contact` (T,) is 1 where lips are closed or at the teeth.

    Raises:
        FaceGPTError: if there is no emotion of that name.
    """
    mood: Array
    if settings.mood is not None:
        mood = np.clip(np.asarray(settings.mood) * settings.intensity / USUAL.intensity, 0.0, 1.0)
    elif settings.emotion is not None:
        mood = emotion_expression(settings.emotion, settings.intensity)
    else:
        return weights
    contact = np.clip(np.asarray(contact) / _SURE_CONTACT, 0.0, 1.0)
    added = np.tile(mood, (len(weights), 1))
    parting, pressing = ([ARKIT_NAMES.index(name) for name in names] for names in (_PARTING, _PRESSING))
    added[:, parting] *= _MOUTH_SHARE * (1 - contact[:, None])
    opening = np.clip(weights[:, _JAW] / 0.12, 0, 1) * (1 - contact)
    added[:, pressing] *= 1 - opening[:, None]
    # Two movements of one unit don't add up in full (a unit has one muscle).
    return np.clip(weights + added * (1 - 0.5 * weights), 0.0, 1.0)
