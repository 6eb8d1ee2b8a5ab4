"""Arrays that take seconds to make, kept in the cache folder under the sha256 of all they were made from."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from facegpt.runtime.arrays import read_array
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.runtime.cache import cache_folder
from facegpt.types import FaceGPTError


def kept(what: str, sources: tuple[object, ...], shape: tuple[int, ...], make: Callable[[], NDArray]) -> NDArray:
    """The array that `make` gives, read again if it was made before from the same sources.

    Args:
        what: name of a folder in the cache.
        sources: texts and arrays that decide about the result.
        shape: of the result: a kept array of another shape is made anew.
        make: called without arguments.
    """
    digest = hashlib.sha256(what.encode())
    for source in sources:
        digest.update(source.encode() if isinstance(source, str) else np.ascontiguousarray(source).tobytes())
    path = cache_folder() / what / f"{digest.hexdigest()[:32]}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        found = read_array(path)
        if found.shape == shape:
            return found
    made = make()
    data = io.BytesIO()
    np.save(data, made, allow_pickle=False)
    with contextlib.suppress(FaceGPTError):  # a cache that cannot be written costs time, nothing else
        make_folder(path.parent)
        write_bytes(path, data.getvalue())
    return made
