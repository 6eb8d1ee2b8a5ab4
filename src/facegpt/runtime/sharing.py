"""Where jobs are shared out: among the processes of this machine, or the nodes of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from facegpt.runtime import job_stream

#: This machine.
LOCAL = "local"


def stream_on(where: str) -> Callable[..., Generator[Any, None, None]]:
    """`job_stream.results_in_order`, or the same on the nodes of a Ray cluster.

    where: LOCAL, or the address of a cluster (ray_stream.py), whose nodes see the same folders; there `workers` may be
    None for one process a core.
    """
    if where == LOCAL:
        return job_stream.results_in_order
    from facegpt.runtime import ray_stream

    return partial(ray_stream.results_in_order, where)
