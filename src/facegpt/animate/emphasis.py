"""What head and brows do with the rhythm of speech: small nods and raised brows on what is stressed, blinks at pauses.

Head motion goes with loudness and pitch of speech (Munhall et al. 2004), brows rise on some of the accents
(Cavé et al. 1996), and blinks gather at pauses (Nakano and Kitazawa 2010). A seed decides which.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from facegpt.animate.curves import Curves
from facegpt.animate.ease import eased
from facegpt.animate.sound import Sound
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array

#: Loudness: frames a second, width of its smoothing in s, and how far below the loud moments silence is, dB.
_RATE, _SMOOTH_S, _SILENCE_DB = 100, 0.05, 25.0
#: Accents are apart by so much, s, and rise by so much above what is around them, dB.
APART_S, RISE_DB = 0.35, 4.0
#: A nod: mean and SD of its degrees, how long before the accent it begins, down and up again, s; share of accents.
NOD_DEG, NOD_SD_DEG, NOD_AHEAD_S, NOD_S, NOD_SHARE = 2.6, 0.9, 0.12, (0.2, 0.3), 0.6
#: Raised brows: weight, way up, hold and way down, s; share of accents.
BROW, BROW_S, BROW_SHARE = (0.15, 0.4), (0.14, 0.12, 0.25), 0.25
#: A pause that blinks go along with lasts so long, s; share of them that do.
PAUSE_S, BLINK_SHARE = 0.2, 0.6
_BROWS = [ARKIT_NAMES.index(name) for name in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")]


def loudness_db(sound: Sound) -> Array:
    """Loudness (N,), 100 frames a second, dB below the loud moments of the sound; silent sound is -inf-like, -120."""
    hop = max(sound.rate // _RATE, 1)
    blocks = sound.samples[: len(sound.samples) // hop * hop].reshape(-1, hop)
    power = np.einsum("nk,nk->n", blocks, blocks, dtype=np.float64) / hop
    power = gaussian_filter1d(power, _SMOOTH_S * _RATE) if len(blocks) else power
    if not len(power) or power.max() < 1e-10:
        return np.full(len(power), -120.0)
    level = 10 * np.log10(power + 1e-12)
    return np.asarray(level - np.quantile(level[level > level.max() - 30], 0.9))


def accents_s(level_db: Array) -> Array:
    """When something is stressed, seconds: peaks of loudness that rise above what is around them."""
    peaks, _ = find_peaks(level_db, height=-8.0, prominence=RISE_DB, distance=round(APART_S * _RATE))
    return peaks / _RATE


def pauses_s(level_db: Array) -> Array:
    """When pauses begin, seconds."""
    silent = np.r_[False, level_db < -_SILENCE_DB, False]
    begins, ends = (np.flatnonzero(np.diff(silent.astype(int)) == way) for way in (1, -1))
    return begins[(ends - begins) >= PAUSE_S * _RATE] / _RATE


def emphasised(curves: Curves, sound: Sound, seed: int) -> tuple[Curves, list[float]]:
    """Curves with the nods and raised brows of a speaker, and times at which they blink, seconds."""
    rng, whole = np.random.default_rng((seed, 1)), curves.complete()
    level, time_s = loudness_db(sound), whole.time_s
    turn, weights = whole.turns.copy(), whole.weights.copy()
    for at in accents_s(level):
        if rng.random() < NOD_SHARE:
            size = max(NOD_DEG + NOD_SD_DEG * rng.standard_normal(), 0.5)
            course = _bump(time_s - at + NOD_AHEAD_S, NOD_S[0], 0.0, NOD_S[1])
            turn[:, 1] += size * course
            turn[:, 0] += 0.4 * size * rng.standard_normal() * course
        if rng.random() < BROW_SHARE:
            raised = rng.uniform(*BROW) * _bump(time_s - at + BROW_S[0], *BROW_S)
            weights[:, _BROWS] = np.maximum(weights[:, _BROWS], raised[:, None])
    blinks = [float(at) for at in pauses_s(level) if rng.random() < BLINK_SHARE]
    return replace(whole, weights=weights, turn_deg=turn), blinks


def _bump(time_s: Array, there_s: float, hold_s: float, back_s: float) -> Array:
    """0 to 1 and back, at times since it begins."""
    return eased(time_s / there_s) * (1 - eased((time_s - there_s - hold_s) / back_s))
