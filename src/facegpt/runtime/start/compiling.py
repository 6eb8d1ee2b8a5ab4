"""Kernels compiled by processes of their own, while this one loads libraries, with a bar of how far they are.

One process has one compiler, which holds Python's lock: threads would neither share it nor let others run.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from importlib import import_module

from facegpt.runtime.processes import cores
from facegpt.runtime.progress import Progress
from facegpt.runtime.start.kernel_list import Kernel, dealt, kernels, missing, renew

#: Processes at most: each loads torch and numba, about 0.25 GB.
MOST_PROCESSES = 4
LABEL = "first use: compiling kernels, once"


@contextlib.contextmanager
def compiling() -> Iterator[bool]:
    """Context that is left when no listed kernel is missing; gives whether any was.

    What fails here is compiled by whoever calls it: nothing is raised but KeyboardInterrupt.
    """
    left = missing()
    if not left:
        yield False
        return
    with Progress(LABEL, 100) as progress:
        if progress.bar:
            progress(0)
        else:
            progress.note(f"{LABEL}; this takes about a minute, more on a busy machine; later runs start at once")
        compilers = [_start(share) for share in dealt(left, min(cores(), MOST_PROCESSES))]
        counter = _Counter(progress, sum(kernel.size for kernel in left))
        readers = [threading.Thread(target=counter.read, args=(each,), daemon=True) for each in compilers]
        try:
            for reader in readers:
                reader.start()
            yield True
            for reader in readers:
                reader.join()
            progress(100)
        finally:
            for each in compilers:
                each.kill()
                each.wait()


def _start(share: Sequence[Kernel]) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    child = subprocess.Popen([sys.executable, "-m", __name__], text=True, env=environment, **pipes)  # type: ignore[call-overload]
    with contextlib.suppress(OSError):  # it has ended already
        json.dump([astuple(kernel) for kernel in share], child.stdin)
        child.stdin.close()
    return child  # type: ignore[no-any-return]


class _Counter:
    """Sums the sizes of code that the compilers report, a line a kernel, and shows them as a share of `total`."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done, self._lock = progress, max(total, 1), 0, threading.Lock()

    def read(self, compiler: subprocess.Popen[str]) -> None:
        """Until a compiler ends."""
        for line in compiler.stdout or ():
            with self._lock:
                self._done += int(line)
                self._progress(min(100 * self._done // self._total, 99))


def compile_kernel(module: str, function: str, types: str) -> None:
    """Compile a function for arguments of some types, which numba keeps on the disk."""
    from numba.core import types as known

    names = {**vars(known), "bool": known.boolean}
    told = eval(types, {"__builtins__": {}}, names)  # of the package's own list
    getattr(import_module(module), function).compile(told)


def main() -> None:
    """Compile what stdin lists, and print a line for each."""
    from facegpt.runtime.start.deferred_modules import defer_modules

    defer_modules()
    from facegpt.runtime.start.kernels_alone import compile_alone

    compile_alone({(kernel.module, kernel.function) for kernel in kernels()})
    for kernel in (Kernel(*listed) for listed in json.load(sys.stdin)):
        with contextlib.suppress(Exception):  # a list of another version: it is compiled where it is called
            compile_kernel(kernel.module, kernel.function, kernel.types)
            renew(kernel)
        print(kernel.size, flush=True)


if __name__ == "__main__":
    main()
