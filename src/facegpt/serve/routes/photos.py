"""Photos: what is seen on their faces, whether two show one person, and the photo itself changed."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from facegpt.serve.problems import ProblemError
from facegpt.serve.routes.common import PROBLEMS, EngineOf, briefly_spooled, check_text, form_of
from facegpt.serve.uploads import Form, number, one_file, read_form, yes

router = APIRouter(prefix="/api/photos", tags=["photos"], responses=PROBLEMS)
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_FACE: dict[str, Any] = {"type": "integer", "description": "which face, 0 the largest", "default": 0}
_ANALYZE = {
    "required": ["photo"],
    "type": "object",
    "properties": {
        "photo": _FILE,
        "points": {"type": "boolean", "default": True, "description": "with 478 and 68 points and their visibility"},
    },
}
_COMPARE = {
    "required": ["first", "second"],
    "type": "object",
    "properties": {"first": _FILE, "second": _FILE, "first_face": _FACE, "second_face": _FACE},
}
_EDIT = {
    "required": ["photo"],
    "type": "object",
    "examples": [{"text": "make her laugh"}],
    "properties": {
        "photo": _FILE,
        "text": {"type": "string", "description": "what to change, in words"},
        "set": {"type": "string", "description": "weights of ARKit units, as jawOpen=.4,browInnerUp=.6"},
        "au": {"type": "string", "description": "action units, as 1=.6,L12=.4; L, R: one side"},
        "turn": {"type": "string", "description": "degrees to its left and down, as 12,-5; at most 25"},
        "gaze": {"type": "string", "description": "camera, or degrees to its left and up, as 5,0"},
        "like": {**_FILE, "description": "a photo whose expression the face gets"},
        "retexture": {**_FILE, "description": "another skin: a picture as large as the head's texture"},
        "morph": {**_FILE, "description": "a photo whose face it goes towards; then nothing else counts"},
        "at": {"type": "number", "default": 0.5, "description": "how far it goes, 0 to 1"},
        "face": _FACE,
        "seed": {"type": "integer", "default": 0},
    },
}
#: What asks for a change beside a file.
_WISHES = ("text", "set", "au", "turn", "gaze")


@router.post("/analyze", openapi_extra=form_of(_ANALYZE))
async def analyze(request: Request, engine: EngineOf) -> dict[str, Any]:
    """Say what is seen on each face of a photo: {"faces": […]}, the largest first.

    Box, points, pose, gaze, expression, action units, blend shapes, age, hair, what is worn; `row`: a line of a table.
    """
    with briefly_spooled(engine) as folder:
        form = await read_form(request, folder, engine.limits.photo_bytes)
        path, _ = one_file(form, "photo")
        return await engine.carry_out("analyze", {"photo": str(path), "points": yes(form, "points")})


@router.post("/compare", openapi_extra=form_of(_COMPARE))
async def compare(request: Request, engine: EngineOf) -> dict[str, Any]:
    """Say how likely two photos show one person: likelihood, interval, same (null: not sure), distance, reasons."""
    with briefly_spooled(engine) as folder:
        form = await read_form(request, folder, engine.limits.photo_bytes)
        payload: dict[str, Any] = {name: str(one_file(form, name)[0]) for name in ("first", "second")}
        payload |= {f"{name}_face": number(form, f"{name}_face", 0, 1000, whole=True) for name in ("first", "second")}
        return await engine.carry_out("compare", payload)


@router.post(
    "/edit", response_class=Response, responses={200: {"content": {"image/png": {}}}}, openapi_extra=form_of(_EDIT)
)
async def edit(request: Request, engine: EngineOf) -> Response:
    """Change the face in a photo: the photo again as a PNG, of the same size, with hair, clothes and background.

    The header X-Told is JSON: what was understood of the words, what is ignored, remarks, and the share of the picture
    that differs. Its metadata say that the picture was changed.
    """
    with briefly_spooled(engine) as folder:
        form = await read_form(request, folder, engine.limits.photo_bytes)
        payload = _asked(form) | {"photo": str(one_file(form, "photo")[0]), "file": str(folder / "changed.png")}
        check_text(engine, payload["text"])
        told = await engine.carry_out("photo_edit", payload)
        data = (folder / "changed.png").read_bytes()
    return Response(data, media_type="image/png", headers={"X-Told": json.dumps(told)})


def _asked(form: Form) -> dict[str, Any]:
    """What a form asks for. Raises ProblemError (422) if that is nothing, or cannot be."""
    told: dict[str, Any] = {name: form.fields.get(name, "").strip() for name in _WISHES}
    for name in ("like", "morph", "retexture"):
        told[name] = str(one_file(form, name)[0]) if name in form.files else None
    if not any(told.values()):
        raise ProblemError(422, "form", f"say what to change: {', '.join(_WISHES)}, like, retexture or morph")
    at, seed = number(form, "at", 0, 1), number(form, "seed", 0, 2**31 - 1, whole=True)
    face = number(form, "face", 0, 1000, whole=True)
    return told | {"at": 0.5 if at is None else at, "seed": seed or 0, "face": face}
