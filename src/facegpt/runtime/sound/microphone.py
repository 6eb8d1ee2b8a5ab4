"""Sound as it comes: from the machine's microphone, or from a file at its own speed in the place of one."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed

#: Length of a piece, seconds.
BLOCK_S = 0.02
#: Rate of the microphone, samples a second; sound cards know it.
MICROPHONE_RATE = 48000
#: A microphone that gives nothing for so long is gone, seconds.
SILENT_S = 5.0


def played(samples: NDArray[np.float32], rate: int) -> Iterator[NDArray[np.float32]]:
    """Pieces of samples (N,), each when a microphone would have it: at the end of its own time."""
    step, begun = max(round(BLOCK_S * rate), 1), time.monotonic()
    for start in range(0, len(samples), step):
        piece = samples[start : start + step]
        time.sleep(max(begun + (start + len(piece)) / rate - time.monotonic(), 0.0))
        yield piece


def heard() -> Iterator[NDArray[np.float32]]:
    """Pieces (n,) of the microphone at MICROPHONE_RATE, without end.

    Raises:
        FaceGPTError: if the package sounddevice or a microphone is missing, or the microphone goes away.
    """
    pieces: queue.SimpleQueue[NDArray[np.float32]] = queue.SimpleQueue()

    def keep(data: NDArray[np.float32], *_: Any) -> None:
        pieces.put(data[:, 0].copy())

    step = round(BLOCK_S * MICROPHONE_RATE)
    try:
        device = needed("sounddevice", "listening to a microphone")
        stream = device.InputStream(MICROPHONE_RATE, step, channels=1, dtype="float32", callback=keep)
        stream.start()
    except FaceGPTError:
        raise
    except Exception as error:  # no PortAudio, no sound card, no permission: each system has its own kind
        raise FaceGPTError(
            f"no microphone can be heard ({error}); connect or allow one, or give --audio a sound file"
        ) from None
    with stream:
        while True:
            try:
                yield pieces.get(timeout=SILENT_S)
            except queue.Empty:
                raise FaceGPTError("the microphone gives no sound any more; is it still connected?") from None
