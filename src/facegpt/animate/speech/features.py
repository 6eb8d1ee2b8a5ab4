"""Sound to log-mel features, sample by sample as it comes: any rate in, 50 feature vectors a second out."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np
from scipy.signal import resample_poly

from facegpt.types import Array

#: Everything inside is at this rate, in samples a second.
RATE = 16000
#: A window of 25 ms every 10 ms; two windows make one feature vector.
_WINDOW, _HOP, _FFT, _BANDS = 400, 160, 512, 40
FEATURE_RATE, FEATURES = RATE / (2 * _HOP), 2 * _BANDS
#: Middle of a feature vector's windows, in seconds after the first of its own 20 ms.
CENTRE_S = (_WINDOW + _HOP) / 2 / RATE
#: Band energy that counts as silence: about -75 dB of full scale.
_FLOOR = 1e-5
#: Level of a whisper, its fall a vector, and the span of levelled features, in units of 3 nepers of energy (13 dB).
_WHISPER, _FALL, _SPAN = -1.4, 2 / 13 / FEATURE_RATE, (-2.2, 0.6)
#: A levelled feature in silence, before anything was heard.
SILENT = (float(np.log(_FLOOR)) + 5.0) / 3.0 - _WHISPER


class Resampler:
    """Mono samples of any rate to RATE, in pieces: the pieces joined equal the whole, resampled at once."""

    def __init__(self, rate: int) -> None:
        common = gcd(RATE, rate)
        self._up, self._down = RATE // common, rate // common
        reach = -(-10 * max(self._up, self._down) // self._up) + 1
        self._context = self._down * -(-reach // self._down)
        self._held: Array = np.zeros(self._context, np.float32)

    def push(self, samples: Array) -> Array:
        """Take samples (n,), give those that are ready."""
        if self._up == self._down:
            return np.asarray(samples, np.float32)
        held = np.concatenate([self._held, np.asarray(samples, np.float32)])
        ready = (len(held) - 2 * self._context) // self._down * self._down
        if ready <= 0:
            self._held = held
            return np.zeros(0, np.float32)
        part = held[: ready + 2 * self._context]
        first = self._context // self._down * self._up
        made = resample_poly(part, self._up, self._down)[first : first + ready // self._down * self._up]
        self._held = held[ready:]
        return made.astype(np.float32)

    def flush(self) -> Array:
        """What is still held back."""
        if self._up == self._down:
            return np.zeros(0, np.float32)
        return self.push(np.zeros(self._context + self._down, np.float32))


class LogMel:
    """Samples at RATE to feature vectors (n, FEATURES), in pieces. A vector needs 35 ms of sound from its start on."""

    def __init__(self) -> None:
        self._held: Array = np.zeros(0, np.float32)

    def push(self, samples: Array) -> Array:
        """Take samples (n,), give the feature vectors that are complete."""
        held = np.concatenate([self._held, samples])
        count = max(0, (len(held) - _WINDOW - _HOP) // (2 * _HOP) + 1)
        if count == 0:
            self._held = held
            return np.zeros((0, FEATURES), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(held, _WINDOW)[::_HOP][: 2 * count]
        self._held = held[2 * _HOP * count :]
        return log_mel(windows).reshape(count, FEATURES)


class Level:
    """Feature vectors beside the loudest that was heard lately, so that neither gain nor distance matters.

    The level rises at once and falls by 2 dB a second, to that of a whisper (-50 dB of full scale).
    """

    def __init__(self) -> None:
        self._level = _WHISPER

    def push(self, vectors: Array) -> Array:
        """Take and give vectors (n, FEATURES): 0 is the level, -1 is 13 dB below it."""
        loud = np.sort(vectors.reshape(-1, 2, _BANDS).max(1), 1)[:, -8:].mean(1)
        fallen = _FALL * np.arange(len(vectors) + 1)
        highest = np.maximum.accumulate(np.concatenate([[self._level], loud]) + fallen) - fallen
        highest = np.maximum(highest, _WHISPER)
        self._level = float(highest[-1])
        return np.clip(vectors - highest[1:, None], *_SPAN).astype(np.float32)


def log_mel(windows: Array) -> Array:
    """(n, 400) samples → (n, 40) natural logarithms of band energies, about -3 to 3."""
    power = np.abs(np.fft.rfft(windows * _hann(), _FFT)) ** 2
    energy = (power.astype(np.float32) @ _filters().T) / _WINDOW
    return ((np.log(energy + _FLOOR) + 5.0) / 3.0).astype(np.float32)


@lru_cache(maxsize=1)
def _hann() -> Array:
    return np.hanning(_WINDOW).astype(np.float32)


@lru_cache(maxsize=1)
def _filters() -> Array:
    """(40, 257) triangles, evenly spaced in mel from 60 to 7600 Hz (O'Shaughnessy's scale)."""
    mel = np.linspace(2595 * np.log10(1 + 60 / 700), 2595 * np.log10(1 + 7600 / 700), _BANDS + 2)
    hertz = 700 * (10 ** (mel / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * RATE / _FFT
    rising = (bins - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    falling = (hertz[2:, None] - bins) / (hertz[2:] - hertz[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
