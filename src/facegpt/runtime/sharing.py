"""Where jobs are shared out: among the processes of this machine, or the nodes of a Ray cluster.

Whether a place is there is found out before anything that takes long is imported.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import check_installed

#: This machine; a cluster that runs on it, or else a new one.
LOCAL, HERE = "local", "ray"
CLIENT = "ray://"
#: How long a cluster's machine may take to answer the first call, s.
KNOCK_S = 5.0


def check_where(where: str) -> None:
    """Find out that `where` names this machine or a cluster that answers, without importing Ray.

    Args:
        where: LOCAL, HERE, "ray://HOST:PORT" for a cluster's client port, or "HOST:PORT" for the head of a cluster that
            this machine is a node of.

    Raises:
        FaceGPTError: if it names neither, Ray is not installed, or nothing listens there.
    """
    if where == LOCAL:
        return
    host, _, port = where.removeprefix(CLIENT).rpartition(":")
    named = bool(host) and "/" not in host and port.isdecimal() and int(port) < 2**16
    if where != HERE and not named:
        raise FaceGPTError(f"a batch runs on local, ray or ray://HOST:PORT, not on '{where}'")
    check_installed("ray", "a Ray cluster")
    if where == HERE:
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), KNOCK_S):
            pass
    except OSError as error:
        raise FaceGPTError(f"no Ray cluster answers at '{where}' ({error.__class__.__name__}: {error})") from error


def stream_on(where: str) -> Callable[..., Generator[Any, None, None]]:
    """`job_stream.results_in_order`, or the same on the nodes of a Ray cluster.

    where: LOCAL, or the address of a cluster (ray_stream.py), whose nodes see the same folders; there `workers` may be
    None for one process a core.
    """
    if where == LOCAL:
        from facegpt.runtime import job_stream

        return job_stream.results_in_order
    from facegpt.runtime import ray_stream

    return partial(ray_stream.results_in_order, where)
