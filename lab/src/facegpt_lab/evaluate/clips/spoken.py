"""Filmed sentences of the GRID corpus (Cooke et al. 2006): the mouth as our tracker sees it, and as sound gives it.

A file's name spells its sentence: command, colour, preposition, letter, digit, adverb. All figures are of one head, the
default one, so that only the motion counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.animate.sound import read_sound
from facegpt.animate.speech.from_sound import speech_curves, speech_frames
from facegpt.animate.speech.phones import ARPABET, TimedPhone, simple
from facegpt.animate.speech.phonetic import heard_phones, phonetic_curves
from facegpt.animate.speech.settings import SpeechSettings
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array
from facegpt_lab.evaluate.shared_networks import head

#: Curves are made at this rate and read at the clip's own times.
FPS = 100.0
_MIDDLE, _LIPS = (13, 14), (0, 13, 14, 17, 37, 39, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181, 185, 191)
_MIRRORED = (267, 269, 291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375, 402, 405, 409, 415)
#: Lips are closed when they are nearer than this, in mm beyond the head's own lips at rest.
CLOSED_MM, WITHIN_S = 0.5, 0.04
_LABIALS = ("p", "b", "m")
#: Lags that are tried for the timing, in frames of the clip.
_LAGS = np.arange(-5, 6)
_WORDS: tuple[dict[str, str], ...] = (
    {"b": "bin", "l": "lay", "p": "place", "s": "set"},
    {"b": "blue", "g": "green", "r": "red", "w": "white"},
    {"a": "at", "b": "by", "i": "in", "w": "with"},
    {},
    {"z": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six"}
    | {"7": "seven", "8": "eight", "9": "nine"},
    {"a": "again", "n": "now", "p": "please", "s": "soon"},
)


@dataclass(frozen=True, eq=False)
class Mouth:
    """A mouth in motion: times (T,), lip gap in mm beyond rest (T,), jaw (T,) and lip points (T, L, 3) in mm."""

    time_s: Array
    gap_mm: Array
    jaw: Array
    lips: Array


@dataclass(frozen=True)
class SpokenScores:
    """One clip by one way: correlations with the tracked mouth, errors and timing; closures are counts."""

    gap: float
    jaw: float
    lag_frames: float
    lips_mm: float
    jitter_mm: float
    closed: int
    labials: int


def sentence_of(path: Path) -> str:
    """The words of a clip by its name: s1_bbaf2n.mpg → "bin blue at f two now"."""
    letters = path.stem.rpartition("_")[2]
    return " ".join(words.get(letter, letter) for words, letter in zip(_WORDS, letters, strict=True))


def mouth_of(time_s: Array, expression: Array) -> Mouth:
    """The mouth of the default head with expressions (T, 52)."""
    points = head().embedding("mediapipe478")
    at_lips = [*_LIPS, *_MIRRORED]
    identity, joints = np.zeros(head().sizes.identity, np.float32), np.zeros((head().sizes.joints, 3), np.float32)
    every = np.stack([_points(points, identity, row, joints) for row in [np.zeros(52), *expression]])
    gap = every[:, _MIDDLE[0], 1] - every[:, _MIDDLE[1], 1]
    return Mouth(time_s, gap[1:] - gap[0], expression[:, ARKIT_NAMES.index("jawOpen")], every[1:, at_lips])


def _points(points: Any, identity: Array, expression: Array, joints: Array) -> Array:
    import torch

    rows = (torch.from_numpy(np.asarray(row, np.float32)[None]) for row in (identity, expression, joints))
    found: Array = points(head().vertices(*rows)[0].numpy())
    return found


def labials_of(path: Path) -> list[TimedPhone]:
    """The sounds p, b and m of a clip, with the times of forced alignment of its sentence."""
    sound = read_sound(path)
    samples, rate = sound.samples, sound.rate
    return [phone for phone in simple(heard_phones(samples, rate, sentence_of(path))) if phone.ipa in _LABIALS]


def live(samples: Array, rate: int, path: Path) -> Array:
    """Curves (T, 52) at FPS by the network as they come live."""
    return np.concatenate(list(speech_frames([samples], rate, SpeechSettings(FPS))))


def recorded(samples: Array, rate: int, path: Path) -> Array:
    """The same with what a whole sound allows."""
    return speech_curves(samples, rate, SpeechSettings(FPS)).weights


def with_transcript(samples: Array, rate: int, path: Path) -> Array:
    """The same, told the sentence."""
    return speech_curves(samples, rate, SpeechSettings(FPS, transcript=sentence_of(path))).weights


def by_recognised(samples: Array, rate: int, path: Path) -> Array:
    """The same by rules from recognised speech sounds."""
    return phonetic_curves(samples, rate, None, SpeechSettings(FPS)).weights


def by_aligned(samples: Array, rate: int, path: Path) -> Array:
    """The same by rules, told the sentence."""
    return phonetic_curves(samples, rate, sentence_of(path), SpeechSettings(FPS)).weights


def by_openfacefx(samples: Array, rate: int, path: Path) -> Array:
    """The same by the package openfacefx (MIT), told the sentence's phones with the same times as `by_aligned`."""
    from openfacefx.alignment import PhonemeSegment
    from openfacefx.pipeline import generate_from_alignment
    from openfacefx.retarget import PRESETS, retarget

    spelt = {ipa: name for name, ipa in ARPABET.items()}
    phones = heard_phones(samples, rate, sentence_of(path))
    segments = [PhonemeSegment(spelt.get(p.ipa, "sil"), p.start_s, p.end_s) for p in phones]
    track = retarget(generate_from_alignment(segments, fps=FPS), PRESETS["arkit"])
    times = np.arange(int(len(samples) / rate * FPS)) / FPS
    weights = np.zeros((len(times), len(ARKIT_NAMES)))
    for channel in track.channels:
        if channel.name in ARKIT_NAMES and channel.keys:
            keys = np.array([(key.time, key.value) for key in channel.keys])
            weights[:, ARKIT_NAMES.index(channel.name)] = np.interp(times, keys[:, 0], keys[:, 1])
    return weights


#: Ways from sound to curves, by their names in the report.
WAYS: dict[str, Callable[[Array, int, Path], Array]] = {
    "live": live,
    "recorded": recorded,
    "transcript": with_transcript,
    "rules, recognised": by_recognised,
    "rules, text known": by_aligned,
    "openfacefx, text known": by_openfacefx,
}


def scored(path: Path, truth: Mouth, way: str) -> SpokenScores:
    """One clip by one way, against its tracked mouth."""
    sound = read_sound(path)
    samples, rate = sound.samples, sound.rate
    curves = WAYS[way](samples, rate, path)
    times = np.arange(len(curves)) / FPS
    made = mouth_of(times, curves)
    closed = [bool((made.gap_mm[around(times, phone)] < CLOSED_MM).any()) for phone in labials_of(path)]
    seen = at_times(made, truth.time_s)
    lags = [_correlation(np.roll(seen.gap_mm, lag), truth.gap_mm) for lag in _LAGS]
    return SpokenScores(
        _correlation(seen.gap_mm, truth.gap_mm),
        _correlation(seen.jaw, truth.jaw),
        float(-_LAGS[int(np.argmax(lags))]),
        float(np.linalg.norm(seen.lips - truth.lips, axis=-1).max(1).mean()),
        jitter_mm(seen.gap_mm),
        sum(closed),
        len(closed),
    )


def at_times(mouth: Mouth, time_s: Array) -> Mouth:
    """A mouth read at other times, linearly between its own."""
    place = np.clip(np.searchsorted(mouth.time_s, time_s, "right") - 1, 0, len(mouth.time_s) - 2)
    step = mouth.time_s[place + 1] - mouth.time_s[place]
    share = np.clip((time_s - mouth.time_s[place]) / step, 0, 1)

    def read(values: Array) -> Array:
        part = share.reshape(-1, *[1] * (values.ndim - 1))
        return values[place] * (1 - part) + values[place + 1] * part

    return replace(mouth, time_s=time_s, gap_mm=read(mouth.gap_mm), jaw=read(mouth.jaw), lips=read(mouth.lips))


def jitter_mm(gap_mm: Array) -> float:
    """Root mean square of the lip gap's second difference, mm a frame²."""
    return float(np.sqrt((np.diff(gap_mm, 2) ** 2).mean()))


def around(times: Array, phone: TimedPhone) -> NDArray[np.bool_]:
    """Which times (T,) lie within a sound, WITHIN_S before and after it included."""
    return (times >= phone.start_s - WITHIN_S) & (times <= phone.end_s + WITHIN_S)


def _correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 1e-6 and b.std() > 1e-6 else 0.0
