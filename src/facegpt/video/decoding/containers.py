"""Video files, cameras and streams, decoded by ffmpeg through PyAV (the optional package `av`).

Damaged packets are left out and counted, and a file that ends early gives what there is: of a long take nothing else
should be lost. One decoded frame is in memory at a time.
"""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from types import ModuleType, TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed
from facegpt.video.clip import ClipInfo, Frame, VideoError, reduced_size
from facegpt.video.decoding import hdr
from facegpt.video.decoding.upright import orientation_of

#: So many reads in a row may fail before a file counts as ended.
FAILURES_IN_A_ROW = 50
#: A device that has nothing yet (EAGAIN) is asked again after a pause; silent for so long it counts as gone, seconds.
PAUSE_S, LONGEST_SILENCE_S = 0.005, 5.0
#: A file that lacks more than this share of its frames (and more than MISSING_FRAMES) is called truncated.
MISSING_SHARE, MISSING_FRAMES = 0.05, 5


def pyav() -> ModuleType:
    """The module `av`. Raises VideoError with the command that installs it when it is missing."""
    try:
        av = needed("av", "reading videos")
    except FaceGPTError as error:
        raise VideoError(str(error)) from error
    # Its log stays off, as it is by default: damage is counted here. Any level would have ffmpeg's threads wait for the
    # interpreter's lock while a container that is freed waits for them.
    return av


class ContainerClip:
    """A clip that ffmpeg decodes (see `clip.Clip`)."""

    def __init__(self, source: str | int, largest_px: int) -> None:
        """Open a file, "-" for stdin, or a camera by its number. Raises VideoError if there is no video in it."""
        self._av = pyav()
        self._largest_px = largest_px
        self.skipped, self.truncated = 0, False
        self._name = f"camera {source}" if isinstance(source, int) else ("stdin" if source == "-" else source)
        self._container = self._open(source)
        if not self._container.streams.video:
            self._container.close()
            raise VideoError(f"'{self._name}' has no video in it (only sound or data)")
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._live = isinstance(source, int) or source == "-"
        self._pending = self._first_frames()
        self.info = self._describe()

    def _open(self, source: str | int) -> Any:
        try:
            if isinstance(source, int):
                place, kind = _camera(source)
                return self._av.open(place, format=kind)
            return self._av.open(sys.stdin.buffer if source == "-" else source, metadata_errors="replace")
        except (self._av.error.FFmpegError, OSError, ValueError) as error:
            if isinstance(source, int):
                raise VideoError(
                    f"camera {source} cannot be opened ({_reason(error)}); is it there and free?"
                ) from None
            raise VideoError(
                f"'{self._name}' cannot be read as a video ({_reason(error)}); it is damaged or of an unknown kind"
            ) from None

    def _first_frames(self) -> list[Any]:
        """The first decoded frame, for what only frames tell (rotation, size)."""
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            self._container.close()
            raise VideoError(f"'{self._name}' has a video stream but no picture in it can be decoded; it is damaged")
        return [first]

    def _describe(self) -> ClipInfo:
        stream, first = self._stream, self._pending[0]
        width, height = _square(first, stream)
        self._orientation = orientation_of(first)
        if self._orientation.transposed:
            width, height = height, width
        fps = float(stream.average_rate or stream.guessed_rate or 0.0)
        fps = fps if 0.1 < fps < 1000 else 25.0
        sound = bool(self._container.streams.audio)
        return ClipInfo(
            self._name,
            width,
            height,
            fps,
            self._frame_count(fps),
            self._orientation.turn_deg,
            sound,
            not self._live,
            self._orientation.mirrored,
            hdr.NAMES.get(int(first.color_trc), ""),
        )

    def _frame_count(self, fps: float) -> int | None:
        if self._live:
            return None
        if self._stream.frames:
            return int(self._stream.frames)
        if self._stream.duration and self._stream.time_base:
            return max(1, round(float(self._stream.duration * self._stream.time_base) * fps))
        return max(1, round(self._container.duration / 1e6 * fps)) if self._container.duration else None

    def _packets(self) -> Iterator[Any]:
        """Packets of the video stream; where reading fails it goes on behind, and gives up after many failures."""
        failures, asked_s = 0, time.monotonic()
        while failures < FAILURES_IN_A_ROW:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    yield packet
                    asked_s = time.monotonic()
                return
            except (self._av.error.FFmpegError, OSError, ValueError) as error:
                waiting = getattr(error, "errno", None) == errno.EAGAIN
                if waiting and time.monotonic() - asked_s < LONGEST_SILENCE_S:
                    time.sleep(PAUSE_S)
                    continue
                failures += 1
                self.skipped += failures == 1
        self.truncated = True

    def _decode(self) -> Iterator[Any]:
        for packet in self._packets():
            try:
                frames = packet.decode()
            except (self._av.error.FFmpegError, ValueError):
                self.skipped += packet.size > 0
                continue
            for frame in frames:
                if frame.is_corrupt:
                    self.skipped += 1
                else:
                    yield frame

    def __iter__(self) -> Iterator[Frame]:
        start, last = None, None
        index = 0
        while True:
            raw = self._pending.pop() if self._pending else next(self._decoded, None)
            if raw is None:
                break
            time_s = _seconds(raw, self._stream.time_base)
            if time_s is None:
                time_s = 0.0 if last is None else last + 1 / self.info.fps
            start = time_s if start is None else start
            if last is not None and time_s <= last:  # time stamps that repeat or run back
                time_s = last + 1e-3 if last - time_s < 1.0 else last + 1 / self.info.fps
            last = time_s
            pixels, scale = self._pixels(raw)
            yield Frame(index, time_s - start, pixels, scale)
            index += 1
        expected = self.info.frames or 0
        missing = expected - index - self.skipped
        self.truncated = self.truncated or missing > max(MISSING_FRAMES, MISSING_SHARE * expected)

    def _pixels(self, raw: Any) -> tuple[NDArray[np.uint8], float]:
        """One frame as upright square sRGB pixels, reduced; and by how much."""
        width, height = _square(raw, self._stream)
        width, height, scale = reduced_size(width, height, self._largest_px)
        transfer, primaries = int(raw.color_trc), int(raw.color_primaries)
        if hdr.needs_conversion(transfer, primaries):
            coded = raw.to_ndarray(format="rgb48le", width=width, height=height)
            return self._orientation.apply(hdr.as_srgb(coded, transfer, primaries)), scale
        return self._orientation.apply(raw.to_ndarray(format="rgb24", width=width, height=height)), scale

    def __enter__(self) -> ContainerClip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()


def _square(frame: Any, stream: Any) -> tuple[int, int]:
    """Width and height of a frame with square pixels: old camcorders and DVDs have others."""
    ratio = stream.sample_aspect_ratio or Fraction(1)
    ratio = float(ratio) if 0.2 < float(ratio) < 5 else 1.0
    return max(1, round(frame.width * ratio)), frame.height


def _seconds(frame: Any, time_base: Fraction | None) -> float | None:
    base = frame.time_base or time_base
    return None if frame.pts is None or base is None else float(frame.pts * base)


def _camera(number: int) -> tuple[str, str]:
    """What ffmpeg calls a camera on this system: its place and the input format."""
    if sys.platform == "darwin":
        return str(number), "avfoundation"
    if sys.platform == "win32":
        raise VideoError("cameras are named on Windows, and that is not in this release; record a file and track it")
    return f"/dev/video{number}", "v4l2"


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error).split(":")[0].strip() or type(error).__name__
