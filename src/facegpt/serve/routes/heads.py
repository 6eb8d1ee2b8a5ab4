"""Heads: made, changed, described, compared, kept, found, given as files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, JSONResponse, Response

from facegpt.serve.engine import Engine
from facegpt.serve.formats import FORMATS, PHOTO
from facegpt.serve.problems import ProblemError, not_found
from facegpt.serve.routes.common import PROBLEMS, EngineOf, accepted, check_text, form_of, spooled, written
from facegpt.serve.shapes import (
    DETAILS,
    HEADWEAR,
    IDS,
    QUALITIES,
    READERS,
    Change,
    Edit,
    Key,
    Name,
    Question,
    Without,
    Words,
)
from facegpt.serve.uploads import Form, one_file, read_form, yes

router = APIRouter(prefix="/api/heads", tags=["heads"], responses=PROBLEMS)
_FORM = {
    "required": ["photo"],
    "type": "object",
    "properties": {
        "photo": {"type": "string", "format": "binary"},
        "quality": {"type": "string", "enum": list(QUALITIES), "default": "balanced"},
        "detail": {"type": "string", "enum": list(DETAILS), "description": "normal, but off for fast"},
        "hair": {"type": "string", "default": "auto", "description": "auto, none or a style"},
        "glasses": {"type": "string", "default": "auto", "description": "auto, none or a frame"},
        "headwear": {
            "type": "string",
            "enum": list(HEADWEAR),
            "default": "auto",
            "description": "kept as cloth, or not",
        },
        "shirt": {"type": "string", "default": "auto", "description": "auto, none or a colour"},
        "avatar": {"type": "string", "description": "id of a personal head"},
        "ready": {"type": "boolean", "default": False, "description": "write its GLB and picture at once"},
        "reader": {"type": "string", "enum": list(READERS), "default": "fit", "description": "what makes the heads"},
    },
}
_PERSON_FORM = {
    "required": ["photos"],
    "type": "object",
    "properties": {
        "photos": {"type": "array", "items": {"type": "string", "format": "binary"}},
        **{name: _FORM["properties"][name] for name in ("quality", "detail", "hair", "glasses", "ready")},  # type: ignore[index]
        "with": {"type": "string", "description": "id of a head: the photos that it was made from count too"},
    },
}
#: Most photos of one person that are sent; of more than 12 those are taken that tell the most.
MOST_PHOTOS = 200


@router.post("/photo", status_code=202, openapi_extra=form_of(_FORM))
async def from_photo(request: Request, engine: EngineOf) -> JSONResponse:
    """Make the heads of a photo. A job; its result is {"heads": […]}, the largest face first."""
    with spooled(engine) as (key, folder):
        form = await read_form(request, folder, engine.limits.photo_bytes)
        path, name = one_file(form, "photo")
        payload = {"photo": str(path), "name": name, **_how(engine, form)}
        return accepted(engine, engine.submit("photo", payload, key))


@router.post("/person", status_code=202, openapi_extra=form_of(_PERSON_FORM))
async def from_person(request: Request, engine: EngineOf) -> JSONResponse:
    """Make the head of one person from several photos.

    A job; its result is {"heads": […], "clearest": id, "advice": […]}: the same head as in each photo that shows the
    person, and sentences on what became of the photos and which ones would make it better. `with` adds them to the
    photos of a head that is there.
    """
    with spooled(engine) as (key, folder):
        form = await read_form(request, folder, engine.limits.photo_bytes)
        paths, names = [str(path) for path in form.files.get("photos", [])], form.names.get("photos", [])
        if not 1 <= len(paths) <= MOST_PHOTOS:
            raise ProblemError(422, "form", f"the form needs 1 to {MOST_PHOTOS} files 'photos'")
        before = _photos_of(engine, form.fields["with"]) if form.fields.get("with") else []
        photos = [*before, *zip(paths, names, strict=True)]
        payload = {"photos": [path for path, _ in photos], "names": [name for _, name in photos]}
        payload |= _how(engine, form)
        return accepted(engine, engine.submit("person", payload, key))


def _photos_of(engine: Engine, key: str) -> list[tuple[str, str]]:
    """Files and names of the photos that a head was made from, of those that are still there. Raises ProblemError."""
    first = engine.record("heads", key).get("photo_head")
    if first is None:
        raise ProblemError(422, "form", "this head was made from no photo; send all photos of the person")
    keys = engine.record("heads", first).get("together") or [first]
    there = {one["id"]: one["text"] for one in engine.records("heads", keys)}
    paths = {one: engine.store.path("heads", one) / PHOTO for one in keys if one in there}
    return [(str(path), there[one]) for one, path in paths.items() if path.is_file()]


@router.post("/mean", status_code=202)
async def mean(engine: EngineOf, ready: bool = False) -> JSONResponse:
    """Make the head of the prior's mean, at rest. A job; its result is {"heads": [one]}."""
    engine.check_ready()
    return accepted(engine, engine.submit("mean", {"ready": ready}, urgent=True))


def _how(engine: Engine, form: Form) -> dict[str, Any]:
    """Quality, detail, what is worn, personal head and reader of a form. Raises ProblemError (422)."""
    told = {"quality": "balanced", "detail": "", "hair": "auto", "glasses": "auto", "avatar": "", "reader": "fit"}
    told |= {"headwear": "auto", "shirt": "auto"}
    told |= {name: form.fields[name] for name in told if form.fields.get(name)}
    choices = ("quality", QUALITIES), ("detail", ("", *DETAILS)), ("reader", READERS), ("headwear", HEADWEAR)
    for name, allowed in choices:
        if told[name] not in allowed:
            raise ProblemError(422, "invalid", f"{name} is one of {', '.join(filter(None, allowed))}")
    if told["avatar"]:
        engine.record("avatars", told["avatar"])
    return {**told, "ready": "ready" in form.fields and yes(form, "ready")}


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
    if body.folds_of is not None:
        engine.record("heads", body.folds_of)
    return accepted(engine, engine.submit("change", {"head": key, **body.payload()}, urgent=True))


@router.post("/{key}/without", status_code=202)
async def without(key: Key, body: Without, engine: EngineOf) -> JSONResponse:
    """Make a head again without parts of the words that made it (its `understood` and `ignored`), all else the same.

    A job; its result is {"heads": [one], "replaced": {old id: new id}}.
    """
    of = engine.record("heads", body.of or key)["id"]
    engine.record("heads", key)
    payload = {"head": key, "of": of, "parts": body.parts, "ready": body.ready}
    return accepted(engine, engine.submit("without", payload, urgent=True))


@router.post("/{key}/describe", status_code=202)
async def describe(key: Key, body: Question, engine: EngineOf) -> JSONResponse:
    """Describe a head, or answer a question about it and others. A job; its result is {"text": …}."""
    for head in (key, *body.others):
        engine.record("heads", head)
    check_text(engine, body.question or "")
    payload = {"heads": [key, *body.others], "question": body.question or None}
    return accepted(engine, engine.submit("describe", payload, urgent=True))


@router.get("/{a}/distance/{b}", response_class=Response)
async def distance(a: Key, b: Key, engine: EngineOf) -> Response:
    """How far two people at rest lie apart: float32, mm, by the vertices of the skin of the first one's GLB."""
    engine.record("heads", a), engine.record("heads", b)
    data, told = await written(engine, "distance", {"a": a, "b": b})
    headers = {"X-Mean-Mm": f"{told['mean_mm']:.4f}", "X-Max-Mm": f"{told['max_mm']:.4f}"}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.get("/{key}/render", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def render(
    key: Key,
    engine: EngineOf,
    size: Annotated[int, Query(ge=16, le=2048)] = 512,
    yaw_deg: Annotated[float | None, Query(ge=-180, le=180, description="from the front, to its left")] = None,
    pitch_deg: Annotated[float | None, Query(ge=-90, le=90, description="chin down")] = None,
    background: Annotated[str | None, Query(max_length=40, description='"grey", a name or #rrggbb')] = None,
    light: Annotated[str | None, Query(max_length=20, description="studio, even, left, above, right, photo")] = None,
    distance_mm: Annotated[float | None, Query(ge=250, le=100_000, description="of the camera")] = None,
) -> Response:
    """Draw a head alone, with hair and glasses: a PNG with alpha, as wide as high. Without angles as in its photo."""
    engine.record("heads", key)
    view: dict[str, Any] = {"yaw_deg": yaw_deg, "pitch_deg": pitch_deg, "background": background, "light": light}
    view |= {"distance_mm": distance_mm, "size": size}
    told = {name: value for name, value in view.items() if value is not None}
    data, _ = await written(engine, "render", {"head": key, "view": told})
    return Response(data, media_type="image/png")


@router.get("/{key}/photo", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def photo(
    key: Key,
    engine: EngineOf,
    yaw_deg: Annotated[float, Query(ge=-25, le=25, description="turn towards its left")] = 0.0,
    pitch_deg: Annotated[float, Query(ge=-25, le=25, description="chin down")] = 0.0,
    gaze: Annotated[Literal["", "camera"], Query(description="camera: the eyes look into it")] = "",
) -> Response:
    """Draw a head into the photo that it, or a head that it was changed from, was made of: the photo changed, a PNG.

    `photo_head` of a head says whether there is one. Hair and glasses of the photo stay.
    """
    if engine.record("heads", key).get("photo_head") is None:
        raise ProblemError(404, "not_found", "this head was made from no photo")
    turn = [yaw_deg, pitch_deg] if yaw_deg or pitch_deg else None
    data, _ = await written(engine, "shown", {"head": key, "turn": turn, "gaze": gaze or None})
    return Response(data, media_type="image/png")


@router.post("/{key}/turntable", status_code=202)
async def turntable(key: Key, engine: EngineOf) -> JSONResponse:
    """Draw one turn of a head as a video. A job; its result is {"file": address}. Needs the extra video."""
    engine.record("heads", key)
    if not FORMATS["turntable"].available:
        raise ProblemError(422, "extra", "a video needs the extra video on the server: its docs say how to install it")
    address = f"{router.prefix}/{key}/files/turntable"
    return accepted(engine, engine.submit("turntable", {"head": key, "address": address}))


@router.get("")
async def found(
    engine: EngineOf,
    saved: bool = True,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    ids: Annotated[str, Query(pattern=IDS, description="ids, with commas between")] = "",
) -> dict[str, Any]:
    """Heads that were saved, the newest first; with `q` those whose names or words hold all of its words.

    With `ids` these heads, saved or not, of those that are still there.
    """
    if ids:
        return {"heads": engine.records("heads", ids.split(","))}
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
async def file(key: Key, name: str, engine: EngineOf, hair_lod: Literal["0", "1", "2", "none"] = "0") -> FileResponse:
    """A file of a head, made when it is first asked for. Names: see `formats` of /api/about.

    `hair_lod` of 3D formats: detail of the hair's mesh, 0 the finest, 2 the coarsest, or none for a head without hair.
    """
    if name not in FORMATS:
        raise ProblemError(404, "not_found", f"there is no such format; there are: {', '.join(FORMATS)}")
    record, one = engine.record("heads", key), FORMATS[name]
    coarser = "" if hair_lod == "0" else f"_hair_{hair_lod}"
    path = engine.store.path("heads", key) / "files" / f"{name}{coarser}{one.extension}"
    if not path.is_file():
        if one.needs_photo and record["image"] is None:
            raise ProblemError(404, "not_found", "this head was made from no photo")
        if one.needs_detail and not record.get("detail"):
            raise ProblemError(404, "not_found", "this head has no wrinkles of its own; make it with detail")
        if one.needs_doubt and not record.get("doubt"):
            raise ProblemError(404, "not_found", "how sure this head is is not known: it was made from no photo")
        if one.needs_matches and not record.get("matches"):
            raise ProblemError(404, "not_found", "no skin was matched between photos of this head")
        await engine.carry_out("file", {"head": key, "format": name, "hair_lod": hair_lod, "file": str(path)})
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
