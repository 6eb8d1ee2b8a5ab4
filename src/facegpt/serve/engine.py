"""What requests stand on: the store, the lanes of jobs, and the figures of both."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from typing import Any

from facegpt.serve.jobs import Job
from facegpt.serve.lane import Lane
from facegpt.serve.metrics import Metrics
from facegpt.serve.problems import ProblemError, failed, not_found
from facegpt.serve.settings import ServeSettings
from facegpt.serve.store import KINDS, Store

log = logging.getLogger("facegpt.serve")
#: The lane of each kind of job: long work on clips does not hold up heads.
LANES = {"clip": "motion", "take": "motion", "avatar": "motion", "live": "motion"}
#: What people call each kind of thing.
CALLED = {"heads": "head", "clips": "clip", "avatars": "personal head"}
#: How often what nobody saved is looked for, seconds.
TIDY_S = 30.0
#: A job is begun by so many servers, at most: one that ends them is not begun again and again.
MOST_ATTEMPTS = 2


class Engine:
    """The store and the lanes of one server.

    Args:
        settings: of the server.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self.settings, self.limits = settings, settings.limits
        self.store = Store(settings.folder)
        self.metrics = Metrics()
        self.jobs: dict[str, Job] = {}
        self.lanes: dict[str, Lane] = {}
        self._tidy: asyncio.Task[None] | None = None
        self._used: set[tuple[str, str]] = set()

    async def open(self) -> None:
        """Start the processes, and go on with the jobs of the last server."""
        told = (self._begun, self._ended, self._came)
        self.lanes = {
            "heads": Lane("heads", self.settings, self.limits.head_s, *told, keep=True),
            "motion": Lane("motion", self.settings, self.limits.clip_s, *told, keep=False),
        }
        self.store.sweep()
        self._forget()
        for lane in self.lanes.values():
            lane.open()
        self._go_on()
        self._tidy = asyncio.create_task(self._tidy_up())

    async def close(self) -> None:
        """End the processes; what waits goes on with the next server."""
        if self._tidy is not None:
            self._tidy.cancel()
        for lane in self.lanes.values():
            await lane.close()
        with contextlib.suppress(sqlite3.Error):
            self._note_use()
        self.store.close()

    # Jobs

    def submit(self, kind: str, payload: dict[str, Any], key: str = "", urgent: bool = False, kept: bool = True) -> Job:
        """Put a job into its queue.

        Args:
            kind: of the work.
            payload: what is asked.
            key: the id under which its uploads lie.
            urgent: before those that are not.
            kept: whether it survives a restart.

        Raises:
            ProblemError: if the queue is full.
        """
        job = Job(kind, LANES.get(kind, "heads"), payload, urgent=urgent, kept=kept)
        job.key = key or job.key
        self.lanes[job.lane].submit(job)
        if kept:
            try:
                self.store.note_job(job.key, kind, job.lane, payload, job.attempts)
            except sqlite3.Error:
                self.cancel(job)
                raise
        self.jobs[job.key] = job
        return job

    async def carry_out(self, kind: str, payload: dict[str, Any], urgent: bool = True) -> dict[str, Any]:
        """Do a job that the request waits for, and give its result; it is stopped when the request is.

        Raises:
            ProblemError: if it fails or the queue is full.
        """
        job = self.submit(kind, payload, urgent=urgent, kept=False)
        try:
            await job.wait()
        finally:
            self.cancel(job)
            self.jobs.pop(job.key, None)
        if job.error is not None:
            raise failed(job.error)
        result: dict[str, Any] = job.result
        return result

    def cancel(self, job: Job) -> None:
        """Stop a job."""
        if not job.ended:
            self.lanes[job.lane].cancel(job)

    def job(self, key: str) -> Job:
        """A job. Raises ProblemError (404)."""
        if key in self.jobs:
            return self.jobs[key]
        row = self.store.job(key)
        if row is None:
            raise not_found("job")
        job = Job(row["kind"], row["lane"], {}, key=key, created=row["created"])
        job.end(row["state"], row["result"], row["error"])
        return job

    def told(self, job: Job) -> dict[str, Any]:
        """What clients are told of a job."""
        lane = self.lanes[job.lane]
        return job.told(lane.position(job), lane.seconds_left(job))

    def _begun(self, job: Job) -> None:
        """Make room for a clip: the language model is half of the other process's memory."""
        if job.lane == "motion":
            self.lanes["heads"].make_room()

    def _came(self, head: dict[str, Any]) -> None:
        """Keep a head that a job has made before it is done with others."""
        try:
            self.store.add("heads", head["id"], head)
        except sqlite3.Error as error:  # the end of the job says so
            log.error("the database cannot be written: %s", error)

    def _ended(self, job: Job, late: Any) -> None:
        """Keep what a job made, or delete it when nobody waits for it."""
        if late is not None:
            for kind, told in made(late):
                shutil.rmtree(self.store.path(kind, told["id"]), ignore_errors=True)
            return
        self.metrics.job(job)
        try:
            personal = isinstance(job.result, dict) and "avatar" in job.result
            for kind, told in made(job.result):  # a personal head and its face are kept until they are deleted
                self.store.add(kind, told["id"], told, saved=personal)
            if job.kept:
                self.store.end_job(job.key, job.state, job.result, job.error)
        except sqlite3.Error as error:
            log.error("the database cannot be written: %s", error)
            job.state, job.result = "failed", None
            job.error = {
                "code": "disk_full",
                "message": f"the store cannot be written ({error}); make room on the disk",
            }
            job.moved()
        self.store.unspool(job.key)

    def _go_on(self) -> None:
        """Begin again with jobs that the last server did not end."""
        for row in list(self.store.open_jobs()):
            job = Job(row["kind"], row["lane"], row["payload"], key=row["id"], created=row["created"])
            job.attempts = row["attempts"] + 1
            self.jobs[job.key] = job
            if job.attempts > MOST_ATTEMPTS:
                text = "the server was restarted while it worked on this, twice; ask again"
                job.end("failed", error={"code": "restarted", "message": text})
                self._ended(job, None)
                continue
            self.store.note_job(job.key, job.kind, job.lane, job.payload, job.attempts)
            self.lanes[job.lane].submit(job)

    async def _tidy_up(self) -> None:
        """Forget what nobody saved, now and then."""
        while True:
            await asyncio.sleep(TIDY_S)
            end = time.time() - self.limits.jobs_s
            for key, job in list(self.jobs.items()):
                if job.ended_at is not None and job.ended_at < end:
                    del self.jobs[key]
            try:
                self._forget()
            except sqlite3.Error as error:
                log.error("what nobody saved could not be deleted: %s", error)

    def _forget(self) -> None:
        self._note_use()
        self.store.forget(self.limits.unsaved_s, self.limits.unsaved, self.limits.jobs_s)

    def _note_use(self) -> None:
        """Write down what was asked for since the last time."""
        used, self._used = self._used, set()
        for kind, key in used:
            self.store.used(kind, [key])

    # Things

    def record(self, kind: str, key: str) -> dict[str, Any]:
        """What is kept of a thing. Raises ProblemError (404)."""
        found = self.store.get(kind, key)
        if found is None:
            raise not_found(CALLED[kind])
        self._in_use(kind, found)
        return found

    def _in_use(self, kind: str, told: dict[str, Any]) -> None:
        """Note that a thing was asked for, with the heads of its people."""
        people = [("heads", one["head"]["id"]) for one in told.get("people", ()) if one.get("head")]
        self._used |= {(kind, told["id"]), *people}

    def records(self, kind: str, keys: Sequence[str]) -> list[dict[str, Any]]:
        """What is kept of things, of those that are still there."""
        found = self.store.of_ids(kind, keys)
        for one in found:
            self._in_use(kind, one)
        return found

    def save(self, kind: str, key: str, name: str) -> dict[str, Any]:
        """Keep a thing under a name until it is deleted. Raises ProblemError (404)."""
        kept = self.store.save(kind, key, name)
        if kept is None:
            raise not_found(CALLED[kind])
        return kept

    def delete(self, kind: str, key: str) -> dict[str, bool]:
        """Delete a thing with all its files. Raises ProblemError (404)."""
        if not self.store.delete(kind, key):
            raise not_found(CALLED[kind])
        for job in [job for job in self.jobs.values() if any(one["id"] == key for _, one in made(job.result))]:
            del self.jobs[job.key]
        return {"deleted": True}

    def figures(self) -> str:
        """All figures in Prometheus' text format."""
        return self.metrics.text(self.lanes, {kind: self.store.count(kind) for kind in KINDS})

    def check_ready(self) -> None:
        """Raise ProblemError (503) if the model cannot be loaded."""
        lane = self.lanes["heads"]
        if lane.broken:
            raise ProblemError(503, "not_ready", f"the model cannot be loaded: {lane.broken}", {"Retry-After": "30"})


def made(result: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a result speaks of: kind of thing and its record."""
    if not isinstance(result, dict):
        return
    for head in (*result.get("heads", ()), *result.get("bases", ())):
        yield "heads", head
    for kind, name in (("clips", "clip"), ("avatars", "avatar")):
        if name in result:
            yield kind, result[name]
            people = result[name].get("people") or [result[name]]
            yield from (("heads", one["head"]) for one in people if one.get("head"))
