"""Networks as onnxruntime optimised them for this machine, kept in the cache folder: opened in half the time.

What is optimised depends on onnxruntime's version and on the processor, so both are in a file's name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from facegpt.errors import FaceGPTError
from facegpt.runtime.atomic_files import make_folder
from facegpt.runtime.cache import cache_folder
from facegpt.runtime.onnx_session import open_session, version

#: How many files are kept; the oldest go.
MOST_KEPT = 24


def open_kept(network: Path, threads: int = 1, device: str = "cpu") -> Any:
    """`open_session` of a network's file; on the processor it is read as it was optimised before."""
    return open_made("", lambda: network, (network,), threads, device)


def open_made(
    what: str, make: Callable[[], Path | bytes], sources: Sequence[Path], threads: int = 1, device: str = "cpu"
) -> Any:
    """`open_session` of a network that is made only where it was not kept before.

    what: tells it from others of the same sources. make: gives it, or its file. sources: files that decide about it.
    """
    if device != "cpu":
        return open_session(make(), threads, device)
    kept = cache_folder() / "networks" / f"{_digest(what, sources)}.onnx"
    if kept.is_file():
        with contextlib.suppress(Exception):  # a damaged file: onnxruntime raises many kinds, all of its own
            return open_session(kept, threads, optimised=True)
    network = make()
    with contextlib.suppress(Exception):  # a cache that cannot be written costs time, nothing else
        return _kept(network, threads, kept)
    return open_session(network, threads)


def _kept(network: Path | bytes, threads: int, place: Path) -> Any:
    """Open a network, and keep what it is when it is optimised. Raises where it cannot be opened or kept."""
    with contextlib.suppress(FaceGPTError):
        make_folder(place.parent)
    partial = place.with_name(f".{place.stem}.{secrets.token_hex(6)}.tmp")
    try:
        session = open_session(network, threads, written_to=partial)
        os.replace(partial, place)
    finally:
        partial.unlink(missing_ok=True)
    for old in sorted(place.parent.glob("*.onnx"), key=lambda file: file.stat().st_mtime)[:-MOST_KEPT]:
        old.unlink(missing_ok=True)
    return session


def _digest(what: str, sources: Sequence[Path]) -> str:
    from llvmlite.binding import get_host_cpu_name

    stamps = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in sources]
    return hashlib.sha256(f"{what} {version()} {get_host_cpu_name()} {stamps}".encode()).hexdigest()[:32]
