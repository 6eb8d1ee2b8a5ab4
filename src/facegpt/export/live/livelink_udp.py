"""Live Link Face packets: what Epic's iPhone app sends to Unreal Engine over UDP, version 6, big-endian throughout.

    byte version | uint32 length, device | uint32 length, subject | int32 frame, float32 subframe, int32 rate,
    int32 rate's denominator | byte count (61) | 61 float32

The units stand in ARKit's own order, which is not that of the app's CSV (jawLeft before jawRight here); after them come
yaw, pitch and roll of the head and of each eye, radians.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.export.livelink_csv import COLUMNS
from facegpt.types import FaceGPTError

VERSION, VALUES = 6, 61
#: The port that Unreal's plug-in listens on.
PORT = 11111
_SWAPPED = {"JawRight": "JawLeft", "JawLeft": "JawRight", "MouthRight": "MouthLeft", "MouthLeft": "MouthRight"}
#: The units in the packet's order, as ARKit names.
UNITS = tuple(name[0].lower() + name[1:] for name in (_SWAPPED.get(name, name) for name in COLUMNS[:52]))
_ROWS = np.array([ARKIT_NAMES.index(name) for name in UNITS])


@dataclass(frozen=True)
class LiveLinkPacket:
    """One frame.

    Attributes:
        device: an id of the sender. subject: its name in Unreal.
        frame, subframe: count of frames and the part behind it. rate, rate_denominator: frames a second.
        expression: (52,) in the order of ARKIT_NAMES. angles_rad: (9,) head, left eye, right eye; yaw, pitch, roll.
    """

    device: str
    subject: str
    frame: int
    subframe: float
    rate: int
    rate_denominator: int
    expression: NDArray[np.float32]
    angles_rad: NDArray[np.float32]


def encoded(packet: LiveLinkPacket) -> bytes:
    """The packet as it goes over the wire."""
    values = np.empty(VALUES, ">f4")
    values[:52], values[52:] = np.asarray(packet.expression)[_ROWS], packet.angles_rad
    texts = b"".join(struct.pack(">I", len(t)) + t for t in (packet.device.encode(), packet.subject.encode()))
    time = struct.pack(">ifii", packet.frame, packet.subframe, packet.rate, packet.rate_denominator)
    return bytes([VERSION]) + texts + time + bytes([VALUES]) + values.tobytes()


def decoded(data: bytes) -> LiveLinkPacket:
    """A packet from the wire. Raises FaceGPTError if it is none of this version."""
    try:
        if data[0] != VERSION:
            raise FaceGPTError(f"this Live Link packet has version {data[0]}; only {VERSION} is understood")
        device, at = _text(data, 1)
        subject, at = _text(data, at)
        frame, subframe, rate, denominator = struct.unpack_from(">ifii", data, at)
        count = data[at + 16]
        values = np.frombuffer(data, ">f4", count, at + 17)
    except (struct.error, IndexError, ValueError):
        raise FaceGPTError("this is no Live Link packet, or its end is missing") from None
    if count != VALUES or at + 17 + 4 * count != len(data):
        raise FaceGPTError(f"this Live Link packet holds {count} values in {len(data)} bytes; {VALUES} are expected")
    expression = np.empty(52, np.float32)
    expression[_ROWS] = values[:52]
    return LiveLinkPacket(
        device, subject, frame, subframe, rate, denominator, expression, values[52:].astype(np.float32)
    )


def _text(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">I", data, at)
    end = at + 4 + length
    if end > len(data):
        raise IndexError
    return data[at + 4 : end].decode("utf-8", "replace"), end
