"""Whole files or none: a write goes to a new file beside the target, which then takes its place in one step."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from facegpt.types import FaceGPTError


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


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Write a file so that `path` holds either what it held before or all of `data`, whatever interrupts it.

    The bytes reach the disk before the name does (fsync, then os.replace, which is atomic within one folder). The
    permissions are those of a file made by open(). A link at `path` is replaced, not followed.

    Raises:
        FaceGPTError: if the folder is missing or read-only, or the disk is full.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with open(partial, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        _discard(partial)
        raise FaceGPTError(
            f"cannot write '{path}' ({error.strerror or error}); make room, or choose a folder that may be written"
        ) from error
    except BaseException:  # Ctrl-C included: leave nothing half-written behind
        _discard(partial)
        raise
    return path


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


def _discard(partial: Path) -> None:
    with contextlib.suppress(OSError):
        partial.unlink()
