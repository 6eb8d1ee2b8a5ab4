"""The renderer's own few threads: kernels run without the GIL, and no OpenMP has to be there."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    """The threads that help the calling one; kernels run without the GIL."""
    return ThreadPoolExecutor(max_workers=max(1, (os.cpu_count() or 1) - 1), thread_name_prefix="facegpt-render")


if hasattr(os, "register_at_fork"):  # a forked process has none of its parent's threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


def run_all(task: Callable[[int], None], count: int, threads: int) -> None:
    """Run task(0) to task(count - 1), independent of each other, on up to `threads` threads, ours among them."""
    lanes = min(threads, count)

    def lane(first: int) -> None:
        for number in range(first, count, lanes):
            task(number)

    helpers = [_pool().submit(lane, i) for i in range(1, lanes)]
    lane(0)
    for helper in helpers:
        helper.result()


def bands_of(batch: int, height: int, threads: int) -> list[tuple[int, int, int]]:
    """Cut a batch into (image, first row, end row): whole images where there are enough of them for the threads."""
    per_image = -(-threads // max(batch, 1))
    cuts = [height * i // per_image for i in range(per_image + 1)]
    return [(b, cuts[i], cuts[i + 1]) for b in range(batch) for i in range(per_image)]
