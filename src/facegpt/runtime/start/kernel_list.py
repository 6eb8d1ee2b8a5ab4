"""Which kernels a photo needs, with the types that they are called with: kernels.txt, by lab/runs/kernels/record.py.

A line is the module, the function, the size of its machine code and its arguments' types, with tabs between. It is no
contract: what is missing there is compiled when it is called first.
"""

from __future__ import annotations

import contextlib
import os
import sysconfig
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("kernels.txt")
_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Kernel:
    """A compiled function and the types of its arguments. size: of its code in bytes: what compiling it costs."""

    module: str
    function: str
    size: int
    types: str

    @property
    def source(self) -> Path:
        """The file of its module."""
        return _ROOT / (self.module.replace(".", "/") + ".py")


@cache
def kernels() -> tuple[Kernel, ...]:
    """All kernels of the list."""
    rows = (line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines() if line)
    return tuple(Kernel(module, function, int(size), types) for module, function, size, types in rows)


def missing() -> list[Kernel]:
    """The kernels of which numba has kept nothing for this Python, or only what an older version's file gave."""
    return [kernel for kernel in kernels() if not _is_kept(kernel)]


def dealt(chosen: Iterable[Kernel], count: int) -> list[list[Kernel]]:
    """Kernels in about equal shares, those of one module together: they call each other."""
    modules: dict[str, list[Kernel]] = defaultdict(list)
    for kernel in chosen:
        modules[kernel.module].append(kernel)
    shares: list[list[Kernel]] = [[] for _ in range(count)]
    for together in sorted(modules.values(), key=_size, reverse=True):
        min(shares, key=_size).extend(together)
    return [share for share in shares if share]


def _size(chosen: list[Kernel]) -> int:
    return sum(kernel.size for kernel in chosen)


def _is_kept(kernel: Kernel) -> bool:
    try:
        written = kernel.source.stat().st_mtime
    except OSError:
        return True  # the package lies in no folder: numba keeps what it can
    return any(kept >= written for _, kept in _indices_of(kernel))


def renew(kernel: Kernel) -> None:
    """Date what numba has kept of a kernel as of now, when it was read or written.

    A source that is newer than it may still be the same, after a checkout.
    """
    for file, _ in _indices_of(kernel):
        with contextlib.suppress(OSError):  # a folder that is only read
            os.utime(file)


def _indices_of(kernel: Kernel) -> list[tuple[Path, float]]:
    start = f"{kernel.source.stem}.{kernel.function}-"
    return [(file, kept) for file, kept in _indices(kernel.source.parent) if file.name.startswith(start)]


def _indices(folder: Path) -> list[tuple[Path, float]]:
    """The indices that numba has kept for this Python of a folder's modules, with their dates."""
    told = os.environ.get("NUMBA_CACHE_DIR")
    elsewhere = Path(told) if told else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "numba"
    return [*_in_folder(folder / "__pycache__"), *_below(elsewhere)]


@cache
def _in_folder(folder: Path) -> tuple[tuple[Path, float], ...]:
    ending = f".py{sysconfig.get_python_version().replace('.', '')}.nbi"
    found = folder.glob(f"*{ending}") if folder.is_dir() else ()
    return tuple((file, file.stat().st_mtime) for file in found)


@cache
def _below(folder: Path) -> tuple[tuple[Path, float], ...]:
    if not folder.is_dir():
        return ()
    return tuple(found for inner in [folder, *folder.glob("*/")] for found in _in_folder(inner))
