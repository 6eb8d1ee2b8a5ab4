"""Sound from files, for motion that follows it and for videos that keep it."""

from __future__ import annotations

import io
import os
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.runtime.atomic_files import write_bytes
from facegpt.runtime.extras import needed
from facegpt.types import FaceGPTError

#: Sound that is longer is refused, seconds.
LONGEST_S = 3600.0
#: So much is read or written at once, s.
_PIECE_S = 10
_PCM = {1: ("u1", 128.0, 128.0), 2: ("<i2", 0.0, 32768.0), 4: ("<i4", 0.0, 2147483648.0)}


@dataclass(frozen=True, eq=False)
class Sound:
    """One channel of sound.

    Attributes:
        samples: (N,) float32, -1..1. rate: samples a second.
        path: the file that it comes from, whose own channels a video keeps; or None.
    """

    samples: NDArray[np.float32]
    rate: int
    path: Path | None = None

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate

    def wav(self) -> bytes:
        """The sound as a WAV file of 16 bits."""
        data = io.BytesIO()
        with wave.open(data, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate)
            for first in range(0, len(self.samples), _PIECE_S * self.rate):
                piece = np.clip(self.samples[first : first + _PIECE_S * self.rate], -1, 1)
                file.writeframes(np.round(piece * 32767).astype("<i2").tobytes())
        return data.getvalue()

    def write(self, path: Path) -> Path:
        """Write `wav`. Raises FaceGPTError if it cannot be written."""
        return write_bytes(path, self.wav())


def sound_of(source: str | os.PathLike[str] | tuple[Any, int]) -> Sound:
    """The sound of a file, or samples with their rate: (N,) or (N, channels) floats of -1..1, or integers.

    Raises:
        FaceGPTError: if it cannot be read, is empty, or lasts longer than LONGEST_S.
    """
    sound = _given(*source) if isinstance(source, tuple) else read_sound(Path(source))
    if not len(sound.samples):
        raise FaceGPTError(f"there is no sound in {_called(sound)}")
    if sound.seconds > LONGEST_S:
        raise FaceGPTError(f"{_called(sound)} lasts longer than an hour; cut it into pieces of an hour")
    return sound


def read_sound(path: Path) -> Sound:
    """The mean of a file's channels; plain WAV files need no extra. Raises FaceGPTError if it cannot be read."""
    if not path.is_file():
        raise FaceGPTError(f"there is no file '{path}'")
    try:
        with wave.open(str(path)) as file:
            kind, rate, channels = file.getsampwidth(), file.getframerate(), file.getnchannels()
            if kind in _PCM:
                samples = np.zeros(min(file.getnframes(), int((LONGEST_S + 1) * rate)), np.float32)
                form, middle, full = _PCM[kind]
                done = 0
                while done < len(samples):  # in pieces: what an hour takes is one float a sample
                    values = np.frombuffer(file.readframes(min(_PIECE_S * rate, len(samples) - done)), form)
                    values = values[: len(values) // channels * channels].reshape(-1, channels).mean(1)
                    if not len(values):
                        break
                    samples[done : done + len(values)] = (values - middle) / full
                    done += len(values)
                return Sound(samples[:done], rate, path)
    except (wave.Error, EOFError, OSError):
        pass  # another kind of file, whatever its name says
    return _decoded(path)


def _decoded(path: Path) -> Sound:
    """A file that ffmpeg decodes."""
    av = needed("av", "reading sound other than plain WAV files")
    pieces, rate = [], 0
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise FaceGPTError(f"there is no sound in '{path}'")
            stream = container.streams.audio[0]
            rate = stream.codec_context.sample_rate
            resampler = av.AudioResampler("fltp", "mono", rate)
            for frame in container.decode(stream):
                pieces += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
            pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if not pieces:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise FaceGPTError(
                f"'{path}' cannot be read as sound ({reason}); it is no sound file, or damaged"
            ) from None
    return Sound(np.concatenate(pieces or [np.zeros(0)]).astype(np.float32), rate or 1, path)


def _given(samples: Any, rate: int) -> Sound:
    values = np.asarray(samples)
    if values.ndim not in (1, 2) or not np.isfinite(rate) or rate < 1000:
        raise FaceGPTError("sound is samples (N,) or (N, channels) with their rate, from 1000 a second")
    if np.issubdtype(values.dtype, np.integer):
        values = values / float(np.iinfo(values.dtype).max)
    if not np.isfinite(values).all():
        raise FaceGPTError("the samples of the sound are not all numbers")
    return Sound((values if values.ndim == 1 else values.mean(1)).astype(np.float32), int(rate))


def _called(sound: Sound) -> str:
    return "the sound" if sound.path is None else f"'{sound.path}'"
