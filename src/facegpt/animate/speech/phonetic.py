"""Lips by rules: a recogniser finds the speech sounds, or places those of a known text, and rules move the mouth.

The recogniser is pocketsphinx (an extra), made for English. The baseline beside the network (`facegpt eval speech`),
and the better way where the words are known.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from facegpt.animate.curves import Curves
from facegpt.animate.speech.phones import ARPABET, TimedPhone, simple, single_sounds
from facegpt.animate.speech.say import phone_curves
from facegpt.animate.speech.settings import USUAL, SpeechSettings
from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed
from facegpt.types import Array

_RATE = 16000
#: The recogniser counts time in frames of 10 ms.
_FRAME_S = 0.01
#: The recogniser's means of features before it has heard anything (its own).
_MEANS = "40,3,-1,0,0,0,0,0,0,0,0,0,0"
#: Aligned and recognised sounds agree at least so much where the text is what is said: ten sentences of LibriVox and of
#: our voices have 0.43 to 0.70 with their own text and at most 0.18 with another.
_LEAST_AGREEMENT = 0.2
_ANOTHER_TEXT = "the text isn't what is said in the sound: its words can't be found there"
#: Parts of diphthongs and sounds that the recogniser's alphabet lacks alone.
_NEAREST = {"a": "AA", "e": "EH", "o": "AO", "ɒ": "AA", "ɾ": "D", "x": "K"}


def phonetic_curves(samples: Array, rate: int, text: str | None = None, settings: SpeechSettings = USUAL) -> Curves:
    """Curves (T, 52) of a sound by its speech sounds: those of `text`, or those that are recognised.

    Raises:
        FaceGPTError: if the extra is missing, or the text holds unknown words or isn't what is said.
    """
    return phone_curves(heard_phones(samples, rate, text), samples, rate, settings)


def heard_phones(samples: Array, rate: int, text: str | None = None) -> list[TimedPhone]:
    """Speech sounds with their times: of a known English text by forced alignment, else recognised.

    Numbers, abbreviations and words that the dictionary lacks are read by the extra "voice".

    Raises:
        FaceGPTError: if an extra is missing, or the text isn't what is said.
    """
    needed("pocketsphinx", "finding speech sounds")
    common = gcd(_RATE, rate)
    sound = resample_poly(np.asarray(samples, np.float64), _RATE // common, rate // common)
    pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    if text is None:
        return _recognised(pcm)
    phones = _aligned(pcm, text)
    if _agreement(phones, _recognised(pcm)) < _LEAST_AGREEMENT:
        raise FaceGPTError(_ANOTHER_TEXT)
    return phones


def _recognised(pcm: bytes) -> list[TimedPhone]:
    decoder = _recogniser()
    _process(decoder, pcm)
    return [_phone(part.word, part.start_frame, part.end_frame + 1) for part in decoder.seg()]


def _aligned(pcm: bytes, text: str) -> list[TimedPhone]:
    decoder = _aligner()
    words = [_known(decoder, word) for word in text.lower().split() if any(sign.isalnum() for sign in word)]
    if not words:
        raise FaceGPTError("the text holds no words")
    decoder.set_align_text(" ".join(words))
    _process(decoder, pcm)
    if decoder.hyp() is None:  # by then it knows the microphone
        _process(decoder, pcm, decoder.get_cmn(False))
    if decoder.hyp() is None:
        raise FaceGPTError(_ANOTHER_TEXT)
    decoder.set_alignment()
    _process(decoder, pcm)
    phones = [phone for word in decoder.get_alignment() for phone in word]
    return [_phone(phone.name, phone.start, phone.start + phone.duration) for phone in phones]


def _known(decoder: Any, word: str) -> str:
    """A word as the dictionary has it; one that it lacks, or a number, is added to it as the voice reads it."""
    plain = word.strip(".,;:!?…()[]\"'“”‘’")
    if plain.replace("'", "").isalpha() and decoder.lookup_word(plain) is not None:
        return plain
    name = f"read{''.join(sign for sign in word if sign.isalnum())}"
    if decoder.lookup_word(name) is None:
        sounds = _read(word.strip(',;:!?"()“”'))
        if not sounds:
            raise FaceGPTError(f"the dictionary lacks '{word}'")
        decoder.add_word(name, " ".join(sounds), True)
    return name


def _read(word: str) -> list[str]:
    """The sounds of a word in the recogniser's alphabet, as the extra "voice" reads it; [] if it can't."""
    from facegpt.animate.speech.voice import phonetic_spelling

    by_ipa = {ipa: name for name, ipa in ARPABET.items() if len(ipa) == 1} | {"ə": "AH", "ɜ": "ER", "ɐ": "AH"}
    sounds = [sound for sentence in phonetic_spelling(word) for sound in single_sounds(sentence)]
    return [by_ipa.get(sound, _NEAREST.get(sound, "")) for sound in sounds if by_ipa.get(sound) or sound in _NEAREST]


def _agreement(one: list[TimedPhone], other: list[TimedPhone]) -> float:
    """Share of the time of speech in which both hold the same sound."""
    ends = [phones[-1].end_s for phones in (one, other) if phones]
    times = np.arange(0.0, max(ends, default=0.0), _FRAME_S)
    held = []
    for phones in (one, other):
        sounds = np.full(len(times), "", object)
        for phone in simple(phones):
            sounds[(times >= phone.start_s) & (times < phone.end_s)] = phone.ipa
        held.append(sounds)
    speech = (held[0] != "") | (held[1] != "")
    return float((held[0] == held[1])[speech].mean()) if speech.any() else 0.0


def _process(decoder: Any, pcm: bytes, means: str = _MEANS) -> None:
    """Listen; what was heard before doesn't matter (the decoder would go on with its means)."""
    decoder.set_cmn(means)
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _phone(name: str, start: int, end: int) -> TimedPhone:
    return TimedPhone(ARPABET.get(name, ""), start * _FRAME_S, end * _FRAME_S)


@lru_cache(maxsize=1)
def _recogniser() -> Any:
    from pocketsphinx import Decoder, get_model_path

    model = get_model_path("en-us/en-us-phone.lm.bin")
    return Decoder(allphone=model, lm=None, lw=2.0, beam=1e-20, pbeam=1e-20, loglevel="FATAL")


@lru_cache(maxsize=1)
def _aligner() -> Any:
    from pocketsphinx import Decoder

    return Decoder(lm=None, loglevel="FATAL")
