"""The machine's loudspeaker, where there is one and the package sounddevice is installed."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("facegpt")


def _device() -> Any:
    """The package, if it is there and finds something to play on; else None."""
    try:
        import sounddevice

        sounddevice.query_devices(kind="output")
    except Exception:  # not installed, no PortAudio, no sound card: whatever it is, nothing can be heard
        return None
    return sounddevice


def play(samples: NDArray[np.float32], rate: int) -> bool:
    """Begin to play samples (N,) of -1..1 after what plays already, and come back at once; False if nobody hears it."""
    device = _device()
    if device is None:
        return False
    try:
        device.wait()
        device.play(samples, rate)
    except Exception as error:  # a card that refuses the rate, or was unplugged
        log.warning("the loudspeaker does not play (%s); the sound is in its file", error)
        return False
    return True


def wait() -> None:
    """Come back when all was heard."""
    device = _device()
    if device is not None:
        device.wait()
