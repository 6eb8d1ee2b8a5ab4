"""A video that comes through a pipe, kept in a file, so that it can be looked through twice, drawn over and resumed."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from facegpt.runtime.atomic_files import make_folder
from facegpt.types import FaceGPTError

#: Name in the folder of the take; it goes when the take is done.
NAME = "stdin.video"
_CHUNK = 1 << 20


def copied_stdin(folder: Path) -> Path:
    """Write all of stdin to a file in a folder; after Ctrl-C the file holds what came until then.

    Raises:
        FaceGPTError: if nothing comes, or the file cannot be written.
    """
    path = make_folder(folder) / NAME
    try:
        with path.open("wb") as out, suppress(KeyboardInterrupt):
            while chunk := sys.stdin.buffer.read(_CHUNK):
                out.write(chunk)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise FaceGPTError(f"cannot keep stdin in '{path}' ({error.strerror}); make room, or track a file") from None
    if not path.stat().st_size:
        path.unlink(missing_ok=True)
        raise FaceGPTError("nothing came through stdin; pipe a video into it")
    return path
