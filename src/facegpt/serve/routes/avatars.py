"""Personal heads: made from clips of a person, listed, deleted."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, JSONResponse

from facegpt.serve.problems import ProblemError
from facegpt.serve.routes.common import PROBLEMS, EngineOf, accepted, spooled
from facegpt.serve.shapes import Key
from facegpt.serve.uploads import read_form, yes

router = APIRouter(prefix="/api/avatars", tags=["personal heads"], responses=PROBLEMS)
_FORM = {
    "required": ["clips"],
    "type": "object",
    "properties": {
        "clips": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "name": {"type": "string"},
        "minutes": {"type": "number", "description": "most time to take"},
        "tune": {"type": "boolean", "default": True, "description": "tune the landmark network to them, too"},
    },
}
FORM = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}
#: Most clips of a person.
MOST_CLIPS = 12


@router.post("", status_code=202, openapi_extra=FORM)
async def personalize(request: Request, engine: EngineOf) -> JSONResponse:
    """Make a personal head from clips of a person. A job; its result is {"avatar": …}; it is kept until deleted."""
    with spooled(engine) as (key, folder):
        form = await read_form(request, folder, engine.limits.clip_bytes)
        paths, names = [str(path) for path in form.files.get("clips", [])], form.names.get("clips", [])
        if not 1 <= len(paths) <= MOST_CLIPS:
            raise ProblemError(422, "form", f"the form needs 1 to {MOST_CLIPS} files 'clips'")
        name = form.fields.get("name", "").strip()[:80] or "somebody"
        payload: dict[str, Any] = {"clips": paths, "names": names, "name": name}
        payload |= {"minutes": _minutes(form.fields), "tune": yes(form, "tune")}
        return accepted(engine, engine.submit("avatar", payload, key))


def _minutes(fields: dict[str, str]) -> float | None:
    """How long it may take. Raises ProblemError (422)."""
    told = fields.get("minutes", "")
    try:
        minutes = float(told) if told else None
    except ValueError:
        minutes = -1.0
    if minutes is not None and not 0 < minutes <= 240:
        raise ProblemError(422, "invalid", "minutes is a number above 0, 240 at most")
    return minutes


@router.get("")
async def found(engine: EngineOf) -> dict[str, Any]:
    """All personal heads, the newest first."""
    return {"avatars": engine.store.find("avatars")}


@router.get("/{key}")
async def told(key: Key, engine: EngineOf) -> dict[str, Any]:
    """What is known of a personal head."""
    return engine.record("avatars", key)


@router.delete("/{key}")
async def delete(key: Key, engine: EngineOf) -> dict[str, bool]:
    """Delete a personal head with all its files, and the heads that were made with it."""
    deleted = engine.delete("avatars", key)
    for kept in (True, False):
        for head in engine.store.find("heads", kept, most=100_000):
            if head.get("avatar") == key:
                engine.store.delete("heads", head["id"])
    return deleted


@router.get("/{key}/files/preview", response_class=FileResponse)
async def preview(key: Key, engine: EngineOf) -> FileResponse:
    """A picture of a personal head."""
    engine.record("avatars", key)
    return FileResponse(engine.store.path("avatars", key) / "preview.png", media_type="image/png")
