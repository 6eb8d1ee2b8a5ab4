"""A queue of jobs and the model process that does them, one after the other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from facegpt.serve.jobs import Job
from facegpt.serve.problems import ProblemError
from facegpt.serve.settings import ServeSettings
from facegpt.serve.supervisor import Supervisor, told_of_end

log = logging.getLogger("facegpt.serve")
#: Waits before a process that cannot start is started again, seconds.
WAITS_S = (0.5, 2.0, 5.0, 15.0, 30.0)
#: Longest time that a process takes to load its model: on a new machine it compiles kernels first, seconds.
LOADING_S = 900.0
#: How much a new measurement counts in the usual length of a kind of job.
_NEWEST = 0.3
#: Seconds that a job is thought to take before one of its kind was measured.
_GUESS_S = 3.0


class Lane:
    """One process and its queue.

    Args:
        name: of the lane.
        settings: of the server.
        limit_s: longest time of a job.
        begun: told each job that the process gets.
        ended: told each job that ends, and what came of it when nobody waited any more.
        came: told each head that a job has made before its end.
        keep: whether the process is kept without work, and ready for words.
    """

    def __init__(
        self,
        name: str,
        settings: ServeSettings,
        limit_s: float,
        begun: Callable[[Job], None],
        ended: Callable[[Job, Any], None],
        came: Callable[[dict[str, Any]], None],
        keep: bool,
    ) -> None:
        self.name, self.settings, self.keep = name, settings, keep
        self.limit_s, self._begun, self._ended, self._came = limit_s, begun, ended, came
        self.worker = Supervisor(settings.model, settings.device, settings.folder, keep, self._heard)
        self.waiting: deque[Job] = deque()
        self.running: Job | None = None
        self.usual_s: dict[str, float] = {}
        self.vocabulary: dict[str, Any] | None = None
        self.ready, self.broken = False, ""
        self.restarts = self.failures = self.memory = 0
        self.cpu_s = 0.0
        self._idle = asyncio.Event()
        self._woken = asyncio.Event()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # Called by requests

    def open(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._work())
        if self.keep:
            self._start()

    async def close(self) -> None:
        """End the work and the process."""
        if self._task is not None:
            self._task.cancel()
        self.worker.generation += 1  # nobody listens any more
        await asyncio.to_thread(self.worker.end)

    def submit(self, job: Job) -> Job:
        """Put a job into the queue. Raises ProblemError (429) when it is full."""
        if len(self.waiting) >= self.settings.limits.queue:
            seconds = max(1, round(self._left_s(len(self.waiting)) / 2))
            text = f"the server is busy: {len(self.waiting)} jobs are waiting; try again in {seconds} seconds"
            raise ProblemError(429, "queue_full", text, {"Retry-After": str(seconds)})
        if job.urgent:
            place = next((k for k, other in enumerate(self.waiting) if not other.urgent), len(self.waiting))
            self.waiting.insert(place, job)
        else:
            self.waiting.append(job)
        self._prepare()
        self._woken.set()
        return job

    def cancel(self, job: Job) -> None:
        """End a job: at once for those who wait, and soon in the process, which is ended if it does not listen."""
        if job in self.waiting and self.worker.withdraw(job.key):
            self.waiting.remove(job)
            self._prepare()
            job.end("cancelled")
            self._ended(job, None)
        elif not job.ended and (job is self.running or job in self.waiting):  # waiting: the process has just got it
            self._stop(job, "cancelled", None)

    def make_room(self) -> None:
        """Have the process hold less memory, once it is done with the job that it works on."""
        self.worker.send({"make_room": True})

    def position(self, job: Job) -> int:
        """How many jobs are done before this one; 0 for one that runs or is over."""
        return self.waiting.index(job) + (self.running is not None) if job in self.waiting else 0

    def seconds_left(self, job: Job) -> float | None:
        """How long a job may still take, by those of its kind before."""
        if job is self.running and job.begun is not None:
            if job.progress:
                return (time.time() - job.stage_begun) / job.progress * (1 - job.progress)
            left = self.usual_s.get(job.kind, 0.0) - (time.time() - job.begun)
            return left if left > 0 else None
        return self._left_s(self.position(job)) if job in self.waiting else None

    def _left_s(self, count: int) -> float:
        kinds = [job.kind for job in list(self.waiting)[:count]] + ([self.running.kind] if self.running else [])
        return sum(self.usual_s.get(kind, _GUESS_S) for kind in kinds)

    async def until_known(self, seconds: float) -> dict[str, Any] | None:
        """The names that heads are changed by, once the process has told them; None if it takes longer."""
        end = time.monotonic() + seconds
        while self.vocabulary is None and (left := end - time.monotonic()) > 0:
            event = self._changed
            try:
                await asyncio.wait_for(event.wait(), left)
            except asyncio.TimeoutError:
                break
        return self.vocabulary

    # The work

    def _start(self) -> None:
        self.ready = False
        self.worker.start(asyncio.get_running_loop())

    async def _work(self) -> None:
        """See to it that the process always has a job, and none for too long."""
        while True:
            while self.running is None and not self.waiting:
                self._woken.clear()
                await self._wait_for_work()
            if not self.worker.alive:
                self._start()
            job = self.running or self._first()
            self._prepare()
            await self._through(job, self._idle)

    def _first(self) -> Job:
        """Give the process the first job that waits."""
        job = self.waiting.popleft()
        self.worker.send(_told(job))
        self._begin(job)
        return job

    def _begin(self, job: Job) -> None:
        """Note that the process has a job."""
        self.running, self._idle = job, asyncio.Event()
        self._begun(job)
        if not job.ended:
            job.state, job.begun, job.stage = "running", time.time(), "" if self.ready else "starting the model"
            job.moved()

    def _prepare(self) -> None:
        """Lay out the first that waits, for when the process is done with its job."""
        self.worker.prepare(_told(self.waiting[0]) if self.running is not None and self.waiting else None)

    async def _wait_for_work(self) -> None:
        """Wait; a process that is not to be kept ends after a while."""
        limit = None if self.keep or not self.worker.alive else self.settings.limits.idle_s
        try:
            await asyncio.wait_for(self._woken.wait(), limit)
        except asyncio.TimeoutError:
            self.worker.generation += 1
            await asyncio.to_thread(self.worker.end)
            self.ready = False

    async def _through(self, job: Job, idle: asyncio.Event) -> None:
        """Wait until the process is done with a job: it ended it, or was ended and started anew."""
        try:
            await asyncio.wait_for(self._loaded(idle), LOADING_S)  # which is not the job's time
            await asyncio.wait_for(idle.wait(), self.limit_s)
            return
        except asyncio.TimeoutError:
            text = f"this took longer than {self.limit_s:.0f} seconds and was stopped; try a smaller file"
        self._stop(job, "failed", {"code": "time", "message": text})
        await idle.wait()

    async def _loaded(self, idle: asyncio.Event) -> None:
        """Wait until the model is loaded, or the process is free without it."""
        while not (self.ready or idle.is_set()):
            await self._changed.wait()

    def _stop(self, job: Job, state: str, error: dict[str, str] | None) -> None:
        """End a running job, and its computing within the time of grace."""
        job.end(state, error=error)
        self._ended(job, None)
        self.worker.send({"stop": job.key})
        asyncio.get_running_loop().call_later(self.settings.limits.grace_s, self._insist, job)

    def _insist(self, job: Job) -> None:
        """End the process if it still works on a job that nobody wants."""
        if self.running is job and not self._idle.is_set():
            log.warning("a job of the kind %s did not stop; its process is ended", job.kind)
            asyncio.get_running_loop().run_in_executor(None, self.worker.end)

    # What the process says

    def _heard(self, worker: Supervisor, message: dict[str, Any]) -> None:
        event, job = message["event"], self.running
        if event == "died":
            self._died(message["code"])
        elif event == "vocabulary":
            self.vocabulary = message["vocabulary"]
        elif event == "ready":
            self.ready, self.broken, self.failures = True, "", 0
        elif event == "broken":
            self.broken = message["message"]
        elif event == "use":
            self.memory, self.cpu_s = int(message["bytes"]), float(message["cpu_s"])
        elif job is not None and message.get("id") == job.key:
            self._of_job(job, message)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _of_job(self, job: Job, message: dict[str, Any]) -> None:
        event = message["event"]
        if event == "progress":
            job.goes_on(message["stage"], message["progress"])
        elif event == "text":
            job.texts.append(message["text"])
            job.moved()
        elif event == "made":
            self._came(message["head"])
            job.came.append(message["head"]["id"])
            job.moved()
        elif event == "live":
            job.lives.append(message["live"])
            job.moved()
        else:
            if job.ended:  # nobody waits for what was made, if anything was
                if message.get("result") is not None:
                    self._ended(job, message["result"])
            else:
                job.end(event, message.get("result"), message.get("error"))
                self._ended(job, None)
            self._free(job, message.get("next"))

    def _free(self, job: Job, then: str | None) -> None:
        """Note that the process is done with a job, and which one it has got since."""
        if job.state == "done" and job.begun is not None:
            spent = time.time() - job.begun
            self.usual_s[job.kind] = spent + (1 - _NEWEST) * (self.usual_s.get(job.kind, spent) - spent)
        self.running = None
        self._idle.set()
        for other in [one for one in self.waiting if one.key == then]:
            self.waiting.remove(other)
            self._begin(other)

    def _died(self, code: int | None) -> None:
        """Fail the job in work and start another process."""
        self.ready, self.restarts = False, self.restarts + 1
        job = self.running
        if job is not None and not self._idle.is_set():
            broken = {"code": "not_ready", "message": f"the model cannot be loaded: {self.broken}"}
            died = {"code": "worker_died", "message": told_of_end(code)}
            job.end("failed", error=broken if self.broken else died)
            self._ended(job, None)
            self._free(job, None)
        if not self.keep:
            return
        wait = WAITS_S[min(self.failures, len(WAITS_S) - 1)] if self.failures else 0.0
        self.failures += 1
        log.warning("the model process of %s ended (%s); another starts", self.name, code)
        asyncio.get_running_loop().call_later(wait, self._start_again)

    def _start_again(self) -> None:
        if not self.worker.alive:
            self._start()


def _told(job: Job) -> dict[str, Any]:
    """A job as the process is told it."""
    return {"id": job.key, "kind": job.kind, "payload": job.payload}
