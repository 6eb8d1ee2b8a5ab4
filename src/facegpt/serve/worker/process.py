"""The loop of a model process: one task after the other in its main thread, while another thread listens.

The pipe carries bytes: b"J" and JSON, or b"F" and a picture of a camera. No pickles: what decodes strangers' photos
must not be able to make the web process execute anything.
"""

from __future__ import annotations

import json
import logging
import queue
import sys
import threading
import time
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from facegpt.runtime.processes import as_child, give_back
from facegpt.runtime.start.deferred_modules import defer_modules
from facegpt.serve.memory import memory_bytes
from facegpt.serve.worker.task import Stopper, Task, carried_out, encoded, told_of


def main(pipe: Connection, model: str, device: str, folder: str, words: bool) -> None:
    """Load the model and work until the pipe is closed. words: whether the language model is made ready, too."""
    as_child()
    defer_modules()  # as the command line does: 65 MB less
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    inbox: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    stopper, lock = Stopper(), threading.Lock()

    def send(message: dict[str, Any]) -> None:
        with lock:
            pipe.send_bytes(encoded(message))

    threading.Thread(target=_listen, args=(pipe, inbox, frames, stopper), daemon=True).start()
    try:
        shop = _opened(model, device, Path(folder), words, frames, send)
    except Exception as error:
        send({"event": "broken", "message": told_of(error, Path(folder))[1]})
        raise
    send({"event": "ready"})
    while (asked := inbox.get()) is not None:
        if "make_room" in asked:
            shop.make_room()
        else:
            task = Task(asked["id"], asked["kind"], asked["payload"], send)
            send(carried_out(task, shop.handler(task.kind), stopper, Path(folder)))
        give_back()
        send({"event": "use", "bytes": memory_bytes(), "cpu_s": time.process_time()})


def _opened(model: str, device: str, folder: Path, words: bool, frames: Any, send: Any) -> Any:
    """The workshop, with its model loaded and warm."""
    from facegpt.serve.worker.workshop import Workshop

    module, _, name = model.partition(":")
    source = import_module(module)
    shop = Workshop(getattr(source, name)(device), folder, frames)
    send({"event": "vocabulary", "vocabulary": shop.vocabulary()})
    if hasattr(source, "warm"):
        source.warm(shop.model, words)
    return shop


def _listen(pipe: Connection, inbox: Any, frames: Any, stopper: Stopper) -> None:
    """Sort what comes; the end of the pipe is the end of the work."""
    while True:
        try:
            data = pipe.recv_bytes()
        except (EOFError, OSError):
            inbox.put(None)
            frames.put(None)
            return
        if data[:1] == b"F":
            frames.put(data[1:])
            continue
        message = json.loads(data[1:])
        if "stop" in message:
            stopper.stop(message["stop"])
        elif "end_of_frames" in message:
            frames.put(None)
        else:
            inbox.put(message)
