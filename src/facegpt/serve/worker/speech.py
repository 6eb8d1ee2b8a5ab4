"""Texts that heads say aloud, as sound and as the motion of a mouth."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from facegpt.animate.sound import Sound
from facegpt.animate.speech.say import say_curves
from facegpt.animate.speech.settings import SpeechSettings
from facegpt.animate.speech.voices import chosen_voice
from facegpt.conventions import ARKIT_NAMES
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import Task


def said(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Say a text. Payload: text, head (an id or None), voice, fps, emotion, intensity, mouth."""
    asked = task.payload
    head = shelf.get(asked["head"]) if asked["head"] else None
    settings = SpeechSettings(asked["fps"], asked["mouth"], asked["emotion"] or None, asked["intensity"])
    made = say_curves(asked["text"], None, settings, chosen_voice(shelf.model, asked["voice"] or None, head))
    sound = Sound(made.sound.samples, made.sound.rate)
    weights = np.round(np.asarray(made.curves.weights), 3)
    moves = np.flatnonzero(weights.any(0))
    return {
        "sound": base64.b64encode(sound.wav()).decode(),
        "seconds": round(sound.seconds, 3),
        "fps": made.curves.fps,
        "names": [ARKIT_NAMES[k] for k in moves],
        "weights": weights[:, moves].tolist(),
    }
