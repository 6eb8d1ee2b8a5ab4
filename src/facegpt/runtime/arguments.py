"""Checks of what callers pass."""

from __future__ import annotations

from numbers import Integral

from facegpt.types import FaceGPTError


def check_whole(name: str, number: object, least: int) -> None:
    """Raise FaceGPTError unless a number beside a text ("seed", "count") is a whole one of `least` or more."""
    if not isinstance(number, Integral) or number < least:
        raise FaceGPTError(f"{name} is a whole number of {least} or more, not {number!r}")
