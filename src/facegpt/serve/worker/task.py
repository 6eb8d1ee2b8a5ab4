"""One task of a worker: what was asked, how far it has come, and how it is stopped."""

from __future__ import annotations

import _thread
import errno
import json
import logging
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facegpt.runtime.progress import watched
from facegpt.types import FaceGPTError

log = logging.getLogger("facegpt.serve")
#: Progress is told no more often than this, seconds.
TELL_EVERY_S = 0.1


class Cancelled(BaseException):
    """Nobody waits for this task any more. No Exception: what it passes through must not take it for its own."""


class RefusedError(FaceGPTError):
    """A task that cannot be done, with a code for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Task:
    """One task.

    Attributes:
        key: its job's id. kind: which handler. payload: what was asked. send: tells the web process.
    """

    key: str
    kind: str
    payload: dict[str, Any]
    send: Callable[[dict[str, Any]], None] = field(repr=False)
    _told: tuple[str, float] = ("", 0.0)

    def progress(self, stage: str, share: float | None = None) -> None:
        """Say what is being done, and how much of it (0..1) where that is known."""
        now = time.monotonic()
        if self._told[0] != stage or now - self._told[1] >= TELL_EVERY_S:
            self._told = stage, now
            self.send({"event": "progress", "id": self.key, "stage": stage, "progress": share})

    def text(self, piece: str) -> None:
        """Hand on a piece of an answer as it comes."""
        self.send({"event": "text", "id": self.key, "text": piece})

    def made(self, head: dict[str, Any]) -> None:
        """Hand out a head that is there before others of the task are."""
        self.send({"event": "made", "id": self.key, "head": head})

    def live(self, told: dict[str, Any]) -> None:
        """Hand on what one frame of a camera shows."""
        self.send({"event": "live", "id": self.key, "live": told})


class Stopper:
    """Stops the task that the main thread works on: Python code at its next step, as Ctrl-C would.

    Code that does not come back to Python (a long kernel) hears nothing; its process is ended from outside.
    """

    def __init__(self) -> None:
        self.current: str | None = None
        self.wanted: set[str] = set()
        self._signal = signal.SIGINT  # which children ignore otherwise; there is a SIGINT on every system
        signal.signal(self._signal, self._heard)

    def stop(self, key: str) -> None:
        """Called by the thread that listens."""
        self.wanted.add(key)
        if self.current == key:
            if hasattr(signal, "pthread_kill"):  # wakes a main thread that waits in the system, too
                signal.pthread_kill(threading.main_thread().ident or 0, self._signal)
            else:
                _thread.interrupt_main(self._signal)

    def _heard(self, *_: object) -> None:
        if self.current is not None and self.current in self.wanted:
            self.wanted.discard(self.current)  # once: what tidies up after it is not disturbed
            raise Cancelled


def carried_out(
    task: Task, handler: Callable[[Task], dict[str, Any]], stopper: Stopper, folder: Path
) -> dict[str, Any]:
    """Do a task and give the message that ends it, whatever happens."""
    begun = time.monotonic()
    try:
        try:
            stopper.current = task.key
            if task.key in stopper.wanted:
                raise Cancelled
            with watched(lambda label, done, total: task.progress(label, done / total if total else None)):
                result = handler(task)
        finally:
            stopper.current = None
    except Cancelled:
        return {"event": "cancelled", "id": task.key}
    except Exception as error:
        code, message = told_of(error, folder)
        if code == "internal":  # its place in the code, not its words, which may hold somebody's text
            lines = "".join(traceback.format_tb(error.__traceback__))
            log.error("a task of the kind %s failed with %s\n%s", task.kind, type(error).__name__, lines)
        return {"event": "failed", "id": task.key, "error": {"code": code, "message": message}}
    finally:
        stopper.wanted.discard(task.key)
    return {"event": "done", "id": task.key, "result": result, "seconds": time.monotonic() - begun}


def told_of(error: Exception, folder: Path) -> tuple[str, str]:
    """A code and a sentence for an error, without the server's own paths."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return "disk_full", "the server's disk is full; delete heads in the gallery, or make room on the machine"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, MemoryError):
        return "memory", "the server's memory does not suffice for this; try a smaller photo or clip"
    if isinstance(error, FaceGPTError):
        text = str(error).replace(str(folder) + os.sep, "").replace(str(folder), "the store")
        return getattr(error, "code", "refused"), text
    return "internal", "something went wrong inside the server; its log says where"


def encoded(message: dict[str, Any]) -> bytes:
    """A message as it goes through the pipe: JSON, so that nothing that a worker says is ever executed."""
    return json.dumps(message, allow_nan=False).encode()
