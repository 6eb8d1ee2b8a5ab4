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
from facegpt.animate.speech.phones import ARPABET, TimedPhone
from facegpt.animate.speech.say import phone_curves
from facegpt.animate.speech.settings import USUAL, SpeechSettings
from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed
from facegpt.types import Array

_RATE = 16000
#: The recogniser counts time in frames of 10 ms.
_FRAME_S = 0.01


def phonetic_curves(samples: Array, rate: int, text: str | None = None, settings: SpeechSettings = USUAL) -> Curves:
    """Curves (T, 52) of a sound by its speech sounds: those of `text`, or those that are recognised.

    Raises:
        FaceGPTError: if the extra is missing, or the text holds unknown words or isn't what is said.
    """
    return phone_curves(heard_phones(samples, rate, text), samples, rate, settings)


def heard_phones(samples: Array, rate: int, text: str | None = None) -> list[TimedPhone]:
    """Speech sounds with their times: of a known English text by forced alignment, else recognised."""
    needed("pocketsphinx", "finding speech sounds")
    common = gcd(_RATE, rate)
    sound = resample_poly(np.asarray(samples, np.float64), _RATE // common, rate // common)
    pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    return _recognised(pcm) if text is None else _aligned(pcm, text)


def _recognised(pcm: bytes) -> list[TimedPhone]:
    decoder = _recogniser()
    _process(decoder, pcm)
    return [_phone(part.word, part.start_frame, part.end_frame + 1) for part in decoder.seg()]


def _aligned(pcm: bytes, text: str) -> list[TimedPhone]:
    words = "".join(sign if sign.isalpha() or sign == "'" else " " for sign in text.lower()).split()
    decoder = _aligner()
    unknown = [word for word in words if decoder.lookup_word(word) is None]
    if unknown or not words:
        raise FaceGPTError(f"the dictionary lacks '{unknown[0]}'" if unknown else "the text holds no words")
    decoder.set_align_text(" ".join(words))
    _process(decoder, pcm)
    if decoder.hyp() is None:
        raise FaceGPTError("the text isn't what is said in the sound: its words can't be found there")
    decoder.set_alignment()
    _process(decoder, pcm)
    phones = [phone for word in decoder.get_alignment() for phone in word]
    return [_phone(phone.name, phone.start, phone.start + phone.duration) for phone in phones]


def _process(decoder: Any, pcm: bytes) -> None:
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
