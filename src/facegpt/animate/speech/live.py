"""A head that speaks along with a microphone: frames of its face, each as soon as its sound was heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.animate.curves import Curves
from facegpt.animate.idle import Idle, enlivened
from facegpt.animate.motion import Motion
from facegpt.animate.sound import sound_of
from facegpt.animate.speech.settings import USUAL, SpeechSettings
from facegpt.animate.speech.stream import SpeechStream
from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel
from facegpt.runtime.sound.microphone import MICROPHONE_RATE, heard, played
from facegpt.types import Array, FaceParams

#: The name of the microphone among sources of sound.
MICROPHONE = "mic"
#: What a face does beside its speech is made ahead in stretches of so many seconds.
STRETCH_S = 60.0
Send = Callable[[int, NDArray[np.void], FaceParams, float, MorphableModel], None]
_ROW = np.dtype([("gaze", np.float64, (2, 2)), ("confidence", np.float64)])


@dataclass
class LiveSpeech:
    """What a live run was like.

    Attributes:
        frames: how many were sent. seconds: how long it ran. delays_ms: of each frame, from the moment that its sound
            was spoken until it was sent. busy_s: processor time.
    """

    frames: int = 0
    seconds: float = 0.0
    delays_ms: list[float] = field(default_factory=list)
    busy_s: float = 0.0

    def as_dict(self) -> dict[str, float | int]:
        """Counts and shares for people and programs: delays in ms, the share of one core."""
        delays = self.delays_ms or [0.0]
        return {
            "frames": self.frames,
            "seconds": round(self.seconds, 2),
            "delay_ms": round(float(np.median(delays)), 1),
            "delay_ms_p95": round(float(np.percentile(delays, 95)), 1),
            "core": round(self.busy_s / max(self.seconds, 1e-6), 3),
        }


def speak_live(
    face: Face,
    source: str | Path,
    send: Send,
    settings: SpeechSettings = USUAL,
    idle: Idle | None = None,
    seed: int = 0,
    seconds: float | None = None,
) -> LiveSpeech:
    """Move a head by a microphone until Ctrl-C, or by a file that is played as if it were one.

    Args:
        face: whose head it is.
        source: "mic", or a sound file.
        send: told (0, record with gaze and confidence, parameters, time_s, head model) of each frame.
        settings: picture rate, opening, emotion.
        idle: how lively the face is beside its mouth; None for not at all.
        seed: of blinks, glances and turns.
        seconds: stop after so long.

    Raises:
        FaceGPTError: if the file cannot be read, or there is no microphone.
    """
    if str(source) == MICROPHONE:
        rate, pieces = MICROPHONE_RATE, heard()
    else:
        sound = sound_of(Path(source))
        rate, pieces = sound.rate, played(sound.samples, sound.rate)
    stream, beside = SpeechStream(rate, settings), _Beside(settings.fps, idle, seed)
    told = LiveSpeech()
    stream.push(np.zeros(rate // 50, np.float32))  # the network is compiled and warm before anybody speaks
    stream, begun = SpeechStream(rate, settings), None
    busy = time.process_time()
    heard_s = 0.0
    try:
        for piece in pieces:
            if begun is None:
                begun = time.monotonic() - len(piece) / rate
            for weights in stream.push(piece):
                _sent(face, beside.with_speech(weights, told.frames), send, told, settings.fps, begun)
            heard_s += len(piece) / rate
            if seconds is not None and heard_s >= seconds:
                break
    except KeyboardInterrupt:
        pass
    told.seconds = 0.0 if begun is None else time.monotonic() - begun
    told.busy_s = time.process_time() - busy
    return told


def _sent(face: Face, curves: Curves, send: Send, told: LiveSpeech, fps: float, begun: float) -> None:
    """Send one frame and note how late it is."""
    motion, time_s = Motion.of(curves), told.frames / fps
    row = np.zeros((), _ROW)
    row["gaze"], row["confidence"] = motion.curves.gaze[0], 1.0
    send(0, row[()], motion.followed(face.model, face.params, 0), time_s, face.model)
    told.frames += 1
    told.delays_ms.append(1000 * (time.monotonic() - begun - time_s))


class _Beside:
    """Blinks, glances and turns of the head, made a stretch ahead."""

    def __init__(self, fps: float, idle: Idle | None, seed: int) -> None:
        self._fps, self._idle, self._seed = fps, idle, seed
        self._stretches = self._made()
        self._now, self._begin = next(self._stretches), 0

    def _made(self) -> Iterator[Curves]:
        count = max(round(STRETCH_S * self._fps), 1)
        still = Curves(ARKIT_NAMES, np.zeros((count, len(ARKIT_NAMES))), self._fps).complete()
        while True:
            yield still if self._idle is None else enlivened(still, self._seed, self._idle)
            self._seed += 1

    def with_speech(self, weights: Array, k: int) -> Curves:
        """Frame k (52,) of speech with what goes beside it, as curves of one frame."""
        if k - self._begin >= len(self._now):
            self._begin, self._now = k, next(self._stretches)
        at = slice(k - self._begin, k - self._begin + 1)
        both = np.maximum(self._now.weights[at], weights[None])
        turn, gaze = self._now.turns[at], self._now.gaze[at]
        return replace(self._now, weights=both, turn_deg=turn, gaze_deg=gaze)
