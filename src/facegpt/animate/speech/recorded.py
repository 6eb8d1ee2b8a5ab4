"""Articulation of a sound that is there as a whole: the network's, calmed, with the words' sounds, opening in advance.

Live there is no time for any of it. Figures of each step: lab/log/speech.md.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.signal import find_peaks

from facegpt.animate.speech.coarticulation import articulation
from facegpt.animate.speech.effort import effort
from facegpt.animate.speech.phones import CONTACTS, TRACKS
from facegpt.animate.speech.settings import SpeechSettings
from facegpt.animate.speech.stream import SpeechStream
from facegpt.runtime.progress import Progress
from facegpt.types import Array

#: SD of the filter that calms what the network hears, s: the one that brings it nearest to the rules on sentences of
#: LibriVox that taught nothing.
_CALM_S = 0.03
#: The mouth opens before the first sound after a pause (100 to 300 ms: Chandrasekaran et al. 2009): so early, so long
#: on its way, s; how far the jaw goes; a pause lasts so long, s, and the jaw is below this in it.
_AHEAD_S, _OPENING_S, _AHEAD_JAW, _PAUSE_S, _AT_REST = 0.25, 0.15, 0.06, 0.4, 0.03
#: So near a contact nothing is calmed that would part it, s.
_NEAR_S = 0.04
#: Nor below this opening of the jaw: short sounds between the lips are often heard as no more than that.
_SHUT_JAW = 0.08
#: A peak of the lips' contact is a contact if the network holds it for so likely (it is unsure of short ones: five
#: sentences of LibriVox and twelve of our voices), and if it stands out by this share of its height; and how long lips
#: take to meet and to part, s.
_PEAK, _STANDS_OUT, _WAY_S = 0.08, 0.5, 0.03
#: So much is heard at once, s: an hour at once takes gigabytes.
_PIECE_S = 10
#: Sound of so many pieces is heard in no time, and shows no progress.
_SHORT = 12
#: Share of the rules where the words are known; the rest is what the network hears.
_KNOWN = 0.5
_FREE = [column for column, track in enumerate(TRACKS) if track not in CONTACTS]
_HELD = [column for column, track in enumerate(TRACKS) if track in CONTACTS]
_JAW, _CLOSED = TRACKS.index("jaw"), TRACKS.index("closed")


def recorded_tracks(samples: Array, rate: int, settings: SpeechSettings) -> Array:
    """The nine tracks (T, 9) of a sound (N,), settings.fps a second.

    Raises:
        FaceGPTError: for a rate that no sound has; for a transcript that isn't what is said, or without its extra.
    """
    stream = SpeechStream(rate, settings, heard_contact=True)
    begins = range(0, max(len(samples), 1), _PIECE_S * rate)
    heard = []
    told: AbstractContextManager[Callable[[int], None]] = nullcontext(_unseen)
    if len(begins) > _SHORT:
        told = Progress("hearing", len(begins))
    with told as progress:
        for k, first in enumerate(begins):
            heard.append(stream.push_tracks(samples[first : first + _PIECE_S * rate]))
            progress(k + 1)
    tracks = np.concatenate([*heard, stream.flush_tracks()])
    if not len(tracks):
        return tracks[:, :-1]
    tracks = _calmed(_closed_at_peaks(tracks, settings.fps), settings.fps)
    if settings.transcript is not None:
        known = _by_transcript(np.asarray(samples, np.float32), rate, settings, len(tracks))
        tracks[:, _HELD] = known[:, _HELD]
        tracks[:, _FREE] = (1 - _KNOWN) * tracks[:, _FREE] + _KNOWN * known[:, _FREE]
    return _opened_ahead(tracks, settings.fps)


def _unseen(done: int) -> None:
    """The progress of what takes no time."""


def _closed_at_peaks(tracks: Array, fps: float) -> Array:
    """Tracks (T, 9) whose lips meet at each peak of how likely they do: of the last column of `tracks` (T, 10)."""
    found, heard = tracks[:, :-1].copy(), tracks[:, -1]
    peaks, about = find_peaks(heard, height=_PEAK, prominence=0.0)
    reach = round(_WAY_S * fps)
    shut = np.cos(np.pi / 2 * np.minimum(np.abs(np.arange(-reach, reach + 1)) / (_WAY_S * fps), 1.0)) ** 2
    for at in peaks[about["prominences"] >= _STANDS_OUT * heard[peaks]]:
        rows = at + np.arange(-reach, reach + 1)
        known = (rows >= 0) & (rows < len(found))
        found[rows[known], _CLOSED] = np.maximum(found[rows[known], _CLOSED], shut[known])
    return found


def _calmed(tracks: Array, fps: float) -> Array:
    """Tracks (T, 9) without haste; what is closed opens no earlier for it, and closes no later."""
    shut = np.clip(1 - tracks[:, _JAW] / _SHUT_JAW, 0.0, 1.0)
    calm, contact = tracks.copy(), np.maximum(_contact_near(tracks, fps), shut)[:, None]
    free = gaussian_filter1d(tracks[:, _FREE], _CALM_S * fps, axis=0)
    calm[:, _FREE] = (1 - contact) * free + contact * np.minimum(free, tracks[:, _FREE])
    return calm


def _contact_near(tracks: Array, fps: float) -> Array:
    """How far a contact is made (T,), within _NEAR_S."""
    return np.asarray(maximum_filter1d(tracks[:, _HELD].max(1), 2 * round(_NEAR_S * fps) + 1))


def _by_transcript(samples: Array, rate: int, settings: SpeechSettings, count: int) -> Array:
    """Tracks (T, 9) by rules from the sounds of the transcript."""
    from facegpt.animate.speech.phonetic import heard_phones

    times = np.arange(count) / settings.fps
    return articulation(heard_phones(samples, rate, settings.transcript), times, effort(samples, rate, times))


def _opened_ahead(tracks: Array, fps: float) -> Array:
    """The same with a jaw that opens a little before the first sound after each pause."""
    still = tracks.max(1) < _AT_REST
    pause, found = round(_PAUSE_S * fps), tracks.copy()
    begins = np.flatnonzero(~still & np.r_[True, still[:-1]])
    time_s, parted = np.arange(len(tracks)) / fps, 1 - _contact_near(tracks, fps)
    for begin in begins:
        if still[max(begin - pause, 0) : begin].all():
            at_s = begin / fps
            way = np.clip((time_s - (at_s - _AHEAD_S)) / _OPENING_S, 0.0, 1.0)
            ahead = _AHEAD_JAW * way * way * (3 - 2 * way) * parted * (time_s <= at_s + 0.05)
            found[:, _JAW] = np.maximum(found[:, _JAW], ahead)
    return found
