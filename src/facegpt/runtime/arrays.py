"""Files of numbers, read by one thread at a time."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from facegpt.runtime.steps import with_values

# numpy reads a header with ast.literal_eval, and the syntax trees of CPython before 3.11.8 and 3.12.2 count their depth
# in one place for all threads: two that read at once may fail with a SystemError (cpython#106905).
_one_reader = Lock()
#: What numpy and zipfile raise for damaged files, besides OSError and ValueError.
_DAMAGE: tuple[type[Exception], ...] = (
    *(AttributeError, EOFError, KeyError, MemoryError, NotImplementedError, OverflowError, RuntimeError),
    *(SyntaxError, TypeError, tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error),
)


def read_arrays(path: str | Path) -> dict[str, NDArray]:
    """Every array of an .npz file, without pickle; whole numbers that have steps are multiplied (steps.py).

    Raises:
        OSError: if it cannot be opened.
        ValueError: if it is no .npz file, or a damaged one.
    """
    try:
        with _one_reader, np.load(path, allow_pickle=False) as arrays:
            return with_values({name: arrays[name] for name in arrays.files})
    except _DAMAGE as error:
        raise ValueError(str(error) or "its end is missing") from error


def read_stream(path: str | Path) -> list[NDArray]:
    """All arrays of a file that holds one .npy after the other, without pickle. Raises as `read_arrays`."""
    size = Path(path).stat().st_size
    found = []
    try:
        with _one_reader, open(path, "rb") as file:
            while file.tell() < size:
                found.append(np.load(file, allow_pickle=False))
    except _DAMAGE as error:
        raise ValueError(str(error) or "its end is missing") from error
    return found


def read_array(path: str | Path) -> NDArray:
    """The array of an .npy file, without pickle. Raises OSError or ValueError as `read_arrays`."""
    try:
        with _one_reader:
            return np.load(path, allow_pickle=False)
    except _DAMAGE as error:
        raise ValueError(str(error) or "its end is missing") from error
