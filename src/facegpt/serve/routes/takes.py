"""Takes: a head, a photo or a clip set in motion by words, a text, sound, curves or somebody's clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from facegpt.serve.engine import Engine
from facegpt.serve.problems import ProblemError
from facegpt.serve.routes.common import PROBLEMS, EngineOf, accepted, check_text, form_of, spooled
from facegpt.serve.uploads import Form, number, one_file, read_form, yes
from facegpt.video.sources import CLIP_SUFFIXES

router = APIRouter(prefix="/api/clips", tags=["clips"], responses=PROBLEMS)
#: Endings of curves that are read; what else a file is, its content says.
CURVES = (".csv", ".npz", ".json")
#: Sources of motion that are text, and those that are files.
TEXTS, FILES = ("words", "say"), ("audio", "driver", "curves")
#: Numbers of the form: lowest, highest, and whether whole.
_NUMBERS: dict[str, tuple[float, float, bool]] = {
    **{"seed": (0, 2**31 - 1, True), "face": (0, 1000, True), "size": (64, 2048, True), "fps": (1, 240, False)},
    **{"gain": (0, 10, False), "mouth": (0.2, 2, False), "intensity": (0, 1, False)},
}
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_SEVERAL: dict[str, Any] = {"type": "array", "items": _FILE}
_FORM = {
    "type": "object",
    "required": [],
    "examples": [{"head": "ID", "words": "slowly smiles, then winks"}],
    "properties": {
        "head": {"type": "string", "description": "id of a head; or an avatar, or a source"},
        "avatar": {"type": "string", "description": "id of a personal head"},
        "source": {**_FILE, "description": "a photo, or a clip whose person keeps the turns of the head"},
        "words": {"type": "string", "description": "a performance: slowly smiles, then winks"},
        "say": {"type": "string", "description": "English text that is said aloud (extra voice)"},
        "voice": {"type": "string", "description": "of say: an old man; pitch=180,speed=1.2; else the head's own"},
        "audio": {**_FILE, "description": "speech; lips follow it"},
        "driver": {**_SEVERAL, "description": "a clip of somebody; several for the faces of a photo"},
        "curves": {**_SEVERAL, "description": "Live Link Face or other CSV, NPZ or JSON of a take"},
        "give": {"type": "string", "enum": ["head", "photo"], "default": "head", "description": "what moves"},
        "emotion": {"type": "string", "description": "over speech: anger, happiness, …"},
        "mood": {"type": "string", "description": "over speech: how it is said, in words: sarcastic"},
        "transcript": {"type": "string", "description": "of audio: the English words that are said (extra phonetic)"},
        **{
            name: {"type": "integer" if whole else "number", "minimum": low, "maximum": high}
            for name, (low, high, whole) in _NUMBERS.items()
        },
        "alive": {"type": "boolean", "default": True, "description": "words and speech get blinks and glances"},
        "video": {"type": "boolean", "default": True, "description": "draw video.mp4, with the sound"},
        "background": {"type": "string", "description": "of the head's video: grey, a name or #rrggbb"},
    },
}


@router.post("/animate", status_code=202, openapi_extra=form_of(_FORM))
async def animate(request: Request, engine: EngineOf) -> JSONResponse:
    """Set a head, a photo or a clip in motion. A job; its result is {"clip": …} as of a followed clip.

    It takes one of head, avatar and source, and one of words, say, audio, driver and curves. `remarks` of the clip are
    sentences on what was changed or left out.
    """
    with spooled(engine) as (key, folder):
        form = await read_form(request, folder, engine.limits.clip_bytes)
        payload = {**_subject(engine, form), **_motion(engine, form), "how": _how(form)}
        payload |= {"video": yes(form, "video"), "background": form.fields.get("background") or None}
        return accepted(engine, engine.submit("take", payload, key))


def _subject(engine: Engine, form: Form) -> dict[str, Any]:
    """Who is set in motion. Raises ProblemError (422, 404)."""
    given = [name for name in ("head", "avatar") if form.fields.get(name)] + ["source"] * ("source" in form.files)
    if len(given) != 1:
        raise ProblemError(422, "form", "say who moves: one of head (an id), avatar (an id) and source (a file)")
    if given[0] == "source":
        path, name = one_file(form, "source")
        return {"source": str(_ending(path, name, CLIP_SUFFIXES)), "name": name}
    kind, key = given[0], form.fields[given[0]]
    told = engine.record(f"{kind}s", key)
    return {kind: told["id"], "name": str(told.get("name") or "")}


def _motion(engine: Engine, form: Form) -> dict[str, Any]:
    """What sets it in motion. Raises ProblemError (422)."""
    given = [name for name in TEXTS if form.fields.get(name, "").strip()] + [n for n in FILES if n in form.files]
    if len(given) != 1:
        raise ProblemError(422, "form", f"say how it moves: one of {', '.join((*TEXTS, *FILES))}")
    (kind,) = given
    if kind in TEXTS:
        check_text(engine, form.fields[kind])
        return {"motion": kind, "text": form.fields[kind].strip()}
    files = list(zip(form.files[kind], form.names[kind], strict=True))
    if kind == "audio":
        one_file(form, "audio")
    if kind == "curves":
        files = [(_ending(path, name, CURVES), name) for path, name in files]
    return {"motion": kind, "files": [str(path) for path, _ in files]}


def _how(form: Form) -> dict[str, Any]:
    """Settings of the motion, those that are said. Raises ProblemError (422)."""
    found = {name: number(form, name, *bounds) for name, bounds in _NUMBERS.items()}
    told = {name: value for name, value in found.items() if value is not None}
    speech: dict[str, Any] = {name: told.pop(name) for name in ("mouth", "intensity") if name in told}
    speech |= {name: form.fields[name] for name in ("emotion", "transcript") if form.fields.get(name)}
    told |= {"text": form.fields["mood"]} if form.fields.get("mood") else {}
    if "face" in told:
        told["face_index"] = told.pop("face")
    give = form.fields.get("give") or "head"
    if give not in ("head", "photo"):
        raise ProblemError(422, "invalid", "give is one of head, photo")
    told |= {"voice": form.fields["voice"].strip()} if form.fields.get("voice", "").strip() else {}
    return {**told, "give": give, "alive": yes(form, "alive"), "speech": speech}


def _ending(path: Path, name: str, known: frozenset[str] | tuple[str, ...]) -> Path:
    """An upload under a name that ends like the client's, where that ending is known."""
    ending = Path(name).suffix.lower()
    return path.rename(path.with_suffix(ending)) if ending in known else path
