"""Jobs shared out among processes: a stream of results in the jobs' order, in constant memory.

If a process dies (of its memory, of a crash), the jobs in work are tried again one by one, so that only the one that
kills it is lost.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, TypeVar

from facegpt.runtime.processes import Pool

Job = TypeVar("Job")
State = TypeVar("State")
Result = TypeVar("Result")

#: Jobs that are begun or wait for the results before them, per process.
IN_FLIGHT = 2


class Once(Generic[State]):
    """Calls a function at the first use and keeps what it gave: jobs that need no model load none."""

    def __init__(self, make: Callable[[], State]) -> None:
        self._make = make
        self._made: list[State] = []

    def __call__(self) -> State:
        """What was made, now or before."""
        if not self._made:
            self._made.append(self._make())
        return self._made[0]


def results_in_order(
    jobs: Iterable[Job],
    work: Callable[[Job, Callable[[], State]], Result],
    make: Callable[[], State],
    workers: int,
    died: Callable[[Job], Result],
) -> Generator[Result, None, None]:
    """Results of jobs, in their order; jobs are taken from their iterable as they are needed.

    Args:
        jobs: what can be sent to a process.
        work: does one job with what `make` gives; a function of a module. What it raises ends the stream.
        make: gives what the jobs share (a model); called at most once in each process.
        workers: processes; one works in this process.
        died: gives the result of a job whose process died.
    """
    if workers <= 1:
        state = Once(make)
        yield from (work(job, state) for job in jobs)
        return
    left = iter(jobs)
    running: deque[tuple[Job, Future[Result] | None]] = deque()
    ended = False
    while not ended:
        with Pool(workers, _start, work, make) as pool, contextlib.suppress(BrokenProcessPool):
            yield from _through(pool, left, running, IN_FLIGHT * workers)
            ended = True
        while running:  # of a pool that broke
            job, future = running.popleft()
            whole = future is not None and future.done() and not future.cancelled() and future.exception() is None
            yield future.result() if whole and future is not None else _alone(job, work, make, died)


def _through(
    pool: Pool, left: Iterator[Job], running: deque[tuple[Job, Future[Any] | None]], most: int
) -> Iterator[Any]:
    """Send jobs through a pool, noting in `running` those without a result. Raises BrokenProcessPool."""
    while True:
        while len(running) < most:
            try:
                job = next(left)
            except StopIteration:
                break
            running.append((job, None))  # first: a broken pool takes no job
            running[-1] = (job, pool.submit(_do, job))
        if not running:
            return
        future = running[0][1]
        assert future is not None
        result = future.result()
        running.popleft()
        yield result


def _alone(
    job: Job,
    work: Callable[[Job, Callable[[], State]], Result],
    make: Callable[[], State],
    died: Callable[[Job], Result],
) -> Result:
    """Do one job in a process of its own, which may die with it."""
    try:
        with Pool(1, _start, work, make) as pool:
            result: Result = pool.submit(_do, job).result()
            return result
    except BrokenProcessPool:
        return died(job)


# In a process

_task: tuple[Callable[..., Any], Once[Any]] | None = None


def _start(work: Callable[..., Any], make: Callable[[], Any]) -> None:
    global _task
    _task = work, Once(make)


def _do(job: Any) -> Any:
    assert _task is not None
    work, state = _task
    return work(job, state)
