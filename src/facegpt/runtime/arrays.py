"""Files of numbers, read by one thread at a time."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

# numpy reads a header with ast.literal_eval, and the syntax trees of CPython before 3.11.8 and 3.12.2 count their depth
# in one place for all threads: two that read at once may fail with a SystemError (cpython#106905).
_one_reader = Lock()


def read_arrays(path: str | Path) -> dict[str, NDArray]:
    """Every array of an .npz file, without pickle.

    Raises:
        OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile: as numpy does, for what is none.
    """
    with _one_reader, np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def read_array(path: str | Path) -> NDArray:
    """The array of an .npy file, without pickle. Raises OSError, ValueError or EOFError, as numpy does."""
    with _one_reader:
        return np.load(path, allow_pickle=False)
