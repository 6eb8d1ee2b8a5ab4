"""Processes that share out work: one thread each, Ctrl-C is their parent's to handle, and none outlives its work."""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from types import TracebackType
from typing import Any, TypeVar

#: Processes that are started unasked, at most; each takes about 0.8 GB.
MOST_WORKERS = 8
#: Time that a process has to tidy up after its parent has died.
_LAST_SECONDS = 10.0
#: What tells the libraries of a new process to use so many threads.
THREAD_SETTINGS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")

Result = TypeVar("Result")


def cores() -> int:
    """How many processes are started unasked."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(allowed or 1, MOST_WORKERS)


class Pool:
    """Processes to submit work to, as a context that ends them when it is left, whatever they do then.

    Args:
        workers: how many.
        prepare: called once in each process, with `arguments`; a function at the top of a module.
        arguments: of prepare.
    """

    def __init__(self, workers: int, prepare: Callable[..., None] | None = None, *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")  # the same on every system, and safe beside threads
        self._executor = ProcessPoolExecutor(workers, context, _start, (prepare, arguments))

    def submit(self, work: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Let a process call a function of a module. Its future raises BrokenProcessPool if a process dies."""
        with _started_quietly():
            return self._executor.submit(_unwinding, work, arguments)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes: those that are idle take their leave, and work that nobody waits for ends at once."""
        executor: Any = self._executor
        if not executor._pending_work_items:
            # Ended by a signal, one would at times leave half of what the executor tells both at last to the other,
            # which then fails with an EOFError.
            executor.shutdown(wait=True)
            return
        processes = list((executor._processes or {}).values())
        manager = executor._executor_manager_thread  # a thread, or none before the first work
        for child in processes:
            child.terminate()
        executor.shutdown(wait=False, cancel_futures=True)
        for child in processes:
            child.join(10)
        if manager is not None:
            manager.join(10)  # it closes its pipe last, and the interpreter's exit would write into it meanwhile


def _start(prepare: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    as_child()
    if prepare is not None:
        prepare(*arguments)


def as_child() -> None:
    """Make this process a child that behaves: its parent hears Ctrl-C, and ends it by SIGTERM or by dying."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, so that half-written files are removed
    # Once the work is done, SIGTERM ends it silently: nothing is left to unwind, and libraries are being torn down.
    multiprocessing.util.Finalize(None, signal.signal, (signal.SIGTERM, signal.SIG_DFL), exitpriority=100)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the parent is gone, killed for example, then end this process: nobody waits for its work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_LAST_SECONDS)  # the main thread may be inside a kernel that hears no signal
        os._exit(1)


def _unwinding(work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    try:
        return work(*arguments)
    except SystemExit:  # of SIGTERM, and all is tidied; the pool would take it for a result and go on with the next job
        os._exit(1)


@contextmanager
def _started_quietly() -> Iterator[None]:
    """Processes started meanwhile inherit this: one thread each, and no Ctrl-C before they are prepared for it."""
    told = {name: os.environ.get(name) for name in THREAD_SETTINGS}
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    os.environ.update(dict.fromkeys(THREAD_SETTINGS, "1"))
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
        for name, value in told.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def give_back() -> None:
    """Give freed memory back where the C library can (glibc); some milliseconds."""
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Any:
    """The function of the C library, None where it has none."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # other systems: TypeError on Windows, which wants a name
        return None
