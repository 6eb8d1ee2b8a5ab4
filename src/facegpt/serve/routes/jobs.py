"""Jobs: how far they have come, their events, and their end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from facegpt.serve.engine import Engine
from facegpt.serve.jobs import Job
from facegpt.serve.routes.common import PROBLEMS, EngineOf
from facegpt.serve.shapes import Key

router = APIRouter(prefix="/api/jobs", tags=["jobs"], responses=PROBLEMS)
#: Headers of event streams: proxies are not to gather them.
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@router.get("/{key}")
async def told(key: Key, engine: EngineOf) -> dict[str, Any]:
    """How far a job has come, and its result once it is done."""
    return engine.told(engine.job(key))


@router.get("/{key}/events", response_class=StreamingResponse)
async def events(key: Key, engine: EngineOf) -> StreamingResponse:
    """Server-sent events: progress, text, and at last done, failed or cancelled."""
    job = engine.job(key)
    return StreamingResponse(_events(engine, job), media_type="text/event-stream", headers=STREAM_HEADERS)


async def _events(engine: Engine, job: Job) -> AsyncIterator[str]:
    async for what, piece in job.watch():
        if what == "beat":
            yield ": still here\n\n"
        elif what == "text":
            yield event("text", {"id": job.key, "text": piece})
        elif what == "moved":
            yield event(job.state if job.ended else "progress", engine.told(job))


def event(name: str, data: Any) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


@router.delete("/{key}")
async def cancel(key: Key, engine: EngineOf) -> dict[str, Any]:
    """Stop a job and its computing; one that is over stays as it is."""
    job = engine.job(key)
    engine.cancel(job)
    return engine.told(job)
