"""Work that is shared out between threads of this process, with its results in their order and little of it in memory.

For work that numpy, torch, onnxruntime or compiled kernels do, which leave Python to the other threads meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from facegpt.runtime.processes import cores
from facegpt.runtime.threads import one_thread

Item = TypeVar("Item")
One = TypeVar("One")
Other = TypeVar("Other")
Result = TypeVar("Result")

#: Threads that are started unasked, at most: beyond that Python itself is what they wait for.
MOST_THREADS = 4


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Generator[tuple[Item, Result], None, None]:
    """Each item with what `work` makes of it, in their order; libraries use one thread for each.

    Items are taken one by one, and no more than `threads` + 1 are held. An error of the work is raised where the
    item's turn is. Close the iterator if it is left early: what was begun is then waited for.

    Args:
        work: is called from several threads at once.
        items: taken in the caller's thread.
        threads: by default one for each core, up to MOST_THREADS.
    """
    threads = threads or min(cores(), MOST_THREADS)
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    with one_thread(), ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append((item, pool.submit(one_thread()(work), item)))
                if len(waiting) > threads:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        finally:
            for _, future in waiting:
                future.cancel()


def both(one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
    """What two pieces of work give that need nothing of each other: side by side where there are two cores.

    The first runs in another thread, the second in the caller's. An error of the second is raised first; the other is
    waited for in any case.
    """
    if cores() < 2:
        return one(), other()
    with one_thread(), ThreadPoolExecutor(1) as pool:
        first = pool.submit(one_thread()(one))
        second = other()
        return first.result(), second


def _first(waiting: deque[tuple[Item, Future[Result]]]) -> tuple[Item, Result]:
    item, future = waiting.popleft()
    return item, future.result()
