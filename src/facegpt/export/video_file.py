"""Writing a video of pictures that were made from a clip, at the clip's own times and with its sound.

Picture and sound start together in every player: a file that grows in pieces has no list of edits that would tell how
long frames out of order and the sound's encoder delay it, so that there are none of the former, and the latter is made
up for. Colours are BT.709, and say so.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.data.content_credentials import sign_file
from facegpt.data.provenance import SOURCE_TYPE
from facegpt.runtime.atomic_files import make_folder, remove
from facegpt.types import FaceGPTError
from facegpt.video.decoding.containers import pyav

_TICKS = 90_000
#: The index of a plain MP4 is its end, for which a full disk has no room: pieces of a second (µs) have their own.
_IN_PIECES = {"movflags": "hybrid_fragmented", "frag_duration": "1000000"}
#: The code of BT.709 as matrix, primaries and transfer (ITU-T H.273), and of limited range.
_BT709 = 1
#: Samples of silence that the AAC encoder puts before the sound: so many are left out at its beginning.
_AAC_DELAY = 1024
#: Sound that an MP4 file takes as it is; other kinds become AAC.
_AS_IT_IS = frozenset(("aac", "mp3", "mp2", "ac3"))


class VideoFile:
    """An MP4 file that grows picture by picture; at the end of the context it takes its name, whole.

    On a full disk what was written until then takes the name, where it can be played and no file has it: the file
    grows in pieces of a second each of which stands alone, and becomes a plain MP4 at its end.

    Args:
        path: of the file.
        fps: mean frame rate.
        sound_of: a file whose sound is kept, or None.
        mark: a box that ends the file (data/provenance.py), or nothing.

    Raises:
        FaceGPTError: here and while it grows, if it cannot be written.
    """

    def __init__(self, path: Path, fps: float, sound_of: Path | None = None, mark: bytes = b"") -> None:
        self.path, self._mark = path, mark
        make_folder(path.parent)
        for left in path.parent.glob(f".{path.stem}.{'[0-9a-f]' * 8}.mp4"):
            remove(left)  # of work that was killed
        self._av = pyav()
        self._partial = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.mp4")
        self._fps, self._last, self._failed = fps, -1, False
        self._video: Any = None
        self._coded = False  # whether its pictures come as they are coded in other files
        try:
            self._out = self._av.open(str(self._partial), "w", options=_IN_PIECES)
        except (self._av.error.FFmpegError, OSError) as error:
            raise self._cannot(error) from None
        self._sound = _Sound(self._av, self._out, sound_of) if sound_of is not None else None

    def __enter__(self) -> VideoFile:
        return self

    def add(self, pixels: NDArray[np.uint8], time_s: float) -> None:
        """Append a picture (H, W, 3) uint8, all of one size; the last row or column of odd sizes is left out."""
        height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
        with self._writing():
            if self._video is None:
                self._video = self._stream(width, height)
            rgb = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:height, :width]), format="rgb24")
            frame = rgb.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.time_base = Fraction(1, _TICKS)
            frame.pts = self._last = max(self._last + 1, round(time_s * _TICKS))
            self._out.mux(self._video.encode(frame))
            if self._sound is not None:
                self._sound.up_to(time_s)

    def append(self, path: Path, starts_s: float) -> None:
        """Append the pictures of a video that this class wrote without sound, as they are coded, from a time on."""
        with self._writing(), self._av.open(str(path)) as piece:
            stream = piece.streams.video[0]
            if self._video is None:
                self._video, self._coded = self._out.add_stream_from_template(stream), True
                if self._sound is not None:
                    self._sound.begin()
            for packet in piece.demux(stream):
                if packet.pts is None:
                    continue
                shift = round(starts_s / float(packet.time_base))
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                time_s = float(packet.pts * packet.time_base)
                packet.stream = self._video
                self._out.mux(packet)
                self._last = round(time_s * _TICKS)
                if self._sound is not None:
                    self._sound.up_to(time_s)

    def _stream(self, width: int, height: int) -> Any:
        codec = "libx264" if "libx264" in self._av.codecs_available else "mpeg4"
        options = {"crf": "20", "preset": "veryfast", "bf": "0"} if codec == "libx264" else {"qscale": "3"}
        stream = self._out.add_stream(codec, rate=Fraction(self._fps).limit_denominator(1001), options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, _TICKS)
        for kind in ("colorspace", "color_primaries", "color_trc", "color_range"):
            setattr(stream.codec_context, kind, _BT709)
        if self._sound is not None:
            self._sound.begin()
        return stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._failed:
                with self._writing():
                    self._finish()
        finally:
            self._partial.unlink(missing_ok=True)
            if self._sound is not None:
                self._sound.close()

    def _finish(self) -> None:
        if self._video is not None:
            if not self._coded:
                self._out.mux(self._video.encode())
            if self._sound is not None:
                self._sound.finish(self._last / _TICKS + 1 / self._fps)
        self._out.close()
        if self._video is not None:
            if self._mark:
                with self._partial.open("ab") as file:
                    file.write(self._mark)
                sign_file(self._partial, "video/mp4", SOURCE_TYPE)
            os.replace(self._partial, self.path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Tell failures to write in a sentence, with what can be played in its place."""
        try:
            yield
        except (self._av.error.FFmpegError, OSError) as error:
            self._failed = True
            kept = self._kept_part()
            raise self._cannot(error, "; what was written until then can be played" if kept else "") from None

    def _kept_part(self) -> bool:
        """Give the name to what was written, if it can be played and there is no older file; whether it could."""
        with suppress(self._av.error.FFmpegError, OSError):
            self._out.close()
        if self.path.exists():
            return False
        try:
            with self._av.open(str(self._partial)) as written:
                playable = next(written.decode(video=0), None) is not None
            if playable:
                os.replace(self._partial, self.path)
            return playable
        except (self._av.error.FFmpegError, OSError, IndexError):
            return False

    def _cannot(self, error: BaseException, kept: str = "") -> FaceGPTError:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return FaceGPTError(f"cannot write '{self.path}' ({reason}); make room, or choose another folder{kept}")


class _Sound:
    """The sound track of a file, carried over in step with the pictures."""

    def __init__(self, av: Any, out: Any, source: Path) -> None:
        self._av, self._out = av, out
        self._container = av.open(str(source), metadata_errors="replace")
        self._inputs = list(self._container.streams.audio)[:1]
        self._output: Any = None
        self._copied = bool(self._inputs) and self._inputs[0].codec_context.name in _AS_IT_IS
        self._waiting: Any = None
        video = next(iter(self._container.streams.video), None)  # a file of sound alone begins with its sound
        start = None if video is None else video.start_time
        self._start_s = 0.0 if video is None or start is None or not video.time_base else float(start * video.time_base)

    def begin(self) -> None:
        """Add the stream; before the first picture is written."""
        if not self._inputs:
            return
        if self._copied:
            self._output = self._out.add_stream_from_template(self._inputs[0])
        else:
            heard = self._inputs[0].codec_context
            layout = "mono" if heard.layout.nb_channels == 1 else "stereo"
            self._output = self._out.add_stream("aac", rate=heard.sample_rate, layout=layout)
            self._resampler = self._av.AudioResampler("fltp", layout, heard.sample_rate)
        self._packets = self._pieces()

    def up_to(self, time_s: float) -> None:
        """Carry over what sounds before a time."""
        while self._output is not None:
            piece = self._waiting or next(self._packets, None)
            self._waiting = None
            if piece is None:
                self._output = None
            elif piece[0] > time_s:
                self._waiting = piece
                return
            else:
                self._out.mux(piece[1])

    def finish(self, time_s: float) -> None:
        """Carry over the rest, up to the end of the pictures."""
        self.up_to(time_s)

    def close(self) -> None:
        self._container.close()

    def _pieces(self) -> Iterator[tuple[float, Any]]:
        """Packets of the new stream with the time at which they begin; what cannot be read is silent."""
        packets, samples, begins = iter(self._container.demux(self._inputs[0])), _AAC_DELAY, 0.0
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                if self._copied:
                    yield from self._shifted(packet, self._output)
                    continue
                for frame in packet.decode():
                    for piece in self._resampler.resample(frame):
                        if samples == _AAC_DELAY:
                            piece = self._from_delay(piece, (frame.time or 0.0) - self._start_s)
                        if piece is None:
                            continue
                        piece.pts, piece.time_base = samples, Fraction(1, piece.sample_rate)
                        samples, begins = samples + piece.samples, samples / piece.sample_rate
                        yield begins, self._output.encode(piece)
            except (self._av.error.FFmpegError, ValueError):
                break
        if not self._copied and samples > _AAC_DELAY:
            yield begins, self._output.encode(None)

    def _from_delay(self, piece: Any, begins_s: float) -> Any:
        """What follows the encoder's delay of the first sound, with silence where it begins later; None if nothing."""
        late = round(begins_s * piece.sample_rate) - _AAC_DELAY
        if late + piece.samples <= 0:
            return None
        sound = piece.to_ndarray()
        sound = sound[:, -late:] if late < 0 else np.pad(sound, ((0, 0), (late, 0)))
        out = self._av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout=piece.layout.name)
        out.sample_rate = piece.sample_rate
        return out

    def _shifted(self, packet: Any, output: Any) -> Iterator[tuple[float, Any]]:
        """A packet as it is, at the time since the first picture."""
        if packet.pts is None or packet.size == 0:
            return
        shift = round(self._start_s / float(packet.time_base))
        packet.pts, packet.dts = packet.pts - shift, (packet.dts or packet.pts) - shift
        begins = float(packet.pts * packet.time_base)
        if begins >= 0:
            packet.stream = output
            yield begins, packet
