"""A model process that is watched: started, talked to through a pipe, ended, and started again when it dies.

What it says goes to one listener in the event loop, in order. Two threads stand between: one reads the pipe, one
writes it, so that a worker that does not read holds up nobody. The one that reads hands over the next task, so that a
process that is done does not wait until the event loop has time for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import multiprocessing
import queue
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from facegpt.serve.jobs import ENDED

log = logging.getLogger("facegpt.serve")
#: How long a process may take to end when it is asked to, seconds.
END_S = 3.0

Listener = Callable[["Supervisor", dict[str, Any]], None]


class Supervisor:
    """One model process at a time.

    Args:
        model: what gives the model, "module:function". device: where its networks run. folder: of the store.
        words: whether its language model is made ready, too.
        listener: told each message of the process, and {"event": "died", "code": …} at its end.
    """

    def __init__(self, model: str, device: str, folder: Path, words: bool, listener: Listener) -> None:
        self._told = (model, device, str(folder), words)
        self._listener = listener
        self._process: Any = None
        self._gone = threading.Event()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._next: dict[str, Any] | None = None
        self._taken: str | None = None
        self._lock = threading.Lock()
        self.generation = 0

    @property
    def alive(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and not self._gone.is_set()

    @property
    def process_id(self) -> int | None:
        """The id of the process, if there is one."""
        return None if self._process is None else self._process.pid

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start a process; nothing it says is lost."""
        from facegpt.serve.worker import process as worker

        context = multiprocessing.get_context("spawn")  # the same on every system, and safe beside threads
        ours, theirs = context.Pipe()
        self.generation += 1
        self.prepare(None)
        self._outbox, self._gone = queue.SimpleQueue(), threading.Event()
        self._process = context.Process(target=worker.main, args=(theirs, *self._told), daemon=True)
        self._process.start()
        theirs.close()
        parts = (ours, self._process, self.generation, loop)
        threading.Thread(target=self._read, args=parts, daemon=True).start()
        threading.Thread(target=_write, args=(ours, self._outbox), daemon=True).start()

    def send(self, message: dict[str, Any]) -> None:
        """Say something to the process."""
        self._outbox.put(b"J" + json.dumps(message).encode())

    def send_frame(self, data: bytes) -> None:
        """Hand over a picture of a camera."""
        self._outbox.put(b"F" + data)

    def prepare(self, message: dict[str, Any] | None) -> bool:
        """Lay out the task that the process gets as soon as it is done with its own, or none.

        Whether that was possible: not for a task that it has got already.
        """
        with self._lock:
            possible = message is None or message["id"] != self._taken
            self._next = message if possible else None
            return possible

    def withdraw(self, key: str) -> bool:
        """Take back a task that was laid out; False if the process has got it already."""
        with self._lock:
            if self._next is not None and self._next["id"] == key:
                self._next = None
            return self._taken != key

    def _hand_over(self) -> str | None:
        """Give the process the task that was laid out for it, and give that one's id."""
        with self._lock:
            if (message := self._next) is None:
                return None
            self._next, self._taken = None, message["id"]
            self.send(message)
            return self._taken

    def end(self) -> None:
        """End the process now, whatever it does; blocks for a moment."""
        process, gone = self._process, self._gone
        if process is None:
            return
        self._outbox.put(None)
        process.terminate()
        if not gone.wait(END_S):
            process.kill()
            gone.wait(END_S)

    def _read(self, pipe: Connection, process: Any, generation: int, loop: asyncio.AbstractEventLoop) -> None:
        """Hand on what the process says until it ends."""
        gone = self._gone

        def tell(message: dict[str, Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server has ended
                loop.call_soon_threadsafe(self._heard, generation, message)

        while True:
            try:
                data = pipe.recv_bytes()
            except (EOFError, OSError):
                break
            with contextlib.suppress(ValueError):
                message = json.loads(data)
                if message["event"] in ENDED and generation == self.generation:
                    message["next"] = self._hand_over()
                tell(message)
        code = _end_of(process)
        gone.set()
        tell({"event": "died", "code": code})
        pipe.close()

    def _heard(self, generation: int, message: dict[str, Any]) -> None:
        if generation == self.generation:  # not of a process that was replaced
            self._listener(self, message)


def _end_of(process: Any) -> int | None:
    """The exit code of a process, once it has ended; None if somebody else has heard it.

    Where two threads wait for one process, the system tells only one of them. To the other `multiprocessing` says that
    the process still lives, until the first has noted the code.
    """
    process.join()
    end = time.monotonic() + END_S
    while process.exitcode is None and time.monotonic() < end:
        time.sleep(0.01)
    return process.exitcode  # type: ignore[no-any-return]


def _write(pipe: Connection, outbox: queue.SimpleQueue[bytes | None]) -> None:
    """Write what is to be said; a process that has gone hears nothing."""
    while (data := outbox.get()) is not None:
        try:
            pipe.send_bytes(data)
        except (OSError, ValueError):
            return


def told_of_end(code: int | None) -> str:
    """Why a model process ended, for people."""
    why = "it was ended from outside, mostly because the memory did not suffice" if code == -9 else f"exit code {code}"
    return f"the model process ended while it worked on this ({why}); it was started again. Try a smaller file"
