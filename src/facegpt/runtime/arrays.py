"""Files of numbers, read by one thread at a time."""

from __future__ import annotations

import math
import mmap
import os
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from threading import Lock
from typing import IO

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


def unwritable(array: NDArray) -> NDArray:
    """The same array as one that may not be written.

    Numba compiles a kernel once for arrays that may be written and once for others: what takes both is given these.
    """
    view = array.view()
    view.flags.writeable = False
    return view


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
    """All arrays of a file that holds one .npy after the other, without pickle. Raises as `read_arrays`.

    They are pages of the file, copied where they are written: what is not looked at is not read.
    """
    found = []
    try:
        with _one_reader, open(path, "rb") as file:
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)  # ends with its last array
            while file.tell() < len(pages):
                found.append(_next_array(file, pages))
    except _DAMAGE as error:
        raise ValueError(str(error) or "its end is missing") from error
    return found


def _next_array(file: IO[bytes], pages: mmap.mmap) -> NDArray:
    """The array of the .npy that begins where a file stands; the file stands behind it then."""
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array of another version of the format")
    shape, by_columns, kind = np.lib.format.read_array_header_1_0(file)
    count = math.prod(shape)
    array = np.frombuffer(pages, kind, count, file.tell()) if count else np.empty(0, kind)
    file.seek(count * kind.itemsize, os.SEEK_CUR)
    array = array if array.flags.aligned else array.copy()  # kernels are compiled for numbers that lie at their steps
    return array.reshape(shape, order="F" if by_columns else "C")


def read_array(path: str | Path) -> NDArray:
    """The array of an .npy file, without pickle. Raises OSError or ValueError as `read_arrays`."""
    try:
        with _one_reader:
            return np.load(path, allow_pickle=False)
    except _DAMAGE as error:
        raise ValueError(str(error) or "its end is missing") from error
