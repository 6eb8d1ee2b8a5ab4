"""Work that calls back with pieces, as an iterator over them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any


class _StoppedError(Exception):
    """The reader of the pieces has gone."""


def pieces_of(work: Callable[[Callable[[str], None]], Any]) -> Iterator[str]:
    """Run work(say) in a thread of its own and give what it says, piece by piece.

    What the work raises is raised here. When the reader stops early, the next piece ends the work.
    """
    pieces: queue.SimpleQueue[tuple[str, BaseException | None]] = queue.SimpleQueue()
    gone = threading.Event()

    def say(piece: str) -> None:
        if gone.is_set():
            raise _StoppedError
        pieces.put((piece, None))

    def run() -> None:
        try:
            work(say)
            pieces.put(("", None))
        except BaseException as error:  # given to the reader
            pieces.put(("", error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while True:
            piece, error = pieces.get()
            if error is not None:
                raise error
            if not piece:
                break
            yield piece
    finally:
        gone.set()
        thread.join()
