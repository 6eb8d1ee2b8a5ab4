"""Speech to the motion of a face: from sound, from text, live; and voices that speak a text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facegpt.animate.speech.from_sound import speech_curves, speech_curves_of_file, speech_frames
    from facegpt.animate.speech.say import Said, say_curves
    from facegpt.animate.speech.settings import SpeechSettings
    from facegpt.animate.speech.stream import LOOK_AHEAD_S, SpeechStream
    from facegpt.animate.speech.voice import Spoken, Voice, joined, sentences, speak, voice_for

__all__ = [
    "LOOK_AHEAD_S",
    "Said",
    "SpeechSettings",
    "SpeechStream",
    "Spoken",
    "Voice",
    "joined",
    "say_curves",
    "sentences",
    "speak",
    "speech_curves",
    "speech_curves_of_file",
    "speech_frames",
    "voice_for",
]
_MODULES = {
    **dict.fromkeys(("speech_curves", "speech_curves_of_file", "speech_frames"), "from_sound"),
    **dict.fromkeys(("Said", "say_curves"), "say"),
    **dict.fromkeys(("LOOK_AHEAD_S", "SpeechStream"), "stream"),
    **dict.fromkeys(("Spoken", "Voice", "joined", "sentences", "speak", "voice_for"), "voice"),
    "SpeechSettings": "settings",
}


def __getattr__(name: str) -> Any:
    """Import a name's module when it is asked for: the stream alone needs neither torch nor a voice."""
    if name in _MODULES:
        return getattr(import_module(f"facegpt.animate.speech.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'facegpt.animate.speech' has no attribute '{name}'")
