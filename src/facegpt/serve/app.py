"""The web application: routes, guards and the page. It imports no torch."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from facegpt import __version__
from facegpt.serve.engine import Engine
from facegpt.serve.guard import Guard
from facegpt.serve.problems import ProblemError
from facegpt.serve.routes import (
    about,
    avatars,
    clips,
    completions,
    heads,
    jobs,
    live,
    photos,
    reference,
    shown,
    takes,
    voice,
)
from facegpt.serve.settings import ServeSettings
from facegpt.types import FaceGPTError

log = logging.getLogger("facegpt.serve")
#: Where the page lies in the package.
PAGE = Path(__file__).with_name("page")
_NO_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>FaceGPT</title><h1>FaceGPT</h1>"
    "<p>The server runs. Its addresses: <a href=/api/docs>/api/docs</a>.</p></html>"
)


def create_app(settings: ServeSettings) -> FastAPI:
    """The application of one server."""
    engine = Engine(settings)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        await engine.open()
        try:
            yield
        finally:
            await engine.close()

    app = FastAPI(
        title="FaceGPT",
        version=__version__,
        description=__doc__.splitlines()[0] if __doc__ else "",
        lifespan=running,
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.engine = engine
    for room in (about, photos, heads, jobs, takes, clips, avatars, live, voice, completions, shown, reference):
        app.include_router(room.router)
    _mount_page(app, settings.page or PAGE)
    _handle_errors(app)
    app.add_middleware(Guard, settings=settings, metrics=engine.metrics)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Mean-Mm", "X-Max-Mm", "X-Told", "Retry-After", "Content-Disposition"],
        )
    return app


def _mount_page(app: FastAPI, folder: Path) -> None:
    """Serve the page's files, and its index at the root and at each head's address."""
    index = folder / "index.html"

    @app.get("/", include_in_schema=False)
    @app.get("/heads/{key}", include_in_schema=False)
    async def root() -> Response:
        if not index.is_file():
            return HTMLResponse(_NO_PAGE)
        text = await asyncio.to_thread(index.read_text, "utf-8")
        return HTMLResponse(text, headers={"cache-control": "no-cache"})

    if folder.is_dir():
        app.mount("/page", StaticFiles(directory=folder), name="page")


def _handle_errors(app: FastAPI) -> None:
    """Answer everything that goes wrong in one form."""

    @app.exception_handler(ProblemError)
    async def on_problem(_: Request, problem: ProblemError) -> JSONResponse:
        return JSONResponse(problem.body, problem.status, problem.headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        problem = ProblemError(422, "invalid", _first_fault(error.errors()))
        return JSONResponse(problem.body, problem.status)

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method"}.get(error.status_code, "http")
        problem = ProblemError(error.status_code, code, str(error.detail))
        return JSONResponse(problem.body, problem.status, dict(error.headers or {}))

    @app.exception_handler(sqlite3.Error)
    async def on_database(_: Request, error: sqlite3.Error) -> JSONResponse:
        log.error("the database failed: %s", error)
        problem = ProblemError(
            507, "disk_full", f"the store cannot be written ({error}); make room on the server's disk"
        )
        return JSONResponse(problem.body, problem.status)

    @app.exception_handler(OSError)
    async def on_disk(_: Request, error: OSError) -> JSONResponse:
        log.error("the disk failed: %s", error.strerror)
        why = error.strerror or "it cannot be written"
        problem = ProblemError(507, "disk_full", f"the server's disk failed: {why}; make room on it")
        return JSONResponse(problem.body, problem.status)

    @app.exception_handler(FaceGPTError)
    async def on_refused(_: Request, error: FaceGPTError) -> JSONResponse:
        problem = ProblemError(422, "refused", str(error))
        return JSONResponse(problem.body, problem.status)


def _first_fault(faults: Any) -> str:
    """The first thing that is wrong with a request, without what was sent."""
    fault = faults[0]
    place = ".".join(str(part) for part in fault.get("loc", ()) if part not in ("body", "query", "path"))
    return f"{place or 'the request'}: {fault.get('msg', 'is not valid')}"
