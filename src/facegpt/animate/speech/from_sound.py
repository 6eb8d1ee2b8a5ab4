"""Curves of a whole sound: what `SpeechStream` gives live, at once or piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.animate.curves import Curves
from facegpt.animate.speech.settings import USUAL, SpeechSettings, changed
from facegpt.animate.speech.sound_file import open_sound
from facegpt.animate.speech.stream import SpeechStream
from facegpt.conventions import ARKIT_NAMES
from facegpt.errors import FaceGPTError
from facegpt.types import Array


def speech_curves(samples: Array, rate: int, settings: SpeechSettings = USUAL, **how: Any) -> Curves:
    """The mouth of someone who says a sound, of any language: 52 curves, in step with it.

    Args:
        samples: (N,) mono, -1..1.
        rate: samples a second.
        settings: picture rate, opening and emotion.
        **how: single ones of them, by name.

    Raises:
        FaceGPTError: if there is no sound, or for a setting, a rate or an emotion that there is not.
    """
    settings = changed(settings, **how)
    return _joined(speech_frames([samples], rate, settings), settings)


def speech_curves_of_file(path: str | Path, settings: SpeechSettings = USUAL, **how: Any) -> Curves:
    """The same of a sound file or of a video's sound. Raises FaceGPTError also if it cannot be read."""
    settings = changed(settings, **how)
    sound = open_sound(path)
    return _joined(speech_frames(sound.pieces, sound.rate, settings), settings)


def speech_frames(pieces: Iterable[Array], rate: int, settings: SpeechSettings = USUAL) -> Iterator[Array]:
    """The same in constant memory: blocks of frames (k, 52) while the pieces of a sound come."""
    stream = SpeechStream(rate, settings)
    for piece in pieces:
        yield stream.push(piece)
    yield stream.flush()


def _joined(blocks: Iterator[Array], settings: SpeechSettings) -> Curves:
    weights = np.concatenate([np.zeros((0, len(ARKIT_NAMES))), *blocks])
    if not len(weights):
        raise FaceGPTError("there is no sound to follow: it is empty")
    return Curves(ARKIT_NAMES, weights, settings.fps)
