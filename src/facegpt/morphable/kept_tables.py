"""Arrays that follow from the package alone, kept in the cache folder from one process to the next.

They are kept as numba keeps kernels: beside the dates and sizes of the program's files and the list of
data files, so that any change of either makes them anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import CHECKSUMS
from facegpt.runtime.start.kept_arrays import kept_arrays

#: How many files of a kind are kept; the oldest go.
MOST_KEPT = 8
_PACKAGE = Path(__file__).parents[1]


def kept_tables(
    what: str, sources: Sequence[object], folders: Sequence[str], make: Callable[[], Sequence[NDArray]]
) -> list[NDArray]:
    """The arrays that `make` gives, read again if they were made before by the same program from the same sources.

    Args:
        what: name of a folder in the cache.
        sources: texts and arrays that decide about the result beside the package's data files.
        folders: of the package, whose programs decide about it.
        make: called without arguments.
    """
    digest = hashlib.sha256(f"{what} {_program(tuple(folders))}".encode())
    for source in sources:
        digest.update(source.encode() if isinstance(source, str) else np.ascontiguousarray(source).tobytes())
    return kept_arrays(what, digest.hexdigest(), MOST_KEPT, make)


@cache
def _program(folders: tuple[str, ...]) -> str:
    """What tells one state of the program and its data files from another."""
    files = [CHECKSUMS, *(file for folder in folders for file in sorted((_PACKAGE / folder).rglob("*.py")))]
    stamps = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return f"{np.__version__} {stamps}"
