"""The video of a long take, drawn in pieces of a minute: a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.export.video_file import VideoFile
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.runtime.progress import Progress

Pixels = NDArray[np.uint8]

#: Takes that are longer than two of these are drawn in pieces, s.
PIECE_S = 60.0
#: The file that tells of what take the pieces are.
_KEY = "take.sha256"


def is_long(count: int, fps: float) -> bool:
    """Whether a take of so many frames is drawn in pieces."""
    return count > 2 * PIECE_S * fps


def key_of(*told: object) -> str:
    """What tells a take from others: a hash of arrays, bytes, and of the repr of all else."""
    found = hashlib.sha256()
    for each in told:
        found.update(np.ascontiguousarray(each).tobytes() if isinstance(each, np.ndarray) else repr(each).encode())
        found.update(b"\0")
    return found.hexdigest()


def write_pieces(
    path: Path,
    draw: Callable[[range], Generator[Pixels, None, None]],
    count: int,
    fps: float,
    sound: Path | None,
    mark: bytes,
    key: str,
) -> None:  # fmt: skip
    """Write a video (MP4) of `count` frames whose pieces stay beside it until it is whole.

    Args:
        path: of the file; the pieces lie in the folder .NAME.pieces.
        draw: gives the pictures of some frames.
        count: frames of the take.
        fps: frames a second.
        sound: a file whose sound the video keeps, or None.
        mark: a box that ends the file, or nothing.
        key: of the take and of how it is drawn: pieces of another one are removed.

    Raises:
        FaceGPTError: if a file cannot be written.
    """
    folder, step = path.with_name(f".{path.stem}.pieces"), max(round(PIECE_S * fps), 1)
    told = folder / _KEY
    if folder.is_dir() and (not told.is_file() or told.read_text("utf-8") != key):
        shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    write_text(told, key)
    pieces = {first: folder / f"{first:08d}.mp4" for first in range(0, count, step)}
    missing = [first for first, piece in pieces.items() if not piece.is_file()]
    begins = missing[0] if missing else count
    with Progress("drawing", count) as progress, closing(draw(range(begins, count))) as pictures:
        progress(begins, count)
        for first in range(begins, count, step):  # in one go: a clip is read from its beginning each time it is drawn
            rows, piece = range(first, min(first + step, count)), pieces[first]
            begun = piece.with_suffix(".begun.mp4")  # a video that is left early takes its name as far as it goes
            with VideoFile(begun, fps) as part:
                for k, picture in zip(rows, islice(pictures, len(rows)), strict=True):
                    part.add(picture, (k - first) / fps)
                    progress(k + 1, count)
            os.replace(begun, piece)
    with VideoFile(path, fps, sound, mark) as file:
        for first, piece in pieces.items():
            file.append(piece, first / fps)
    shutil.rmtree(folder, ignore_errors=True)
