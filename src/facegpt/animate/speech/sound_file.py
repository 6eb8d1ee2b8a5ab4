"""Sound files of any length, piece by piece: plain WAV by the standard library, all others by PyAV where installed."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed
from facegpt.types import Array

#: Seconds of sound in one piece.
_PIECE_S = 10


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound that is read once: `rate` samples a second, `pieces` of mono float32 (n,) in -1..1."""

    rate: int
    pieces: Iterator[Array]


def open_sound(path: str | Path) -> Sound:
    """Open a sound file, or the sound of a video. What a file is, its content says, not its name.

    Raises:
        FaceGPTError: if there is no such file, no sound in it, or it cannot be read; while it is read likewise.
    """
    path = Path(path)
    if not path.is_file():
        raise FaceGPTError(f"there is no sound file '{path}'")
    try:
        return _plain_wav(path)
    except (wave.Error, EOFError):
        return _decoded(path)


def _plain_wav(path: Path) -> Sound:
    file = wave.open(str(path), "rb")  # noqa: SIM115  (closed when its pieces are read)
    if file.getsampwidth() not in (1, 2, 3, 4) or file.getnchannels() < 1 or file.getframerate() < 1:
        raise wave.Error("unusual")

    def pieces() -> Iterator[Array]:
        with file:
            while data := file.readframes(_PIECE_S * file.getframerate()):
                yield _mono(data, file.getsampwidth(), file.getnchannels())

    return Sound(file.getframerate(), pieces())


def _mono(data: bytes, width: int, channels: int) -> Array:
    """Bytes of whole-number samples as the mean of their channels; a sample cut off at the end is left out."""
    data = data[: len(data) // (width * channels) * width * channels]
    if width == 1:
        samples = np.frombuffer(data, np.uint8).astype(np.float32) - 128
    elif width == 3:
        raw = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
        samples = ((raw[:, 0] << 8 | raw[:, 1] << 16 | raw[:, 2] << 24) >> 8).astype(np.float32)
    else:
        samples = np.frombuffer(data, f"<i{width}").astype(np.float32)
    return (samples / 2 ** (8 * width - 1)).reshape(-1, channels).mean(1)


def _decoded(path: Path) -> Sound:
    av = needed("av", f"reading '{path.name}', which is no plain WAV file,")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError):
        raise FaceGPTError(f"'{path}' cannot be read as sound: it is damaged or of an unknown kind") from None
    if not container.streams.audio:
        container.close()
        raise FaceGPTError(f"'{path}' has no sound in it")
    stream = container.streams.audio[0]
    rate = int(stream.rate or 0)
    if rate <= 0:
        container.close()
        raise FaceGPTError(f"'{path}' cannot be read as sound: it is damaged or of an unknown kind")

    def pieces() -> Iterator[Array]:
        mixer = av.AudioResampler(format="flt", layout="mono", rate=rate)
        with container:
            try:
                for frame in container.decode(stream):
                    for mixed in mixer.resample(frame):
                        yield mixed.to_ndarray().reshape(-1).astype(np.float32)
            except av.error.FFmpegError as error:
                if not isinstance(error, EOFError):
                    raise FaceGPTError(f"'{path}' is damaged: its sound cannot be read to the end") from None

    return Sound(rate, pieces())
