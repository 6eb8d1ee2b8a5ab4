"""A voice for a head: text to sound with the time of each speech sound, by the package hibari-tts (an extra).

Its network has one voice and predicts a spectrum, a pitch curve and each phoneme's duration. Other voices are made of
the same spectrum: a longer or shorter vocal tract stretches the frequencies (Fant's scaling), and the larynx has its
own pitch. Numbers, dates, prices and abbreviations are spelt out by the package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.animate.speech.phones import TimedPhone, single_sounds
from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed
from facegpt.runtime.onnx_session import open_session, with_outputs
from facegpt.types import Array

#: The graph's value that holds each phoneme's duration, and its unit in seconds.
_DURATIONS, _UNIT_S = "/Round_output_0", 0.025
#: The decoder sounds earlier than the durations say: measured against forced alignment (lab/runs/speech).
_LEAD_S = 0.05
_PAUSES = ".!?…,;:—"
#: Mean pitch of the package's voice in Hz.
_OWN_PITCH_HZ = 215.0
#: Louder sounds are turned down to this peak.
_PEAK = 0.95


@dataclass(frozen=True)
class Voice:
    """How a text is spoken.

    Attributes:
        pitch_hz: mean pitch, 70 to 400. tract: length of the vocal tract, 1 is a woman's (14.5 cm), 1.17 a man's.
        speed: 0.25 to 2. seed: of the noise in the sound.
    """

    pitch_hz: float = _OWN_PITCH_HZ
    tract: float = 1.0
    speed: float = 1.0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Spoken:
    """Sound of a text: samples (N,) float32 in -1..1 at `rate` a second, and its speech sounds with their times."""

    samples: Array
    rate: int
    phones: tuple[TimedPhone, ...]


def voice_for(age_years: float, masculinity: float, speed: float = 1.0, seed: int = 0) -> Voice:
    """The voice of a head's age and sex (0 woman, 1 man).

    Pitch: means by age and sex of Hollien and Shipp 1972 and Stathopoulos et al. 2011 (women 210 Hz falling to 175 Hz,
    men 120 Hz, after 70 rising; children 270 Hz at 6). Vocal tract: Fitch and Giedd 1999 (10.5 cm at 5, grown at 18).
    """
    man = float(np.clip(masculinity, 0.0, 1.0))
    woman_hz = float(np.interp(age_years, [5, 10, 18, 40, 60, 80], [280, 250, 212, 198, 180, 175]))
    man_hz = float(np.interp(age_years, [5, 10, 13, 18, 50, 70, 85], [275, 245, 215, 125, 113, 122, 140]))
    woman_cm = float(np.interp(age_years, [5, 10, 18], [10.8, 12.4, 14.5]))
    man_cm = float(np.interp(age_years, [5, 10, 13, 18], [10.9, 12.6, 13.8, 17.0]))
    pitch_hz = float(np.exp((1 - man) * np.log(woman_hz) + man * np.log(man_hz)))
    return Voice(pitch_hz, ((1 - man) * woman_cm + man * man_cm) / 14.5, speed, seed)


def speak(text: str, voice: Voice | None = None) -> Spoken:
    """The sound of an English text and its timed speech sounds; nothing is played.

    Raises:
        FaceGPTError: if the text has nothing to be spoken, or the extra is not installed.
    """
    return joined(list(sentences(text, voice)))


def sentences(text: str, voice: Voice | None = None) -> Iterator[Spoken]:
    """Speak an English text sentence by sentence, each as soon as it is ready; times count from its own begin.

    Raises:
        FaceGPTError: as `speak`, before or after the last sentence.
    """
    voice = voice or Voice()
    if not 0.25 <= voice.speed <= 2.0:
        raise FaceGPTError(f"the speed of a voice is 0.25 to 2, not {voice.speed:g}")
    reader, network = _parts()
    rng, words = np.random.default_rng(voice.seed), False
    for sentence in reader.phonemize(text):
        samples, phones = _sentence(reader, network, sentence, voice, rng)
        words |= any(phone.ipa for phone in phones)
        samples = samples / max(1.0, float(np.abs(samples).max(initial=0.0)) / _PEAK)
        yield Spoken(samples, reader.sample_rate, tuple(phones))
    if not words:
        raise FaceGPTError("there is nothing to say: the text holds no words or numbers")


def joined(pieces: Sequence[Spoken]) -> Spoken:
    """Sentences, one after the other; there is at least one."""
    phones: list[TimedPhone] = []
    now_s = 0.0
    for piece in pieces:
        phones += [TimedPhone(p.ipa, p.start_s + now_s, p.end_s + now_s) for p in piece.phones]
        now_s += len(piece.samples) / piece.rate
    return Spoken(np.concatenate([piece.samples for piece in pieces]), pieces[0].rate, tuple(phones))


def phonetic_spelling(text: str) -> list[str]:
    """How an English text is read, a string of phonetic signs a sentence. Raises FaceGPTError without the extra."""
    return list(needed("hibari", "reading numbers and rare words").Hibari().phonemize(text))


def warm() -> None:
    """Load the voice, so that the first word comes at once. Raises FaceGPTError if the extra is not installed."""
    _parts()


@lru_cache(maxsize=1)
def _parts() -> tuple[Any, Any]:
    """The package's reader of texts, and its network with the durations as an output."""
    reader = needed("hibari", "speaking").Hibari()
    graph = Path(reader.model_path).read_bytes()
    return reader, open_session(with_outputs(graph, [_DURATIONS]))


def _sentence(
    reader: Any, network: Any, sentence: str, voice: Voice, rng: np.random.Generator
) -> tuple[Array, list[TimedPhone]]:
    """Samples and sounds of one sentence in the reader's phonetic signs."""
    from hibari import dsp

    signs = [sign for sign in sentence if sign in reader.vocab]
    ids = np.array([reader.ids(sentence)], np.int64)
    *outputs, durations = network.run(None, {"ids": ids, "speed": np.array([voice.speed], np.float32)})
    harmonic, turn, noise, free, phase, pitch = (output[0] for output in outputs)
    if voice.tract != 1.0:
        harmonic, turn, noise, free, phase = (_stretched(p, voice.tract) for p in (harmonic, turn, noise, free, phase))
    pitch = pitch * np.float32(voice.pitch_hz / _OWN_PITCH_HZ)
    return dsp.synth(harmonic, turn, noise, free, phase, pitch, rng), timed(signs, durations.reshape(-1))


def timed(signs: list[str], durations: Array) -> list[TimedPhone]:
    """Sounds with times from phonetic signs and their durations (len + 2,), pads at both ends, in units of 25 ms.

    Stress marks and gaps between words belong to the sound after them; a pause is silence.
    """
    end_s = np.cumsum(durations) * _UNIT_S - _LEAD_S
    found: list[TimedPhone] = []
    start_s = float(end_s[0])
    for sign, end in zip(signs, end_s[1:-1], strict=True):
        end = float(end)
        if sign in _PAUSES:
            found.append(TimedPhone("", start_s, end))
        elif single_sounds(sign):
            found.append(TimedPhone(sign, start_s, end))
        elif sign == "ː" and found:
            found[-1] = TimedPhone(found[-1].ipa, found[-1].start_s, end)
        else:
            continue
        start_s = end
    return [TimedPhone(p.ipa, max(p.start_s, 0.0), p.end_s) for p in found if p.end_s > 0]


def _stretched(spectrum: Array, tract: float) -> Array:
    """A spectrum (601, T) of a vocal tract that is longer by a factor: its frequencies are divided by it."""
    bins = np.arange(len(spectrum)) * tract
    low = np.minimum(bins.astype(np.int64), len(spectrum) - 2)
    share = np.clip(bins - low, 0.0, 1.0).astype(np.float32)[:, None]
    return spectrum[low] * (1 - share) + spectrum[low + 1] * share
