"""Clips: followed, and the files of what was followed or animated (takes.py)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, JSONResponse

from facegpt.serve.problems import ProblemError
from facegpt.serve.routes.common import PROBLEMS, EngineOf, accepted, spooled
from facegpt.serve.shapes import CLIP_QUALITIES, IDS, Key, Name
from facegpt.serve.uploads import one_file, read_form, yes

router = APIRouter(prefix="/api/clips", tags=["clips"], responses=PROBLEMS)
_FORM = {
    "required": ["clip"],
    "type": "object",
    "properties": {
        "clip": {"type": "string", "format": "binary"},
        "smooth": {"type": "boolean", "default": True},
        "quality": {"type": "string", "enum": list(CLIP_QUALITIES), "default": "balanced"},
        "avatar": {"type": "string", "description": "id of a personal head"},
        "hair": {"type": "string", "default": "auto", "description": "auto, none or a style"},
        "glasses": {"type": "string", "default": "auto", "description": "auto, none or a frame"},
    },
}
FORM = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}
#: Media types by the ending of a file.
MEDIA = {
    **{".mp4": "video/mp4", ".png": "image/png", ".json": "application/json", ".csv": "text/csv"},
    **{".glb": "model/gltf-binary", ".usdz": "model/vnd.usdz+zip", ".wav": "audio/wav"},
}


@router.post("", status_code=202, openapi_extra=FORM)
async def track(request: Request, engine: EngineOf) -> JSONResponse:
    """Follow the faces of a clip. A job; its result is {"clip": …} with people, curves and files."""
    with spooled(engine) as (key, folder):
        form = await read_form(request, folder, engine.limits.clip_bytes)
        path, name = one_file(form, "clip")
        quality = form.fields.get("quality") or "balanced"
        if quality not in CLIP_QUALITIES:
            raise ProblemError(422, "invalid", f"quality is one of {', '.join(CLIP_QUALITIES)}")
        payload = {"clip": str(path), "name": name, "smooth": yes(form, "smooth"), "quality": quality}
        payload |= {each: form.fields.get(each) or "auto" for each in ("hair", "glasses")}
        if form.fields.get("avatar"):
            engine.record("avatars", form.fields["avatar"])
            payload["avatar"] = form.fields["avatar"]
        return accepted(engine, engine.submit("clip", payload, key))


@router.get("")
async def found(
    engine: EngineOf,
    saved: bool = True,
    ids: Annotated[str, Query(pattern=IDS, description="ids, with commas between")] = "",
) -> dict[str, Any]:
    """Clips that were saved, the newest first. With `ids` these, saved or not, of those that are still there."""
    if ids:
        return {"clips": engine.records("clips", ids.split(","))}
    return {"clips": engine.store.find("clips", saved)}


@router.get("/{key}")
async def told(key: Key, engine: EngineOf) -> dict[str, Any]:
    """What is known of a clip."""
    return engine.record("clips", key)


@router.post("/{key}/save")
async def save(key: Key, body: Name, engine: EngineOf) -> dict[str, Any]:
    """Keep a clip's results, and its heads, under a name until they are deleted."""
    kept = engine.save("clips", key, body.name)
    for person in kept["people"]:
        engine.store.save("heads", person["head"]["id"], body.name)
    return kept


@router.delete("/{key}")
async def delete(key: Key, engine: EngineOf) -> dict[str, bool]:
    """Delete a clip's results with all files."""
    return engine.delete("clips", key)


@router.get("/{key}/files/{name}", response_class=FileResponse)
async def file(key: Key, name: str, engine: EngineOf) -> FileResponse:
    """A file of a clip; the record's `files` names them."""
    files = engine.record("clips", key)["files"]
    if name not in files:
        raise ProblemError(404, "not_found", f"this clip has no such file; it has: {', '.join(files)}")
    path = engine.store.path("clips", key) / files[name]
    shown = path.suffix in (".mp4", ".png", ".json", ".wav")
    kind = "inline" if shown else "attachment"
    media = MEDIA.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=media, filename=name, content_disposition_type=kind)
