"""Heads: made, changed, described, compared, kept, found, given as files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, JSONResponse, Response

from facegpt.serve.engine import Engine
from facegpt.serve.formats import FORMATS
from facegpt.serve.jobs import new_key
from facegpt.serve.problems import ProblemError, not_found
from facegpt.serve.routes.common import PROBLEMS, EngineOf, accepted, spooled
from facegpt.serve.shapes import DETAILS, QUALITIES, Change, Edit, Key, Name, Question, Without, Words
from facegpt.serve.uploads import Form, one_file, read_form

router = APIRouter(prefix="/api/heads", tags=["heads"], responses=PROBLEMS)
_FORM = {
    "required": ["photo"],
    "type": "object",
    "properties": {
        "photo": {"type": "string", "format": "binary"},
        "quality": {"type": "string", "enum": list(QUALITIES), "default": "balanced"},
        "detail": {"type": "string", "enum": list(DETAILS), "default": "off"},
        "hair": {"type": "string", "default": "auto", "description": "auto, none or a style"},
        "glasses": {"type": "string", "default": "auto", "description": "auto, none or a frame"},
        "avatar": {"type": "string", "description": "id of a personal head"},
    },
}
FORM = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


@router.post("/photo", status_code=202, openapi_extra=FORM)
async def from_photo(request: Request, engine: EngineOf) -> JSONResponse:
    """Make the heads of a photo. A job; its result is {"heads": […]}, the largest face first."""
    with spooled(engine) as (key, folder):
        form = await read_form(request, folder, engine.limits.photo_bytes)
        path, name = one_file(form, "photo")
        payload = {"photo": str(path), "name": name, **_how(engine, form)}
        return accepted(engine, engine.submit("photo", payload, key))


def _how(engine: Engine, form: Form) -> dict[str, str]:
    """Quality, detail, hair, glasses and personal head of a form. Raises ProblemError (422)."""
    told = {"quality": "balanced", "detail": "off", "hair": "auto", "glasses": "auto", "avatar": ""}
    told |= {name: form.fields[name] for name in told if form.fields.get(name)}
    for name, allowed in (("quality", QUALITIES), ("detail", DETAILS)):
        if told[name] not in allowed:
            raise ProblemError(422, "invalid", f"{name} is one of {', '.join(allowed)}")
    if told["avatar"]:
        engine.record("avatars", told["avatar"])
    return told


@router.post("/words", status_code=202)
async def from_words(body: Words, engine: EngineOf) -> JSONResponse:
    """Make heads from words. A job; its result is {"heads": […]}, those of seed, seed + 1 and so on."""
    engine.check_ready()
    check_text(engine, body.text)
    if body.count > engine.limits.heads:
        raise ProblemError(422, "invalid", f"count is at most {engine.limits.heads}")
    return accepted(engine, engine.submit("words", body.model_dump()))


@router.post("/{key}/edit", status_code=202)
async def edit(key: Key, body: Edit, engine: EngineOf) -> JSONResponse:
    """Change a head by words. A job; its result is {"heads": [one]}, a new head whose parent this one is."""
    engine.record("heads", key)
    check_text(engine, body.text)
    return accepted(engine, engine.submit("edit", {"head": key, **body.model_dump()}))


@router.post("/{key}/change", status_code=202)
async def change(key: Key, body: Change, engine: EngineOf) -> JSONResponse:
    """Change a head by numbers. A job; its result is {"heads": [one]}, a new head whose parent this one is."""
    engine.record("heads", key)
    return accepted(engine, engine.submit("change", {"head": key, **body.payload()}, urgent=True))


@router.post("/{key}/without", status_code=202)
async def without(key: Key, body: Without, engine: EngineOf) -> JSONResponse:
    """Make a head again without parts of the words that made it (its `understood` and `ignored`), all else the same.

    A job; its result is {"heads": [one], "replaced": {old id: new id}}.
    """
    of = engine.record("heads", body.of or key)["id"]
    engine.record("heads", key)
    payload = {"head": key, "of": of, "parts": body.parts}
    return accepted(engine, engine.submit("without", payload, urgent=True))


@router.post("/{key}/describe", status_code=202)
async def describe(key: Key, body: Question, engine: EngineOf) -> JSONResponse:
    """Describe a head, or answer a question about it. A job; its result is {"text": …}."""
    engine.record("heads", key)
    check_text(engine, body.question or "")
    return accepted(engine, engine.submit("describe", {"head": key, "question": body.question or None}, urgent=True))


@router.get("/{a}/compare/{b}", response_class=Response)
async def compare(a: Key, b: Key, engine: EngineOf) -> Response:
    """How far two people at rest lie apart: float32, mm, by the vertices of the skin of the first one's GLB."""
    engine.record("heads", a), engine.record("heads", b)
    key = new_key()
    try:
        file = engine.store.spool(key) / "apart"
        told = await engine.carry_out("compare", {"a": a, "b": b, "file": str(file)})
        headers = {"X-Mean-Mm": f"{told['mean_mm']:.4f}", "X-Max-Mm": f"{told['max_mm']:.4f}"}
        return Response(file.read_bytes(), media_type="application/octet-stream", headers=headers)
    finally:
        engine.store.unspool(key)


@router.get("")
async def found(
    engine: EngineOf,
    saved: bool = True,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> dict[str, Any]:
    """Heads that were saved, the newest first; with `q` those whose names or words hold all of its words."""
    return {"heads": engine.store.find("heads", saved, q, limit)}


@router.get("/{key}")
async def told(key: Key, engine: EngineOf) -> dict[str, Any]:
    """What is known of a head."""
    return engine.record("heads", key)


@router.post("/{key}/save")
async def save(key: Key, body: Name, engine: EngineOf) -> dict[str, Any]:
    """Keep a head under a name until it is deleted, with its photo if it has one."""
    return engine.save("heads", key, body.name)


@router.delete("/{key}")
async def delete(key: Key, engine: EngineOf) -> dict[str, bool]:
    """Delete a head with all its files."""
    return engine.delete("heads", key)


@router.get("/{key}/files/{name}", response_class=FileResponse)
async def file(key: Key, name: str, engine: EngineOf) -> FileResponse:
    """A file of a head, made when it is first asked for. Names: see `formats` of /api/about."""
    if name not in FORMATS:
        raise ProblemError(404, "not_found", f"there is no such format; there are: {', '.join(FORMATS)}")
    record, one = engine.record("heads", key), FORMATS[name]
    path = engine.store.path("heads", key) / "files" / f"{name}{one.extension}"
    if not path.is_file():
        if one.needs_photo and record["image"] is None:
            raise ProblemError(404, "not_found", "this head was made from no photo")
        if one.needs_detail and not record.get("detail"):
            raise ProblemError(404, "not_found", "this head has no wrinkles of its own; make it with detail")
        await engine.carry_out("file", {"head": key, "format": name, "file": str(path)})
        _check_still_there(engine, key, path)
    shown = one.media.startswith("image/")
    return FileResponse(
        path,
        media_type=one.media,
        filename=f"{file_stem(record)}{'_' + name if shown else ''}{one.extension}",
        content_disposition_type="inline" if shown else "attachment",
    )


def _check_still_there(engine: Engine, key: str, path: Path) -> None:
    """A head that was deleted while its file was written leaves no file behind. Raises ProblemError (404)."""
    if engine.store.get("heads", key) is None:
        shutil.rmtree(path.parent.parent, ignore_errors=True)
        raise not_found("head")


def file_stem(record: dict[str, Any]) -> str:
    """What a file of a head is called: by its name, in letters that every system takes."""
    stem = re.sub(r"[^\w-]+", "_", str(record.get("name") or "head"), flags=re.ASCII).strip("_")
    return stem[:60] or "head"


def check_text(engine: Engine, text: str) -> None:
    """Raise ProblemError (422) for a text that is too long."""
    if len(text) > engine.limits.text_characters:
        raise ProblemError(422, "too_long", f"a text has at most {engine.limits.text_characters:,} characters")
