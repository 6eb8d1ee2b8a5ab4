"""The model of servers under test: stand-ins for all that is learnt, and words that make a worker misbehave."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import time
from dataclasses import fields
from pathlib import Path

from stand_in_words import word_model

from facegpt.api import FaceGPT

#: Words that a worker under test obeys.
SLEEP, STUCK, DIE, MEMORY, FULL, FAULT = "sleep", "stuck", "die", "memory", "disk full", "fault"
FULL_WRITING = "disk full in the middle"


class Misbehaving(FaceGPT):
    """The stand-in, which does what its words say."""

    def imagine(self, text, seed=0):
        if text == SLEEP:
            for _ in range(6000):  # Python that comes back to its loop
                time.sleep(0.01)
        if text == STUCK:
            hashlib.pbkdf2_hmac("sha256", b"a", b"b", 400_000_000)  # a kernel that does not
        if text == DIE:
            os.kill(os.getpid(), signal.SIGKILL)
        if text == MEMORY:
            raise MemoryError
        if text == FULL:
            raise OSError(errno.ENOSPC, "No space left on device", "/secret/place")
        if text == FAULT:
            raise ValueError("somebody's words")
        if text == FULL_WRITING:
            _fill_disk()
            text = "a man"
        return super().imagine("a man with a wide nose" if text.startswith("<") else text, seed)


def _fill_disk() -> None:
    """Have the next record of a head find no more room on the disk, when other files of it are written."""
    written = Path.write_text

    def full(self, data, *arguments):
        if self.name == "head.json":
            Path.write_text = written
            self.write_bytes(data[:100].encode())
            raise OSError(errno.ENOSPC, "No space left on device", str(self))
        return written(self, data, *arguments)

    Path.write_text = full


def model(device: str) -> FaceGPT:
    """The model of a worker."""
    made = word_model()
    return Misbehaving(**{one.name: getattr(made, one.name) for one in fields(FaceGPT) if one.init})
