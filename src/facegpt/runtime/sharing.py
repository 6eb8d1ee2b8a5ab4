"""Jobs shared out among the processes of this machine or the nodes of a Ray cluster: results in the jobs' order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar

from facegpt.runtime import job_stream

Job = TypeVar("Job")
Result = TypeVar("Result")

#: Where jobs are done: on this machine.
LOCAL = "local"


def results_in_order(
    where: str,
    jobs: Iterable[Job],
    work: Callable[[Job, Callable[[], Any]], Result],
    make: Callable[[], Any],
    workers: int | None,
    died: Callable[[Job], Result],
) -> Generator[Result, None, None]:
    """Results of jobs, in their order; jobs are taken from their iterable as they are needed.

    Args:
        where: LOCAL, or the address of a Ray cluster (ray_stream.py), whose nodes see the same folders.
        jobs: what can be sent to a process.
        work: does one job with what `make` gives; a function of a module.
        make: gives what the jobs share (a model); called at most once in each process.
        workers: processes; on this machine 1 when None, on a cluster one for each of its cores.
        died: gives the result of a job whose process died.

    Raises:
        FaceGPTError: if no cluster answers at `where`, or Ray is not installed.
    """
    if where == LOCAL:
        return job_stream.results_in_order(jobs, work, make, workers or 1, died)
    from facegpt.runtime import ray_stream

    return ray_stream.results_in_order(where, jobs, work, make, workers, died)
