"""Live: pieces of sound in, frames of blendshapes out, at most 100 ms behind the sound."""

from __future__ import annotations

import numpy as np

from facegpt.animate.speech.articulate import blendshapes
from facegpt.animate.speech.features import CENTRE_S, FEATURE_RATE, RATE, Level, LogMel, Resampler
from facegpt.animate.speech.mood import with_mood
from facegpt.animate.speech.network import DELAY, ArticulationNetwork
from facegpt.animate.speech.phones import CONTACTS, TRACKS
from facegpt.animate.speech.settings import USUAL, SpeechSettings
from facegpt.errors import FaceGPTError
from facegpt.types import Array

_STEP_S = 1 / FEATURE_RATE
#: Sound that is needed beyond a frame's time before the frame is given, seconds (the interpolation's step included).
LOOK_AHEAD_S = DELAY * _STEP_S + CENTRE_S + _STEP_S
#: A contact that the network holds for less likely than the first doesn't happen, from the second on it is complete:
#: the network is unsure of short ones, and a contact missed is seen more than one too many (lab/runs/speech, LibriVox).
_NO_CONTACT, _CONTACT = 0.1, 0.22
#: An unsure network keeps near the mean: what it gives is brought to the rules' spread, as on two sentences of LibriVox
#: and four of our voices that taught nothing; of rounding, which is heard least, only in part.
_SPREAD = {"jaw": 1.12, "round": 1.4, "funnel": 1.2, "spread": 1.3, "upper": 1.25, "lower": 1.19}
_CONTACT_COLUMNS = [TRACKS.index(track) for track in CONTACTS]
_CLOSED, _TEETH = TRACKS.index("closed"), TRACKS.index("teeth")


class SpeechStream:
    """Follows one speaker: `push` pieces of any length, get the frames that are ready. Frame k is at k / fps seconds.

    Whatever the pieces, the frames are the same.
    """

    def __init__(self, rate: int, settings: SpeechSettings = USUAL, heard_contact: bool = False) -> None:
        """Begin to listen.

        Args:
            rate: samples a second of the pieces.
            settings: picture rate, opening and emotion.
            heard_contact: whether `push_tracks` has a tenth column, how likely the lips' contact is.

        Raises:
            FaceGPTError: for a rate that is no sound's.
        """
        if not 4000 <= rate <= 384000:
            raise FaceGPTError(f"sound has 4,000 to 384,000 samples a second, not {rate}")
        self._settings, self._rate, self._heard_contact = settings, rate, heard_contact
        self._resampler, self._features, self._level = Resampler(rate), LogMel(), Level()
        self._network = ArticulationNetwork()
        # The last ones; the first of them belongs to time _first_s.
        self._tracks = np.zeros((1, len(TRACKS) + heard_contact))
        self._first_s = CENTRE_S - (DELAY + 1) * _STEP_S
        self._frames, self._samples = 0, 0

    def push(self, samples: Array) -> Array:
        """Take samples (n,) in -1..1, give new frames (k, 52) in the order of ARKIT_NAMES; k may be 0."""
        return frames_of(self.push_tracks(samples), self._settings)

    def flush(self) -> Array:
        """The frames that are still held back; the sound ends in silence."""
        return frames_of(self.flush_tracks(), self._settings)

    def push_tracks(self, samples: Array) -> Array:
        """As `push`, but the articulation (k, 9) of the frames."""
        samples = np.asarray(samples, np.float32)
        if samples.ndim != 1:
            raise FaceGPTError(f"a piece of sound is one row of samples (mono), not an array of shape {samples.shape}")
        self._samples += len(samples)
        return self._heard(self._resampler.push(np.nan_to_num(samples, posinf=1.0, neginf=-1.0)))

    def flush_tracks(self) -> Array:
        """As `flush`, but the articulation (k, 9) of the frames."""
        count = int(np.ceil(self._samples / self._rate * self._settings.fps - 1e-6))
        silence = np.zeros(int((LOOK_AHEAD_S + _STEP_S) * RATE) + RATE // 10, np.float32)
        last = np.concatenate([self._resampler.flush(), silence])
        left = count - self._frames
        return self._heard(last)[: max(left, 0)]

    def _heard(self, samples: Array) -> Array:
        tracks = self._network.push(self._level.push(self._features.push(samples)))
        if len(tracks):
            told = [_decided(tracks), *([tracks[:, _CLOSED, None]] if self._heard_contact else [])]
            self._tracks = np.concatenate([self._tracks, np.hstack(told)])
        fps, last_s = self._settings.fps, self._first_s + (len(self._tracks) - 1) * _STEP_S
        count = max(int(np.floor(last_s * fps + 1e-9)) + 1 - self._frames, 0)
        place = ((self._frames + np.arange(count)) / fps - self._first_s) / _STEP_S
        low = np.minimum(place.astype(np.int64), len(self._tracks) - 1)
        high = np.minimum(low + 1, len(self._tracks) - 1)
        share = (place - low)[:, None]
        tracks = self._tracks[low] * (1 - share) + self._tracks[high] * share
        self._frames += count
        past = max(int((self._frames / fps - self._first_s) / _STEP_S) - 1, 0)
        past = min(past, len(self._tracks) - 1)
        self._tracks, self._first_s = self._tracks[past:], self._first_s + past * _STEP_S
        return tracks


def frames_of(tracks: Array, settings: SpeechSettings) -> Array:
    """Blendshapes (T, 52) of articulation (T, 9), with the emotion asked for."""
    contact = np.maximum(tracks[:, _CLOSED], tracks[:, _TEETH])
    return with_mood(blendshapes(tracks, settings.mouth), contact, settings)


def _decided(tracks: Array) -> Array:
    """Tracks (n, 9) with contacts that are either made or not."""
    found = np.asarray(tracks, np.float64).copy()
    share = np.clip((found[:, _CONTACT_COLUMNS] - _NO_CONTACT) / (_CONTACT - _NO_CONTACT), 0, 1)
    found[:, _CONTACT_COLUMNS] = share * share * (3 - 2 * share)
    for track, factor in _SPREAD.items():
        column = TRACKS.index(track)
        found[:, column] = np.minimum(found[:, column] * factor, 1.0)
    return found
