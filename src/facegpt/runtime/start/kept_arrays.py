"""Arrays that take a while to make, kept in a file of the cache folder from one process to the next."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from facegpt.errors import FaceGPTError
from facegpt.runtime.arrays import read_stream
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.runtime.cache import cache_folder


def kept_arrays(what: str, key: str, most: int, make: Callable[[], Sequence[NDArray]]) -> list[NDArray]:
    """The arrays that `make` gives, read again if they were kept under the same key.

    Args:
        what: name of a folder in the cache.
        key: name of the file: a digest of all that decides about the arrays.
        most: how many files the folder keeps; the oldest go.
        make: called without arguments.
    """
    path = cache_folder() / what / f"{key[:32]}.npys"
    with contextlib.suppress(OSError, ValueError, EOFError):
        return read_stream(path)
    made = [np.asarray(array, order="C") for array in make()]  # laid out as they are when read again
    data = io.BytesIO()
    for array in made:
        np.save(data, array, allow_pickle=False)
    with contextlib.suppress(FaceGPTError, OSError):  # a cache that cannot be written costs time, nothing else
        make_folder(path.parent)
        write_bytes(path, data.getbuffer())
        for old in sorted(path.parent.glob("*.npys"), key=lambda file: file.stat().st_mtime)[:-most]:
            old.unlink(missing_ok=True)
    return made
