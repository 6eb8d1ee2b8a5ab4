"""What routes share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import JSONResponse

from facegpt.serve.engine import Engine
from facegpt.serve.jobs import Job, new_key
from facegpt.serve.problems import ProblemError

#: Answers that every address may give, for the OpenAPI page.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"description": text}
    for code, text in (
        (400, "damaged request"),
        (401, "the token is missing or wrong"),
        (403, "asked from another host or page"),
        (404, "there is no such thing"),
        (408, "the client fell silent"),
        (413, "too large"),
        (415, "another media type"),
        (422, "not valid; the message says what"),
        (429, "too many requests or jobs; see Retry-After"),
        (503, "the model is not ready"),
        (504, "it took too long"),
        (507, "the disk or the memory is full"),
    )
}


async def engine_of(request: Request) -> Engine:
    """The engine behind a request. A coroutine: FastAPI hands every other function to a thread and waits for it."""
    engine: Engine = request.app.state.engine
    return engine


EngineOf = Annotated[Engine, Depends(engine_of)]


def accepted(engine: Engine, job: Job) -> JSONResponse:
    """A job that was taken: 202, and where it is watched."""
    return JSONResponse(engine.told(job), 202, {"Location": f"/api/jobs/{job.key}"})


@contextmanager
def spooled(engine: Engine) -> Iterator[tuple[str, Path]]:
    """The id of a job to come, and the folder for its uploads, which goes when the job is not taken.

    Raises:
        ProblemError: if the model cannot be loaded (503).
    """
    engine.check_ready()
    key = new_key()
    folder = engine.store.spool(key)
    try:
        yield key, folder
    except BaseException:
        engine.store.unspool(key)
        raise


@contextmanager
def briefly_spooled(engine: Engine) -> Iterator[Path]:
    """A folder for uploads and results of work that a request waits for; it goes with the request.

    Raises:
        ProblemError: if the model cannot be loaded (503).
    """
    engine.check_ready()
    key = new_key()
    try:
        yield engine.store.spool(key)
    finally:
        engine.store.unspool(key)


async def written(engine: Engine, kind: str, payload: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """What a job wrote into its file, which nobody keeps, and its result."""
    with briefly_spooled(engine) as folder:
        told = await engine.carry_out(kind, {**payload, "file": str(folder / kind)})
        return (folder / kind).read_bytes(), told


def form_of(schema: dict[str, Any]) -> dict[str, Any]:
    """What the OpenAPI page says of a form."""
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def check_text(engine: Engine, text: str) -> None:
    """Raise ProblemError (422) for a text that is too long."""
    if len(text) > engine.limits.text_characters:
        raise ProblemError(422, "too_long", f"a text has at most {engine.limits.text_characters:,} characters")
