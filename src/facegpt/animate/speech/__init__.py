"""Speech to the motion of a face: from sound, from text, live; and voices that speak a text."""

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
