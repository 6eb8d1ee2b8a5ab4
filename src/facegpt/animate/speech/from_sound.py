"""Curves of a sound that is there as a whole, and blocks of frames of one of any length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.animate.curves import Curves
from facegpt.animate.speech.recorded import recorded_tracks
from facegpt.animate.speech.settings import USUAL, SpeechSettings, changed
from facegpt.animate.speech.sound_file import open_sound
from facegpt.animate.speech.stream import SpeechStream, frames_of
from facegpt.conventions import ARKIT_NAMES
from facegpt.errors import FaceGPTError
from facegpt.types import Array


def speech_curves(samples: Array, rate: int, settings: SpeechSettings = USUAL, **how: Any) -> Curves:
    """The mouth of someone who says a sound, of any language: 52 curves, in step with it.

    Args:
        samples: (N,) mono, -1..1.
        rate: samples a second.
        settings: picture rate, opening, emotion and transcript.
        **how: single ones of them, by name.

    Raises:
        FaceGPTError: if there is no sound, or for a setting, a rate or an emotion that there is not; for a transcript
            that isn't what is said.
    """
    settings = changed(settings, **how)
    samples = np.asarray(samples)
    tracks = recorded_tracks(samples, rate, settings)
    if not len(tracks):
        raise FaceGPTError("there is no sound to follow: it is empty")
    return Curves(ARKIT_NAMES, frames_of(tracks, settings), settings.fps)


def speech_curves_of_file(path: str | Path, settings: SpeechSettings = USUAL, **how: Any) -> Curves:
    """The same of a sound file or of a video's sound. Raises FaceGPTError also if it cannot be read."""
    sound = open_sound(path)
    pieces = [piece for piece in sound.pieces if len(piece)]
    return speech_curves(np.concatenate(pieces or [np.zeros(0, np.float32)]), sound.rate, settings, **how)


def speech_frames(pieces: Iterable[Array], rate: int, settings: SpeechSettings = USUAL) -> Iterator[Array]:
    """What `SpeechStream` gives, in constant memory: blocks of frames (k, 52) while the pieces of a sound come."""
    stream = SpeechStream(rate, settings)
    for piece in pieces:
        yield stream.push(piece)
    yield stream.flush()
