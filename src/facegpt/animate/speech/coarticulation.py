"""Phone times to smooth articulation: each sound pulls the mouth towards its shape, before and after its time.

Dominance functions (Cohen and Massaro 1993, "Modeling coarticulation in synthetic visual speech"): a track at time t
is the mean of the sounds' targets weighted by α exp(-|τ| / reach), τ the distance to the sound. Contacts (lips closed,
lip on teeth, tongue between teeth) aren't averaged: they are reached in full within their sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.animate.speech.phones import CONTACTS, TRACKS, TimedPhone, phone_table, simple
from facegpt.types import Array


@dataclass(frozen=True)
class Coarticulation:
    """How far sounds reach.

    Attributes:
        jaw_before_s, jaw_after_s: reach of a sound on the jaw before it starts and after it ends.
        lips_before_s, lips_after_s: the same on the shape of the lips; rounding is anticipated early.
        core: share of a sound's time in which it pulls in full.
        lead_s: the mouth's shape is ahead of its sound by so much (Chandrasekaran et al. 2009 find 100 ms and more
            where speech starts); contacts make their sounds, so they aren't.
        contact_ramp_s: time in which lips meet or part.
        contact_least_s: a contact is held at least so long, so that every picture rate shows it.
    """

    jaw_before_s: float = 0.055
    jaw_after_s: float = 0.045
    lips_before_s: float = 0.09
    lips_after_s: float = 0.06
    core: float = 0.5
    lead_s: float = 0.02
    contact_ramp_s: float = 0.05
    contact_least_s: float = 0.05


USUAL = Coarticulation()
#: Share of a stop's time in which the lips are shut: the rest is the burst. Others keep the contact all through.
_SHUT = {"p": 0.7, "b": 0.75}


def articulation(
    phones: Sequence[TimedPhone], time_s: Array, effort: Array | None = None, how: Coarticulation = USUAL
) -> Array:
    """The nine tracks (T, 9) at times (T,), from sounds with their times.

    Args:
        phones: in their order; gaps between them are silence.
        time_s: (T,) seconds.
        effort: (T,) factor of openness, 1 at an ordinary loudness; None is 1 throughout.
        how: the reach of sounds.
    """
    sounds = _with_silence(simple(phones), float(time_s[-1]) if len(time_s) else 0.0)
    table = phone_table()
    targets = np.array([table[sound.ipa].target for sound in sounds])
    tracks = np.zeros((len(time_s), len(TRACKS)))
    for column, track in enumerate(TRACKS):
        if track in CONTACTS:
            tracks[:, column] = _contact(sounds, targets[:, column], time_s, how)
        else:
            pulls = np.array([_pull(sound, track) for sound in sounds])
            weights = pulls * _reach(sounds, time_s + how.lead_s, track == "jaw", how)
            tracks[:, column] = weights @ targets[:, column] / np.maximum(weights.sum(1), 1e-9)
    if effort is not None:
        opening = [TRACKS.index(track) for track in ("jaw", "upper", "lower")]
        tracks[:, opening] *= np.asarray(effort)[:, None]
    return np.clip(tracks, 0.0, 1.0)


def _pull(sound: TimedPhone, track: str) -> float:
    phone = phone_table()[sound.ipa]
    return phone.jaw_pull if track == "jaw" else phone.lip_pull


def _reach(sounds: Sequence[TimedPhone], time_s: Array, jaw: bool, how: Coarticulation) -> Array:
    """(T, S) in 0..1: how present each sound is at each time."""
    before_s, after_s = (how.jaw_before_s, how.jaw_after_s) if jaw else (how.lips_before_s, how.lips_after_s)
    start, end = (np.array([getattr(sound, name) for sound in sounds]) for name in ("start_s", "end_s"))
    margin = (end - start) * (1 - how.core) / 2
    ahead = np.maximum(start + margin - time_s[:, None], 0.0)
    behind = np.maximum(time_s[:, None] - (end - margin), 0.0)
    return np.exp(-ahead / before_s - behind / after_s)


def _contact(sounds: Sequence[TimedPhone], targets: Array, time_s: Array, how: Coarticulation) -> Array:
    """One contact track (T,): a trapezium with smooth sides at each of its sounds, the highest where two overlap."""
    track = np.zeros(len(time_s))
    for sound, target in zip(sounds, targets, strict=True):
        if target > 0:
            held_s = max((sound.end_s - sound.start_s) * _SHUT.get(sound.ipa, 1.0) * 0.9, how.contact_least_s)
            centre_s = sound.start_s + (sound.end_s - sound.start_s) * _SHUT.get(sound.ipa, 1.0) / 2
            away = np.maximum(np.abs(time_s - centre_s) - held_s / 2, 0.0) / how.contact_ramp_s
            track = np.maximum(track, target * (0.5 + 0.5 * np.cos(np.pi * np.minimum(away, 1.0))))
    return track


def _with_silence(sounds: Sequence[TimedPhone], end_s: float) -> list[TimedPhone]:
    """The same sounds with silence before, after and in every gap."""
    found, now_s = [], -1.0
    for sound in sounds:
        if sound.start_s > now_s + 1e-3:
            found.append(TimedPhone("", now_s, sound.start_s))
        found.append(sound)
        now_s = sound.end_s
    return [*found, TimedPhone("", now_s, max(end_s, now_s) + 1.0)]
