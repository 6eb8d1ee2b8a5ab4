"""Whole files or none: a write goes to a new file beside the target, which then takes its place in one step."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from facegpt.errors import FaceGPTError


def make_folder(folder: str | Path) -> Path:
    """Make a folder and those above it if need be; an existing one is kept.

    Raises:
        FaceGPTError: if the place is taken by a file or may not be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FaceGPTError(
            f"cannot make the output folder '{folder}' ({error.strerror}); choose another place to write to"
        ) from error
    return folder


def write_bytes(path: str | Path, data: bytes | memoryview) -> Path:
    """Write a file so that `path` holds either what it held before or all of `data`, whatever interrupts it.

    The bytes reach the disk before the name does (fsync, then os.replace, which is atomic within one folder). The
    permissions are those of a file made by open(). A link at `path` is replaced, not followed.

    Raises:
        FaceGPTError: if the folder is missing or read-only, or the disk is full.
    """
    path = Path(path)
    return write_together({path: data})[0]


def write_together(files: Mapping[Path, bytes | memoryview]) -> tuple[Path, ...]:
    """Write several files of which each is needed: all of them, or where the disk is full none (see `write_bytes`).

    They take their names one after the other, in the given order, when the bytes of all are on the disk.

    Raises:
        FaceGPTError: as `write_bytes`.
    """
    partials = {path: path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp") for path in files}
    path = next(iter(files), Path())
    try:
        for path, data in files.items():
            with open(partials[path], "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for path, partial in partials.items():
            os.replace(partial, path)
    except OSError as error:
        _discard(*partials.values())
        raise _not_written(path, error) from error
    except BaseException:  # Ctrl-C included: leave nothing half-written behind
        _discard(*partials.values())
        raise
    return tuple(files)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into bit by bit, which takes the name `path` when the context is left without an error.

    Raises:
        FaceGPTError: as `write_bytes`.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with open(partial, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        _discard(partial)
        raise _not_written(path, error) from error
    except BaseException:
        _discard(partial)
        raise


def check_room(folder: Path, needed_bytes: int) -> None:
    """Ask whether a disk has room for what long work will write.

    Raises:
        FaceGPTError: if it has not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise FaceGPTError(
            f"there are {free / 1e6:.0f} MB left on the disk of '{folder}', {needed_bytes / 1e6:.0f} MB are needed; "
            "make room, or choose another folder"
        )


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text with Unix line ends: all of it or nothing (see `write_bytes`)."""
    return write_bytes(path, text.encode("utf-8"))


def remove(path: str | Path) -> None:
    """Delete a file if it is there.

    Raises:
        FaceGPTError: if it may not be deleted.
    """
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise FaceGPTError(f"cannot delete '{path}' of an earlier run ({error.strerror}); delete it by hand") from error


def _not_written(path: Path, error: OSError) -> FaceGPTError:
    """What is said of a file that the disk or the folder does not take."""
    reason = error.strerror or error
    return FaceGPTError(f"cannot write '{path}' ({reason}); make room, or choose a folder that may be written")


def _discard(*partials: Path) -> None:
    for partial in partials:
        with contextlib.suppress(OSError):
            partial.unlink()
