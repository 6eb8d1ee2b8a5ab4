"""Speech of other languages than English: does the mouth that is heard move as the sounds are placed and made?

A formant synthesiser (espeak-ng, where it is installed) reads sentences and gives the time of each sound; truth is the
rules' mouth at these times. Russian is in no training data; of German the synthesiser's rules read English words there.
"""

from __future__ import annotations

import numpy as np

from facegpt.animate.speech.coarticulation import articulation
from facegpt.animate.speech.effort import effort
from facegpt.animate.speech.from_sound import speech_curves
from facegpt.animate.speech.phones import TimedPhone, simple
from facegpt.animate.speech.settings import SpeechSettings
from facegpt.animate.speech.stream import frames_of
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array
from facegpt_lab.evaluate.clips.espeak import Espeak
from facegpt_lab.evaluate.clips.spoken import CLOSED_MM, FPS, around, mouth_of
from facegpt_lab.evaluate.registry import Row, figure

SENTENCES = {
    "German": (
        "de",
        "Meine Mutter backt am Montag Apfelkuchen.",
        "Bitte bring mir morgen ein paar Bücher mit.",
        "Der Nebel über dem See bleibt bis zum Abend.",
        "Peter und Paula spielen vor dem Haus im Park.",
        "Wir haben gestern im Wald viele Pilze gefunden.",
        "Am Bahnhof wartet mein Bruder auf den Bus.",
        "Das Brot und die Butter liegen auf dem Tisch.",
        "Im Sommer blühen bunte Blumen auf der Wiese.",
    ),
    "Russian": (
        "ru",
        "Моя мама печёт пирог с яблоками.",
        "Принеси мне завтра, пожалуйста, две книги.",
        "Над озером до вечера стоит туман.",
        "Мальчики играют в парке перед домом.",
        "Вчера мы нашли в лесу много грибов.",
        "Брат ждёт автобус на большом вокзале.",
        "Хлеб и масло лежат на белом столе.",
        "Летом на лугу цветут яркие цветы.",
    ),
}
_LABIALS, _JAW = ("p", "b", "m"), ARKIT_NAMES.index("jawOpen")


def language_rows(count: int) -> list[Row]:
    """Figures of the first `count` sentences of each language; none without the synthesiser."""
    try:
        espeak = Espeak()
    except OSError:
        return []
    rows: list[Row] = []
    for name, (voice, *sentences) in SENTENCES.items():
        jaws, closed = [], list[bool]()
        for number, sentence in enumerate(sentences[:count]):
            spoken = espeak.speak(sentence, f"{voice}+{'fm'[number % 2]}{1 + number % 3}", 150, 40 + 5 * (number % 3))
            jaw, met = _compared(*spoken, espeak.rate)
            jaws.append(jaw)
            closed += met
        said = f"{name}, {len(jaws)} sentences"
        rows.append(figure(f"{said}: jaw heard and by rules", float(np.mean(jaws)), "correlation", at_least=0.75))
        rows.append(figure(f"{said}: p b m closed ({len(closed)})", float(np.mean(closed)), "share", at_least=0.9))
    return rows


def _compared(samples: Array, phones: list[TimedPhone], rate: int) -> tuple[float, list[bool]]:
    """Correlation of the jaw that is heard with the rules', and which p, b and m close."""
    heard = speech_curves(samples, rate, SpeechSettings(FPS)).weights
    times = np.arange(len(heard)) / FPS
    ruled = frames_of(articulation(phones, times, effort(samples, rate, times)), SpeechSettings(FPS))
    gap = mouth_of(times, heard).gap_mm
    labials = [phone for phone in simple(phones) if phone.ipa in _LABIALS]
    met = [bool((gap[around(times, phone)] < CLOSED_MM).any()) for phone in labials]
    return float(np.corrcoef(heard[:, _JAW], ruled[:, _JAW])[0, 1]), met
