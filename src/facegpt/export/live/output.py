"""Motion as it happens: VMC and Live Link Face by UDP over the network, and a WebSocket on this machine."""

from __future__ import annotations

import socket
import time
import uuid

import numpy as np
from numpy.typing import NDArray

from facegpt.export.gltf.motion import joint_turns
from facegpt.export.live import livelink_udp, vmc
from facegpt.export.live.livelink_udp import LiveLinkPacket, encoded
from facegpt.export.live.websocket import WebSocketOutput, message_of
from facegpt.export.livelink_angles import eye_angles_rad, head_angles_rad
from facegpt.export.livelink_csv import APP_RATE
from facegpt.morphable.base import MorphableModel
from facegpt.runtime.address import address
from facegpt.types import FaceParams


class LiveOutput:
    """Sends each face to those who listen.

    Args:
        vmc_to, livelink_to: "host" or "host:port", or None.
        websocket: port of a WebSocket for programs and pages of this machine, or None.
    """

    def __init__(self, vmc_to: str | None = None, livelink_to: str | None = None, websocket: int | None = None) -> None:
        self._vmc = address(vmc_to, vmc.PORT) if vmc_to else None
        self._livelink = address(livelink_to, livelink_udp.PORT) if livelink_to else None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._device = str(uuid.uuid4()).upper()
        if self._vmc is not None:
            vmc.frame_datagram(np.zeros(52), {}, 0.0)  # says at once when python-osc is missing
        self.websocket = None if websocket is None else WebSocketOutput(websocket)

    def __enter__(self) -> LiveOutput:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        if self.websocket is not None:
            self.websocket.close()

    def send(
        self,
        number: int,
        row: NDArray[np.void],
        params: FaceParams,
        time_s: float,
        model: MorphableModel | None = None,
    ) -> None:
        """Send one face; VMC knows one person only, who is number 0. A receiver that is away is no error.

        model: the person's head model, whose joints say where VMC's bones are.
        """
        if self.websocket is not None:
            self.websocket.send(message_of(number, row, params, time_s))
        try:
            if self._vmc is not None and number == 0:
                turns = joint_turns(params.pose.rotation[None], params.joints[None, -2:])
                only = {name: turn[0] for name, turn in turns.items()}
                offsets = None if model is None else vmc.joint_offsets(model, params.identity)
                self._socket.sendto(vmc.frame_datagram(params.expression, only, time_s, offsets), self._vmc)
            if self._livelink is not None:
                self._socket.sendto(encoded(packet_of(self._device, number, row, params)), self._livelink)
        except OSError:
            pass


def packet_of(device: str, number: int, row: NDArray[np.void], params: FaceParams) -> LiveLinkPacket:
    """The Live Link packet of one face, with the time of day."""
    rate = int(APP_RATE)
    now = time.time() % 86_400 * rate
    angles = np.concatenate([head_angles_rad(params.pose.rotation[None])[0], eye_angles_rad(row["gaze"]).ravel()])
    subject = "FaceGPT" if number == 0 else f"FaceGPT {number}"
    frame, part = int(now), float(now % 1)
    return LiveLinkPacket(device, subject, frame, part, rate, 1, params.expression, angles.astype(np.float32))
