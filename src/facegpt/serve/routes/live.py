"""Faces of a camera, picture by picture, over a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from facegpt.serve.engine import Engine
from facegpt.serve.jobs import Job
from facegpt.serve.lane import Lane
from facegpt.serve.problems import ProblemError
from facegpt.serve.supervisor import Supervisor

router = APIRouter()
#: Largest picture, bytes.
MOST_BYTES = 4_000_000
#: Pictures that the worker holds: it looks at the next while it fits one.
IN_WORK = 2


class _Latest:
    """The picture that came last: one that comes while another is in work takes the place of the waiting one."""

    def __init__(self) -> None:
        self._data: bytes | None = None
        self._there = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Take a picture."""
        self._data = data
        self._there.set()

    async def get(self) -> bytes:
        """The picture that came last, once."""
        await self._there.wait()
        self._there.clear()
        data, self._data = self._data, None
        assert data is not None
        return data


@router.websocket("/api/live")
async def live(socket: WebSocket) -> None:
    """Follow faces: each binary message is a picture, each answer JSON.

    `?avatar=` is the personal head of who is seen; `?photo=` a head whose photo moves along: answers hold it as a
    JPEG in a data URL.
    """
    engine: Engine = socket.app.state.engine
    await socket.accept()
    lane = engine.lanes["motion"]
    if lane.running is not None or lane.waiting:
        await _close(socket, "busy", _busy(lane))
        return
    try:
        asked = {name: socket.query_params.get(name) or "" for name in ("avatar", "photo")}
        for name, kind in (("avatar", "avatars"), ("photo", "heads")):
            if asked[name]:
                engine.record(kind, asked[name])
        job = engine.submit("live", asked, kept=False)
    except ProblemError as problem:
        await _close(socket, problem.code, problem.message)
        return
    latest = _Latest()
    tasks = [asyncio.create_task(work) for work in (_take(socket, latest), _follow(socket, engine, job, latest))]
    try:
        await asyncio.wait(tasks, timeout=engine.limits.live_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not job.ended and job is lane.running:
            lane.worker.send({"end_of_frames": True})
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(job.wait(), engine.limits.grace_s)
        engine.cancel(job)
        engine.jobs.pop(job.key, None)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()


def _busy(lane: Lane) -> str:
    """Why a camera cannot be followed now."""
    if lane.running is not None and lane.running.kind == "live":
        return "another page follows a camera here; one at a time: stop it there first"
    return "the camera cannot be followed while a clip or a personal head is in work; try again when it is done"


async def _close(socket: WebSocket, code: str, message: str) -> None:
    await socket.send_json({"error": {"code": code, "message": message}})
    await socket.close(1013)


async def _take(socket: WebSocket, latest: _Latest) -> None:
    """Take pictures until the client goes."""
    with contextlib.suppress(WebSocketDisconnect):
        while (message := await socket.receive())["type"] == "websocket.receive":
            data = message.get("bytes")
            if data and len(data) <= MOST_BYTES:
                latest.put(data)
            elif data or message.get("text") not in (None, ""):
                await socket.send_json({"error": {"code": "refused", "message": "send pictures of at most 4 MB"}})


async def _follow(socket: WebSocket, engine: Engine, job: Job, latest: _Latest) -> None:
    """Hand pictures to the worker as it has room for them, and its answers to the client."""
    room = asyncio.Semaphore(0)
    feeding = asyncio.create_task(_feed(engine.lanes["motion"].worker, latest, room))
    try:
        async for what, told in job.watch():
            if what == "live" and _is_ready(told):
                for _ in range(IN_WORK):
                    room.release()
            elif what == "live":
                room.release()
                await socket.send_json(told)
    finally:
        feeding.cancel()
    if job.error is not None:
        await socket.send_json({"error": job.error})


async def _feed(worker: Supervisor, latest: _Latest, room: asyncio.Semaphore) -> None:
    """Hand on the picture that came last whenever there is room for one."""
    while True:
        await room.acquire()
        worker.send_frame(await latest.get())


def _is_ready(told: dict[str, Any]) -> bool:
    """Whether this says only that the worker waits for pictures."""
    return "ready" in told
