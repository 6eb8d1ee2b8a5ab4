"""How much of the processor each stage of a piece of work takes; nothing is counted while nobody asks."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_clock: ContextVar[StageClock | None] = ContextVar("stage clock", default=None)


@dataclass
class StageClock:
    """Seconds of processor time of this process by stage; a stage inside another counts for itself alone.

    Attributes:
        seconds: by the stages' names.
    """

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _open: list[str] = field(default_factory=list)
    _since: float = field(default_factory=time.process_time)

    def begin(self, name: str) -> None:
        """Count for a stage from now on."""
        self._charge()
        self._open.append(name)

    def end(self) -> None:
        """Count for the stage around it again."""
        self._charge()
        self._open.pop()

    def _charge(self) -> None:
        now = time.process_time()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now


@contextmanager
def timed() -> Iterator[StageClock]:
    """Context in which stages are counted by the clock that it gives."""
    clock = StageClock()
    token = _clock.set(clock)
    try:
        yield clock
    finally:
        _clock.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Context, or decorator of a function, that is one stage of the work."""
    clock = _clock.get()
    if clock is None:
        yield
        return
    clock.begin(name)
    try:
        yield
    finally:
        clock.end()
