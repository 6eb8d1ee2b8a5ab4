"""The whole chain of live tracking, timed: a video is decoded, its face found, followed and sent over UDP."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from facegpt.api import load
from facegpt.batch.clip import track_live
from facegpt.detect.locate import Locator, window_of
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.windows import Photo
from facegpt.export.live.livelink_udp import decoded
from facegpt.export.live.output import LiveOutput
from facegpt.export.video_file import VideoFile
from facegpt.types import FaceGPTError
from facegpt.video.reading import open_clip
from facegpt_lab.evaluate.clips.drawn import MadeUpClip
from facegpt_lab.evaluate.shared_networks import detector

#: The size of the video, and frames at its start that are not timed: networks are loaded in them, the head is found.
SIZE, WARMING = (640, 480), 15


@dataclass(frozen=True)
class LiveChain:
    """What was timed: seconds from one sent frame to the next, those of MediaPipe's networks alone, packets.

    Attributes:
        spent_s: median over the frames. mediapipe_s: the same, of points and scores of the same face.
        frames: of the video. received: packets that a receiver decoded.
    """

    spent_s: float
    mediapipe_s: float
    frames: int
    received: int


def live_chain(clip: MadeUpClip) -> LiveChain:
    """Write a clip as a video, and run it through live tracking as fast as it goes."""
    with tempfile.TemporaryDirectory() as folder, _Receiver() as receiver:
        path = Path(folder) / "clip.mp4"
        with VideoFile(path, clip.info.fps) as file:
            for frame in clip:
                file.add(np.asarray(Image.fromarray(frame.pixels).resize(SIZE)), frame.time_s)
        sent: list[float] = []
        with LiveOutput(livelink_to=f"127.0.0.1:{receiver.port}") as output:

            def send(*face) -> None:  # type: ignore[no-untyped-def]
                output.send(*face)
                sent.append(time.perf_counter())

            track_live(load(), path, send, lambda line: None, paced=False)
        alone = _mediapipe_s(path)
    between = np.diff(sent)[WARMING:]
    return LiveChain(float(np.median(between)), alone, len(clip.frames), receiver.received)


def _mediapipe_s(path: Path) -> float:
    """Seconds that MediaPipe's networks take for points and scores of a followed face."""
    networks, spent, window = FaceNetworks(), [], None
    with open_clip(path) as frames:
        for frame in frames:
            if window is None:
                found = detector().detect(frame.pixels)
                if not found:
                    continue
                window = window_of(found[0].points)
            start = time.perf_counter()
            points, _ = Locator(Photo(frame.pixels), networks, 0.5, 1.0, False, False).landmarks(window)
            networks.expression(points)
            spent.append(time.perf_counter() - start)
            window = window_of(points)
    return float(np.median(spent[WARMING:]))


class _Receiver:
    """Receives Live Link packets in a thread of its own.

    Attributes:
        port: where. received: packets that could be decoded.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port, self.received, self._over = self._socket.getsockname()[1], 0, False
        self._thread = threading.Thread(target=self._receive, daemon=True)

    def __enter__(self) -> _Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        self._socket.close()

    def _receive(self) -> None:
        while not self._over:
            try:
                decoded(self._socket.recv(4096))
                self.received += 1
            except (TimeoutError, FaceGPTError):
                continue
