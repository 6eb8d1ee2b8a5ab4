"""A head says a text: its voice, and lips from the times of the speech sounds themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.animate.curves import Curves
from facegpt.animate.speech.coarticulation import articulation
from facegpt.animate.speech.effort import effort
from facegpt.animate.speech.phones import TimedPhone
from facegpt.animate.speech.settings import USUAL, SpeechSettings
from facegpt.animate.speech.stream import frames_of
from facegpt.animate.speech.voice import Spoken, Voice, speak, voice_for
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array


@dataclass(frozen=True, eq=False)
class Said:
    """A text said: the sound with its phone times, and the curves in step with it."""

    sound: Spoken
    curves: Curves


def say_curves(
    text: str | Spoken,
    attributes: Mapping[str, float] | None = None,
    settings: SpeechSettings = USUAL,
    voice: Voice | None = None,
) -> Said:
    """Say a text aloud with moving lips.

    Args:
        text: English; numbers and abbreviations are spelt out. Or what was spoken already.
        attributes: of the head (`Face.attributes`): age and sex choose the voice. None is the usual voice.
        settings: picture rate, opening and emotion.
        voice: instead of the head's.

    Raises:
        FaceGPTError: if there is nothing to say, or the extra "voice" is not installed.
    """
    if voice is None and attributes is not None:
        voice = voice_for(attributes["age_years"], attributes["masculinity"])
    sound = text if isinstance(text, Spoken) else speak(text, voice)
    return Said(sound, phone_curves(sound.phones, sound.samples, sound.rate, settings))


def phone_curves(phones: Sequence[TimedPhone], samples: Array, rate: int, settings: SpeechSettings = USUAL) -> Curves:
    """Curves by rules from speech sounds with their times; how far the mouth opens follows the loudness."""
    times = np.arange(int(np.ceil(len(samples) / rate * settings.fps - 1e-6))) / settings.fps
    tracks = articulation(phones, times, effort(samples, rate, times))
    return Curves(ARKIT_NAMES, frames_of(tracks, settings), settings.fps)
