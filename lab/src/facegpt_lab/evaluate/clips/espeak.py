"""Synthetic speech of many languages and voices by espeak-ng, with the time of each sound, for training and tests only.

espeak-ng is a GPL program; nothing of it is shipped or linked by the product. Needs the package espeak-ng of a
Linux distribution.
"""

from __future__ import annotations

import ctypes

import numpy as np

from facegpt.animate.speech.phones import TimedPhone
from facegpt.types import Array

_PHONEME_EVENTS, _SYNCHRONOUS, _UTF8, _PHONEME, _RATE, _PITCH = 3, 2, 1, 7, 1, 3


class _Event(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("type", "unique", "text_position", "length", "audio_ms", "sample")),
        ("user_data", ctypes.c_void_p),
        ("sign", ctypes.c_char * 8),
    )


class Espeak:
    """The synthesiser; one a process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self._library.espeak_Initialize(_SYNCHRONOUS, 500, None, _PHONEME_EVENTS)
        self._sound: list[Array] = []
        self._signs: list[tuple[float, str]] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
        self._callback = kind(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, wave: object, count: int, events: object) -> int:
        place = 0
        while events[place].type != 0:  # type: ignore[index]
            if events[place].type == _PHONEME:  # type: ignore[index]
                event = events[place]  # type: ignore[index]
                self._signs.append((event.audio_ms / 1000, event.sign.decode("utf-8", "replace")))
            place += 1
        if wave and count > 0:
            self._sound.append(np.ctypeslib.as_array(wave, (count,)).copy())
        return 0

    def speak(self, text: str, voice: str, words_a_minute: int, pitch: int) -> tuple[Array, list[TimedPhone]]:
        """Samples at `rate` a second and the sounds of a text; voice is "en-us+f2" and the like, pitch 0..99."""
        self._sound.clear()
        self._signs.clear()
        self._library.espeak_SetVoiceByName(voice.encode())
        self._library.espeak_SetParameter(_RATE, words_a_minute, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        if not self._sound:
            return np.zeros(0, np.float32), []
        samples = np.concatenate(self._sound).astype(np.float32) / 32768
        ends = [start for start, _ in self._signs[1:]] + [len(samples) / self.rate]
        spans = zip(self._signs, ends, strict=True)
        return samples, [TimedPhone(sign.strip(), start, end) for (start, sign), end in spans if end > start]
