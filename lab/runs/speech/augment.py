"""Sounds as microphones, rooms and telephones give them, and sounds that are no speech at all."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, resample_poly

from facegpt.animate.speech.features import RATE
from facegpt.types import Array


def spoiled(clean: Array, rng: np.random.Generator) -> Array:
    """A sound at RATE with a room, a telephone's band, noise, clipping and another loudness, each by chance."""
    sound = clean.copy()
    if rng.random() < 0.35:
        sound = _in_room(sound, rng)
    if rng.random() < 0.2:
        sound = resample_poly(resample_poly(sound, 1, 2), 2, 1)[: len(sound)]
    if rng.random() < 0.15:
        sound = np.clip(sound, -(limit := rng.uniform(0.15, 0.5)), limit)
    gain = 10 ** (rng.uniform(-26, 4) / 20)
    snr_db = rng.uniform(5, 30) if rng.random() < 0.5 else rng.uniform(30, 70)
    level = np.sqrt((sound**2).mean()) * 10 ** (-snr_db / 20)
    return np.clip((sound + level * noise(len(sound), rng)) * gain, -1, 1).astype(np.float32)


def noise(count: int, rng: np.random.Generator) -> Array:
    """Noise of a random colour, power 1: from rumble over fans to hiss, at times with hum."""
    slope = rng.uniform(-1.0, 0.3)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 30)
    found = np.fft.irfft(spectrum * (hertz / 1000) ** slope, count)
    if rng.random() < 0.2:
        time = np.arange(count) / RATE
        found += found.std() * sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 6))
    return found / max(float(found.std()), 1e-9)


def music(seconds: float, rng: np.random.Generator) -> Array:
    """Notes of plucked, blown and struck instruments at random: no speech, so the mouth rests."""
    count = int(seconds * RATE)
    sound = np.zeros(count + RATE * 2)
    beat = rng.uniform(0.12, 0.6)
    for start in np.arange(0, seconds, beat):
        for _ in range(rng.integers(1, 4)):
            length = int(RATE * rng.uniform(0.15, 1.5))
            time = np.arange(length) / RATE
            pitch_hz = 110 * 2 ** (rng.integers(0, 36) / 12)
            partials = [k for k in range(1, 16) if k * pitch_hz < 7500]
            fall = rng.uniform(0.5, 2.0)
            tone = sum(np.sin(2 * np.pi * k * pitch_hz * time) / k**fall for k in partials)
            shape = np.exp(-time * rng.uniform(0.5, 8)) * np.minimum(time / rng.uniform(0.003, 0.08), 1)
            place = int(start * RATE)
            sound[place : place + length] += (tone * shape)[: len(sound) - place]
        if rng.random() < 0.5:
            place, length = int(start * RATE), int(RATE * 0.12)
            sound[place : place + length] += rng.standard_normal(length) * np.exp(-np.arange(length) / 700)
    sound = sound[:count]
    return (sound / max(float(np.abs(sound).max()), 1e-6) * 0.5).astype(np.float32)


def _in_room(sound: Array, rng: np.random.Generator) -> Array:
    """Sound with the exponentially falling echo of a small room."""
    length = int(RATE * rng.uniform(0.08, 0.4))
    echo = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length) * rng.uniform(0.02, 0.15)
    low, high = butter(1, 4000 / (RATE / 2))
    echo = lfilter(low, high, echo)
    echo[0] = 1.0
    return fftconvolve(sound, echo)[: len(sound)].astype(np.float32)
