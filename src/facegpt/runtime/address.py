"""Addresses of programs that motion is sent to."""

from __future__ import annotations

import socket

from facegpt.errors import FaceGPTError


def address(text: str, port: int) -> tuple[str, int]:
    """Host and port of "host" or "host:port". Raises FaceGPTError if it is neither."""
    host, _, said = text.partition(":")
    if not host or (said and not said.isdigit()):
        raise FaceGPTError(f"'{text}' is no address; write a host, or host:port")
    try:
        return socket.gethostbyname(host), int(said or port)
    except OSError as error:
        raise FaceGPTError(f"the host '{host}' is not known ({error.strerror})") from None
