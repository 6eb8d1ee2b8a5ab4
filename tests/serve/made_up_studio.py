"""A small server that keeps the studio's promises to its page, without a model: heads are files made beforehand.

Jobs end after a moment, words are understood as themselves. `begin(studio)` serves on a free port of loopback.
"""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from made_up_about import ABOUT
from made_up_clips import add_clips
from PIL import Image

import facegpt
from facegpt.conventions import ARKIT_NAMES

PAGE = Path(facegpt.__file__).parent / "serve" / "page"
CSP = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' blob:; "
    "worker-src 'self' blob:; style-src 'self'; script-src 'self'; frame-ancestors 'none'"
)


#: What is said of several photos.
ADVICE = "one more photo with the head turned to the person's left would help"


@dataclass
class MadeUpStudio:
    """What the server knows. `faces`: folders with face.glb, preview.png and, if any, photo.jpg and head.json.

    pace_s: how long a step of a job takes. glb_s: how long a GLB takes to come.
    """

    faces: list[Path]
    heads: dict[str, dict[str, Any]] = field(default_factory=dict)
    folders: dict[str, Path] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    avatars: list[dict[str, Any]] = field(default_factory=list)
    clips: dict[str, dict[str, Any]] = field(default_factory=dict)
    pace_s: float = 0.05
    glb_s: float = 0.0
    made: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self.avatars.append({"id": "avatar0123456789012345", "name": "Anna", "head": self.head("clip", 0)})

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def head(self, origin: str, face: int = 0, parent: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A new head; what `parent` has and `more` does not change stays."""
        folder = self.folders[parent["id"]] if parent else self.faces[face % len(self.faces)]
        told = folder / "head.json"
        known = json.loads(told.read_text()) if told.is_file() else {}
        base = {
            **{
                "name": "",
                "parent": None,
                "text": "",
                "saved": False,
                "understood": [],
                "ignored": [],
                "confidence": 0.8,
            },
            **{
                "attributes": {"age_years": 38, "masculinity": 0.1, "heaviness": 0.4, "skin_lightness": 62.0},
                "notes": [],
            },
            **{
                "measures": [],
                "blendshapes": dict.fromkeys(ARKIT_NAMES, 0.0),
                "controls": {},
                "hair": None,
                "image": None,
            },
            **known,
        }
        self.made += 1  # not how many there are: deleted ones' names are not given again
        head = {**base, **(parent or {}), **more, "id": f"head{self.made:018d}", "origin": origin}
        head["parent"] = parent["id"] if parent else None
        head["chain"] = [*(parent["chain"] if parent else ()), head["id"]]
        head["removable"] = origin in ("words", "edit")
        head["photo_head"] = head["id"] if origin == "photo" else (parent or {}).get("photo_head")
        self.heads[head["id"]], self.folders[head["id"]] = head, folder
        return head

    def job(self, result: Any = None, error: str | None = None) -> JSONResponse:
        """A job that ends with `result`, or fails."""
        job = {
            "id": f"job{len(self.jobs):019d}",
            "state": "queued",
            "stage": "",
            "progress": 0.0,
            "kind": "x",
            "position": 0,
        }
        self.jobs[job["id"]] = {
            **job,
            "ends": {"state": "failed", "error": {"code": "x", "message": error}}
            if error
            else {"state": "done", "result": result},
        }
        return JSONResponse(job, 202)


def refused(status: int, message: str) -> JSONResponse:
    """An error as the server words it."""
    return JSONResponse({"error": {"code": "refused", "message": message}}, status)


def app_of(studio: MadeUpStudio) -> FastAPI:
    """All addresses that the page asks for."""
    app = FastAPI()

    @app.middleware("http")
    async def policy(request: Request, then: Any) -> Response:
        response: Response = await then(request)
        response.headers["Content-Security-Policy"] = CSP
        return response

    @app.get("/heads/{key}")
    @app.get("/")
    def index() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    @app.get("/page/{path:path}")
    def file(path: str) -> FileResponse:
        kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
        return FileResponse(PAGE / path, media_type=kinds.get(Path(path).suffix))

    @app.get("/api/about")
    def about() -> dict[str, Any]:
        return ABOUT

    _add_heads(app, studio)
    _add_jobs(app, studio)
    add_clips(app, studio)
    _add_records(app, studio)
    return app


def _add_heads(app: FastAPI, studio: MadeUpStudio) -> None:
    @app.post("/api/heads/photo")
    async def photo(request: Request) -> JSONResponse:
        form = await request.form()
        name = str(getattr(form["photo"], "filename", ""))
        studio.asked.append(("photo", {key: str(value) for key, value in form.items() if key != "photo"}))
        if "broken" in name:
            return studio.job(error="photo: the file is damaged or not a picture")
        count = {"two": 2, "six": 6, "non": 0}.get(name[:3], 1)
        return studio.job({"heads": [studio.head("photo", face) for face in range(count)]})

    @app.post("/api/heads/person")
    async def person(request: Request) -> JSONResponse:
        form = await request.form()
        photos = form.getlist("photos")
        studio.asked.append(("person", [str(getattr(photo, "filename", "")) for photo in photos]))
        studio.asked.append(("with", form.get("with")))
        heads = [studio.head("photo", 0, advice=[ADVICE], doubt=True) for _ in photos]
        return studio.job({"heads": heads, "clearest": heads[-1]["id"]})

    @app.post("/api/heads/words")
    async def words(request: Request) -> JSONResponse:
        body = await request.json()
        studio.asked.append(("words", body))
        return studio.job({"heads": [studio.head("words", 1, text=body["text"])]})

    @app.post("/api/heads/{name}/{verb}")
    async def act(name: str, verb: str, request: Request) -> Any:
        body = await request.json()
        studio.asked.append((verb, body))
        head = studio.heads.get(name)
        return refused(404, "This head is no longer kept.") if head is None else _act(studio, head, verb, body)

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Any:
        body = await request.json()
        studio.asked.append(("chat", body))
        return StreamingResponse(_reply(studio, body), media_type="text/event-stream")


def _add_records(app: FastAPI, studio: MadeUpStudio) -> None:
    @app.get("/api/heads")
    def listed(q: str = "", ids: str = "") -> dict[str, Any]:
        if ids:
            return {"heads": [studio.heads[key] for key in ids.split(",") if key in studio.heads]}
        return {
            "heads": [
                head
                for head in studio.heads.values()
                if head["saved"] and q.lower() in f"{head['name']} {head['text']}".lower()
            ]
        }

    @app.get("/api/heads/{name}")
    def told(name: str) -> Any:
        return studio.heads.get(name) or refused(404, "This head is no longer kept.")

    @app.delete("/api/heads/{name}")
    def delete(name: str) -> dict[str, Any]:
        studio.heads.pop(name)
        return {}

    @app.get("/api/heads/{name}/files/{kind}")
    def files(name: str, kind: str) -> Any:
        names = {"glb": "face.glb", "preview": "preview.png", "photo": "photo.jpg", "params": "params.json"}
        path = (names | dict.fromkeys(("doubt", "sureness"), "preview.png")).get(kind)
        if name not in studio.heads or path is None or not (studio.folders[name] / path).is_file():
            return refused(404, "There is no such file.")
        time.sleep(studio.glb_s if kind == "glb" else 0)
        return FileResponse(studio.folders[name] / path, filename=path)

    @app.get("/api/heads/{name}/photo")
    def in_photo(name: str, request: Request) -> Response:
        """The photo, the darker the wider the mouth is open."""
        studio.asked.append(("in_photo", dict(request.query_params)))
        with Image.open(studio.folders[name] / "photo.jpg") as photo:
            shown = photo.convert("RGB").point(lambda v: round(v * (1 - studio.heads[name]["blendshapes"]["jawOpen"])))
        data = io.BytesIO()
        shown.save(data, format="PNG")
        return Response(data.getvalue(), media_type="image/png")

    @app.get("/api/heads/{a}/distance/{b}")
    def compare(a: str, b: str) -> Response:
        mm = (
            np.abs(np.sin(np.arange(json.loads((studio.folders[a] / "sizes.json").read_text())["skin"]) / 900)).astype(
                "<f4"
            )
            * 3
        )
        return Response(mm.tobytes(), headers={"X-Mean-Mm": f"{mm.mean():.3f}", "X-Max-Mm": f"{mm.max():.3f}"})


def _act(studio: MadeUpStudio, head: dict[str, Any], verb: str, body: dict[str, Any]) -> Any:
    """What is done with one head."""
    if verb == "save":
        head.update(name=body["name"], saved=True)
        return head
    if verb == "describe":
        return studio.job({"text": "A woman of about 38 with a narrow nose."})
    if verb == "without":
        return studio.job(_without(studio, studio.heads[body["of"]], body["parts"]))
    if verb == "edit":
        understood = [{"key": part.strip(), "label": part.strip()} for part in body["text"].split(" and ")]
        return studio.job(
            {"heads": [studio.head("edit", parent=head, text=body["text"], understood=understood, ignored=[])]}
        )
    merged = {
        key: {**(head.get(key) or {}), **value} if isinstance(value, dict) else value for key, value in body.items()
    }
    if "expression" in merged:
        merged["blendshapes"] = {**head["blendshapes"], **merged.pop("expression")}
    return studio.job({"heads": [studio.head("change", parent=head, **merged)]})


def _without(studio: MadeUpStudio, head: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    """A head made again without parts of its words."""
    known = [*(part["label"] for part in head["understood"]), *head.get("left_out", ())]
    understood = [{"key": part, "label": part} for part in known if part not in parts]
    before = studio.heads.get(head["parent"] or "")
    again = studio.head(head["origin"], 0, before, text=head["text"], understood=understood, left_out=parts)
    return {"heads": [again], "bases": [], "replaced": {head["id"]: again["id"]}}


async def _reply(studio: MadeUpStudio, body: dict[str, Any]) -> AsyncIterator[str]:
    content = body["messages"][-1]["content"]
    words = next((part["text"] for part in content if part["type"] == "text"), "")
    known = next((part["face"]["id"] for part in content if part["type"] == "face"), None)
    known = known or next(
        (
            part["face"]["id"]
            for message in reversed(body["messages"][:-1])
            for part in message["content"]
            if part["type"] == "face"
        ),
        None,
    )
    understood = [{"key": part.strip(), "label": part.strip()} for part in words.split(",")]
    if "?" in words:
        heads, text = [], "She looks about 38 years old."
    elif known:
        heads, text = [studio.head("edit", parent=studio.heads[known], text=words, understood=understood)], "Changed."
    else:
        heads, text = (
            [studio.head("words", 1, text=words, understood=understood, ignored=["hat: not known to this head"])],
            "Here is a head.",
        )
    for word in text.split():
        yield f"data: {json.dumps({'choices': [{'delta': {'content': word + ' '}}]})}\n\n"
        await asyncio.sleep(studio.pace_s)
    last = {"choices": [{"delta": {"facegpt": {"heads": heads}}, "finish_reason": "stop"}]}
    yield f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n"


def _add_jobs(app: FastAPI, studio: MadeUpStudio) -> None:
    @app.get("/api/jobs/{name}/events")
    async def events(name: str) -> StreamingResponse:
        async def told() -> AsyncIterator[str]:
            job = studio.jobs[name]
            ends = job.pop("ends", None)
            if ends is None:  # a second listener, as after a reload
                yield f"event: {job['state']}\ndata: {json.dumps(job)}\n\n"
                return
            heads = (ends.get("result") or {}).get("heads", ())
            for k in range(len(heads) if len(heads) > 2 else 0):
                job.update(state="running", progress=k / len(heads), stage=f"making head {k + 1} of {len(heads)}")
                job["came"] = [head["id"] for head in heads[:k]]
                yield f"event: progress\ndata: {json.dumps(job)}\n\n"
                await asyncio.sleep(studio.pace_s)
            for share, stage in ((0.2, "Looking for faces"), (0.5, "Fitting the head"), (0.9, "Taking the skin")):
                job.update(state="running", progress=share, stage=stage, seconds_left=3 * (1 - share))
                yield f"event: progress\ndata: {json.dumps(job)}\n\n"
                await asyncio.sleep(studio.pace_s)
                if job["state"] == "cancelled":
                    return
            job.update(ends)
            yield f"event: {job['state']}\ndata: {json.dumps(job)}\n\n"

        return StreamingResponse(told(), media_type="text/event-stream")

    @app.get("/api/jobs/{name}")
    def state(name: str) -> dict[str, Any]:
        return {key: value for key, value in studio.jobs[name].items() if key != "ends"}

    @app.delete("/api/jobs/{name}")
    def cancel(name: str) -> dict[str, Any]:
        studio.asked.append(("cancel", name))
        studio.jobs[name]["state"] = "cancelled"
        return {}


def begin(studio: MadeUpStudio, port: int = 0, more: Callable[[FastAPI], None] = lambda app: None) -> uvicorn.Server:
    """Serve in a thread; `server.should_exit = True` ends it. `more` adds addresses. Sets `studio.port`."""
    app = app_of(studio)
    more(app)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=1))
    threading.Thread(target=server.run, daemon=True).start()
    for _ in range(500):
        if server.started:
            break
        time.sleep(0.02)
    studio.port = server.servers[0].sockets[0].getsockname()[1]
    return server
