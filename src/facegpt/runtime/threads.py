"""One thread for work made of thousands of small solves, whatever the libraries would start by themselves."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from facegpt.runtime.processes import cores


@dataclass
class _Holder:
    """Whether one thread of the program holds the limit, and what torch had before it did; used under the lock.

    torch_threads: 0 while torch is not loaded.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    held: bool = False
    torch_threads: int = 0


_holder = _Holder()
_mine = threading.local()


@contextmanager
def one_thread() -> Iterator[None]:
    """Context, or decorator of a function, in which torch and the BLAS of numpy and scipy use one thread.

    A matrix of a few hundred rows is solved no faster by two threads, and many times slower when the second has to
    wait for a core that another program is busy on. The program is left with the threads that it had before. BLAS
    counts them for all threads of the program, so of several that are inside at once the first alone limits it and
    puts it back; one that stays longer may then get more.
    """
    if getattr(_mine, "inside", False):  # a fit inside a fit
        yield
        return
    told, blas = _enter()
    try:
        yield
    finally:
        _leave(told, blas)


def _enter() -> tuple[int, Any]:
    """Threads of torch to put back, and the limit of BLAS if it is this thread's; from here on there is one thread.

    Torch is not loaded for this: where nothing has needed it there is nothing to limit, and the threads are 0.
    """
    torch = _torch()
    with _holder.lock:
        blas = None
        if not _holder.held:
            _holder.held, _holder.torch_threads = True, 0
            blas = _controller().limit(limits=1)
            blas.__enter__()
        _mine.inside = True
        if torch is None:
            return 0, blas
        _holder.torch_threads = _holder.torch_threads or torch.get_num_threads()
        torch.set_num_threads(1)  # of this thread or of the whole program, which differs between builds
        return _holder.torch_threads, blas


def _leave(told: int, blas: Any) -> None:
    with _holder.lock:
        _mine.inside = False
        if told:
            sys.modules["torch"].set_num_threads(told)
        if blas is not None:
            blas.__exit__(None, None, None)
            _holder.held = False


def usable_threads() -> int:
    """How many threads a call may use here: one inside `one_thread`, else as many as torch has, or would start with."""
    if getattr(_mine, "inside", False):
        return 1
    if (torch := _torch()) is not None:
        return int(torch.get_num_threads())
    told = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return max(int(told), 1) if told.isdigit() else cores()


def _torch() -> Any:
    """The module torch; None where it is not loaded, or only begun by another thread."""
    torch = sys.modules.get("torch")
    return torch if hasattr(torch, "set_num_threads") else None


@lru_cache(maxsize=1)
def _controller() -> Any:
    """Finds the BLAS libraries, once: those of numpy and scipy are loaded by then, and no others are used here."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
