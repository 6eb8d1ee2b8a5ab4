"""How far a long piece of work has come: a bar on a terminal, a line now and then in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import TextIO

_BAR = 28
_LOG_EVERY_S = 10.0
#: Share of the work from which on the time that is left is told: before, it would be far off.
_TELLING = 0.05
#: Told (label, done, total) of all progress in this context, beside what is written.
_watcher: ContextVar[Callable[[str, int, int], None] | None] = ContextVar("watcher", default=None)
#: Whether bars of this context are left out.
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
#: Told the label of each step in this context.
_stepper: ContextVar[Callable[[str], None] | None] = ContextVar("stepper", default=None)


@contextmanager
def watched(watcher: Callable[[str, int, int], None]) -> Iterator[None]:
    """Context in which a function is told (label, done, total) whenever a `Progress` moves."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


@contextmanager
def quiet() -> Iterator[None]:
    """Context in which no `Progress` writes anything: for one of several processes with the same terminal."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


@contextmanager
def steps(total: int, stream: TextIO | None = None) -> Iterator[None]:
    """Context in which each `step` moves a bar of so many on a terminal; elsewhere nothing is shown."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield
        return
    with Progress("", total, stream) as progress:

        def begin(label: str) -> None:
            progress.label, progress.begun = label, progress.begun + 1
            progress(min(progress.begun - 1, total - 1), total)

        token = _stepper.set(begin)
        try:
            yield
            if progress.begun >= total:
                progress.label = "done"
                progress(total, total)
        finally:
            _stepper.reset(token)


def step(label: str) -> None:
    """Say what piece of the work begins, to a context of `steps` if there is one."""
    if (begin := _stepper.get()) is not None:
        begin(label)


class Progress:
    """Shows `done` of `total` on stderr while it is used as a context.

    Args:
        label: what is being done.
        total: how much there is to do.
        stream: where to write (default: stderr).
        in_bytes: the work is counted in bytes, and shown in megabytes.
    """

    def __init__(self, label: str, total: int, stream: TextIO | None = None, in_bytes: bool = False) -> None:
        self.label, self.total, self.in_bytes, self.ended, self.begun = label, total, in_bytes, False, 0
        self.stream = stream or sys.stderr
        self.bar = self.stream.isatty()
        self.started = self.shown = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __call__(self, done: int, total: int | None = None) -> None:
        """Show that `done` are done; the total may become known on the way."""
        self.total = total or self.total
        if (watcher := _watcher.get()) is not None:
            watcher(self.label, done, self.total)
        if _quiet.get():
            return
        now = time.monotonic()
        if self.bar:
            filled = round(_BAR * done / max(self.total, 1))
            bar = "#" * filled + "." * (_BAR - filled)
            self.stream.write(f"\r{self.label} [{bar}] {self._amount(done, '/')}{self._left(done, now)}\x1b[K")
            self.stream.flush()
        elif now - self.shown >= _LOG_EVERY_S or (done == self.total and not self.ended):
            self.shown, self.ended = now, done == self.total
            self.stream.write(f"{self.label}: {self._amount(done, ' of ')}{self._left(done, now)}\n")

    def note(self, line: str) -> None:
        """Write a line of its own, above the bar."""
        self.stream.write(f"\r\x1b[K{line}\n" if self.bar else f"{line}\n")

    def _amount(self, done: int, of: str) -> str:
        if self.in_bytes:
            return f"{done / 1e6:.0f}{of}{self.total / 1e6:.0f} MB"
        return f"{done}{of}{self.total}"

    def _left(self, done: int, now: float) -> str:
        if not _TELLING * self.total < done < self.total:
            return ""
        seconds = (now - self.started) / done * (self.total - done)
        return f", {seconds:.0f} s left" if seconds < 90 else f", {seconds / 60:.0f} min left"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar and not _quiet.get():
            self.stream.write("\n")
