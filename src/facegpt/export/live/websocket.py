"""Live motion for web pages and scripts: JSON over a WebSocket of this machine.

Each message is one face of one frame. Convention: ARKit weights 0..1; the head's turn against the upright head as a
unit quaternion (w, x, y, z), x the subject's left, y up, z out of the face; its place in the camera frame, mm; gaze in
degrees (towards the subject's left, up).
"""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES
from facegpt.fitting.gaze import told_deg
from facegpt.runtime.extras import needed
from facegpt.types import FaceGPTError, FaceParams

FORMAT, VERSION = "facegpt-live", 1
HOST = "127.0.0.1"
#: Web pages that may listen: those that this machine serves itself. Programs send no origin.
OWN_PAGES = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


def message_of(number: int, row: NDArray[np.void], params: FaceParams, time_s: float) -> dict[str, Any]:
    """One face of one frame as a message."""
    weights = np.clip(np.asarray(params.expression, np.float64), 0, 1).round(4).tolist()
    turn = Rotation.from_matrix(HEAD_TO_CAMERA_AXES.T @ np.asarray(params.pose.rotation, np.float64))
    left, right = told_deg(row["gaze"]).round(2).tolist()
    return {
        "format": FORMAT,
        "version": VERSION,
        "track_id": number,
        "time_s": round(float(time_s), 4),
        "blendshapes": dict(zip(ARKIT_NAMES, weights, strict=True)),
        "head": {
            "quaternion_wxyz": turn.as_quat()[[3, 0, 1, 2]].round(5).tolist(),
            "translation_mm": np.asarray(params.pose.translation, np.float64).round(2).tolist(),
        },
        "gaze_deg": {"left": left, "right": right},
        "confidence": round(float(row["confidence"]), 3),
    }


class WebSocketOutput:
    """A WebSocket server of its own threads; who listens too slowly misses frames, and holds up nobody.

    Args:
        port: to listen on at 127.0.0.1; 0 takes a free one (see `port`).

    Raises:
        FaceGPTError: if the package websockets is missing or the port is taken.
    """

    def __init__(self, port: int) -> None:
        server = needed("websockets.sync.server", "live output by WebSocket")
        self._gone = needed("websockets.exceptions", "live output by WebSocket").ConnectionClosed
        self._news = threading.Condition()
        self._latest: dict[int, tuple[int, str]] = {}
        self._count, self._open = 0, True
        try:
            self._server = server.serve(
                self._listener, HOST, port, origins=[None, OWN_PAGES], compression=None, close_timeout=1
            )
        except OSError as error:
            raise FaceGPTError(f"port {port} cannot be opened ({error.strerror}); name another one") from None
        self.port: int = self._server.socket.getsockname()[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def send(self, message: dict[str, Any]) -> None:
        """Hand a message to all who listen, in place of an older one of the same person that they have not taken."""
        text = json.dumps(message, allow_nan=False)
        with self._news:
            self._count += 1
            self._latest[int(message["track_id"])] = (self._count, text)
            self._news.notify_all()

    def close(self) -> None:
        """End all connections."""
        with self._news:
            self._open = False
            self._news.notify_all()
        self._server.shutdown()

    def _listener(self, connection: Any) -> None:
        """Send one listener the newest frames, and what comes, until they leave."""
        done = 0
        while True:
            with self._news:
                while self._count == done and self._open:
                    self._news.wait()
                if not self._open:
                    return
                fresh = sorted(item for item in self._latest.values() if item[0] > done)
            for number, text in fresh:
                try:
                    connection.send(text)
                except self._gone:
                    return
                done = number
