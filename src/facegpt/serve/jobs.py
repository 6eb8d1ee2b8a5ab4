"""Jobs: what was asked, how far it has come, and how it ended."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

#: States in which a job is over.
ENDED = ("done", "failed", "cancelled")
#: An empty line is sent so often to those who listen, so that a dead connection is noticed, seconds.
BEAT_S = 15.0


def new_key() -> str:
    """A random id of 22 characters that nobody guesses."""
    return secrets.token_urlsafe(16)


@dataclass(eq=False)
class Job:
    """One job.

    Attributes:
        kind: which work. lane: which process does it. payload: what was asked.
        urgent: before those that wait and are not: a file of a head that is there already.
        kept: whether it survives a restart; one that a request waits for does not.
        state: queued, running, or one of ENDED.
        stage, progress: what is being done and how much of this stage, 0..1; stage_begun: since when.
        texts: pieces of an answer so far. came: ids of the heads that are made already.
        attempts: how often a server has begun it.
    """

    kind: str
    lane: str
    payload: dict[str, Any] = field(repr=False)
    key: str = field(default_factory=new_key)
    urgent: bool = False
    kept: bool = True
    state: str = "queued"
    stage: str = ""
    progress: float | None = None
    result: Any = field(default=None, repr=False)
    error: dict[str, str] | None = None
    attempts: int = 1
    texts: list[str] = field(default_factory=list, repr=False)
    came: list[str] = field(default_factory=list)
    lives: list[dict[str, Any]] = field(default_factory=list, repr=False)
    created: float = field(default_factory=time.time)
    begun: float | None = None
    ended_at: float | None = None
    stage_begun: float = 0.0
    _moved: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.state in ENDED

    def moved(self) -> None:
        """Wake everybody who watches it."""
        self._moved.set()
        self._moved = asyncio.Event()

    def goes_on(self, stage: str, progress: float | None) -> None:
        """Note how far it has come."""
        if stage != self.stage:
            self.stage_begun = time.time()
        self.stage, self.progress = stage, progress
        self.moved()

    def end(self, state: str, result: Any = None, error: dict[str, str] | None = None) -> None:
        """Note how it ended; the first end counts."""
        if not self.ended:
            self.state, self.result, self.error, self.ended_at = state, result, error, time.time()
            self.payload = {}
            if state == "done":
                self.progress = 1.0
            self.moved()

    def told(self, position: int = 0, seconds_left: float | None = None) -> dict[str, Any]:
        """What clients are told of it."""
        told: dict[str, Any] = {"id": self.key, "kind": self.kind, "state": self.state, "stage": self.stage}
        told |= {"progress": self.progress, "position": position, "created": self.created}
        told |= {"came": list(self.came)} if self.came else {}
        told["seconds_left"] = None if seconds_left is None or self.ended else round(seconds_left, 1)
        if self.state == "done":
            told["result"] = self.result
        if self.error is not None:
            told["error"] = self.error
        return told

    async def wait(self) -> Job:
        """Wait until it is over."""
        while not self.ended:
            await self._moved.wait()
        return self

    async def watch(self) -> AsyncIterator[tuple[str, Any]]:
        """What happens: ("text", piece), ("live", what) and ("moved", None); ("beat", None) when nothing does.

        Whoever listens slowly misses states in between, no pieces, and takes no memory.
        """
        spoken = heard = 0
        while True:
            event = self._moved
            while spoken < len(self.texts):
                spoken += 1
                yield "text", self.texts[spoken - 1]
            while heard < len(self.lives):
                told = self.lives.pop(0)
                yield "live", told
            yield "moved", None
            if self.ended and spoken == len(self.texts):
                return
            try:
                await asyncio.wait_for(event.wait(), BEAT_S)
            except asyncio.TimeoutError:
                yield "beat", None
