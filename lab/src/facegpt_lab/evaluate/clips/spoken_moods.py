"""Emotions over speech: are they read back from the curves, do they grow as asked, do lips still meet?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facegpt.animate.sound import read_sound
from facegpt.animate.speech.from_sound import speech_curves
from facegpt.animate.speech.settings import SpeechSettings
from facegpt.describe.emotions import rank_emotions
from facegpt.types import Array
from facegpt_lab.evaluate.clips.spoken import CLOSED_MM, FPS, around, labials_of, mouth_of
from facegpt_lab.evaluate.registry import Row, figure

#: Emotions that are asked for, over so many sentences, this strongly; and the strengths that must be told apart.
EMOTIONS = ("happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt")
SENTENCES, INTENSITY, STEPS = 20, 0.7, (0.0, 0.35, 0.7, 1.0)
_READ_FPS = 30.0


def mood_rows(clips: list[Path]) -> list[Row]:
    """Figures over 7 emotions and SENTENCES clips (fewer where there are fewer)."""
    clips = clips[:SENTENCES]
    best, among_all, grows = [], [], []
    for clip in clips:
        sound = read_sound(clip)
        for emotion in EMOTIONS:
            shown = [_mean(sound.samples, sound.rate, emotion, step) for step in STEPS]
            ranked = [name for name, _ in rank_emotions(shown[STEPS.index(INTENSITY)])]
            among_all.append(ranked[0] == emotion)
            best.append(next(name for name in ranked if name in EMOTIONS) == emotion)
            sizes = [float(np.abs(each - shown[0]).sum()) for each in shown]
            grows.append(bool((np.diff(sizes) > 0).all()))
    said = f"{len(clips)} sentences × {len(EMOTIONS)} emotions"
    return [
        figure(f"emotion read back among the seven, {said}", float(np.mean(best)), "share", at_least=0.8),
        figure(f"emotion read back among all 22, {said}", float(np.mean(among_all)), "share"),
        figure("emotion grows with its intensity", float(np.mean(grows)), "share", at_least=1.0),
        figure("p b m closed under emotions", _closed(clips), "share", at_least=0.95),
    ]


def _mean(samples: Array, rate: int, emotion: str, intensity: float) -> Array:
    """The mean expression (52,) of a sentence said with an emotion."""
    settings = SpeechSettings(_READ_FPS, emotion=emotion, intensity=intensity)
    return np.asarray(speech_curves(samples, rate, settings).weights).mean(0)


def _closed(clips: list[Path]) -> float:
    """Share of the sounds p, b and m whose lips meet, each clip with another emotion in turn."""
    closed: list[bool] = []
    for k, clip in enumerate(clips):
        sound, emotion = read_sound(clip), EMOTIONS[k % len(EMOTIONS)]
        settings = SpeechSettings(FPS, emotion=emotion, intensity=INTENSITY)
        curves = speech_curves(sound.samples, sound.rate, settings).weights
        times = np.arange(len(curves)) / FPS
        made = mouth_of(times, curves)
        closed += [bool((made.gap_mm[around(times, phone)] < CLOSED_MM).any()) for phone in labials_of(clip)]
    return float(np.mean(closed)) if closed else float("nan")
