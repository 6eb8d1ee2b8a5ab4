"""Clips, personal heads and the camera of the made-up studio: motion that was made beforehand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import FileResponse, JSONResponse, Response

from facegpt.conventions import ARKIT_NAMES

if TYPE_CHECKING:
    from made_up_studio import MadeUpStudio

#: A picture of one pixel.
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def add_clips(app: FastAPI, studio: MadeUpStudio) -> None:
    @app.post("/api/clips")
    async def clip(request: Request) -> JSONResponse:
        form = await request.form()
        size = len(await form["clip"].read())  # type: ignore[union-attr]
        studio.asked.append(("clip", {"avatar": form.get("avatar"), "bytes": size}))
        person = {
            "track_id": 0,
            "frames": 60,
            "curves_url": "/api/clips/a/files/curves.json",
            "glb_url": "/api/clips/a/files/face.glb",
            "csv_url": None,
        }
        person["head"] = studio.head("clip", 0)
        studio.clips["a"] = {
            "id": "a",
            "name": str(getattr(form["clip"], "filename", "")),
            "saved": False,
            "people": [person],
            "overlay_url": "/api/clips/a/files/overlay.mp4",
            "frames": 60,
            "fps": 30,
            "seconds": 2.0,
            "files": {"overlay.mp4": "overlay.mp4", "person_0_animation.glb": "animation.glb"},
        }
        return studio.job({"clip": studio.clips["a"]})

    @app.post("/api/clips/animate")
    async def animate(request: Request) -> JSONResponse:
        form = await request.form()
        told = {name: str(getattr(value, "filename", value)) for name, value in form.items()}
        studio.asked.append(("animate", told))
        person = {"track_id": 0, "frames": 60, "curves_url": "/api/clips/a/files/curves.json", "csv_url": None}
        person |= {"glb_url": "/api/clips/a/files/face.glb", "head": studio.head("clip", 0)}
        clip = {"id": "t", "name": told.get("words") or "take", "saved": False, "people": [person], "overlay_url": None}
        clip |= {"made": "animate", "frames": 60, "fps": 30, "seconds": 2.0, "remarks": ["not read: hum"]}
        studio.clips["t"] = {**clip, "files": {"animation.wav": "animation.wav"}}
        return studio.job({"clip": studio.clips["t"]})

    @app.get("/api/clips")
    def clips(ids: str = "") -> dict[str, Any]:
        known = [studio.clips[key] for key in ids.split(",") if key in studio.clips]
        return {"clips": known if ids else [each for each in studio.clips.values() if each["saved"]]}

    @app.get("/api/clips/a/files/overlay.mp4")
    def overlay() -> Response:
        """No video at all: a browser leaves its place empty, and tells no error."""
        return Response(b"", media_type="video/mp4")

    @app.get("/api/clips/a/files/curves.json")
    def curves() -> dict[str, Any]:
        time_s = np.arange(60) / 30
        wave = (0.5 - 0.5 * np.cos(2 * np.pi * time_s)).round(3)
        weights = {name: [0.0] * 60 for name in ARKIT_NAMES}
        weights |= {
            "jawOpen": wave.tolist(),
            "mouthSmileLeft": (0.6 * wave**2).tolist(),
            "eyeBlinkLeft": (wave**8).tolist(),
        }
        return {
            "fps": 30,
            "time_s": time_s.tolist(),
            "weights": weights,
            "head": {"yaw_deg": (20 * wave).tolist(), "pitch_deg": [0] * 60, "roll_deg": [0] * 60},
        }

    @app.get("/api/avatars")
    def avatars() -> dict[str, Any]:
        return {"avatars": studio.avatars}

    @app.get("/api/avatars/{name}/files/preview")
    def preview(name: str) -> FileResponse:
        return FileResponse(studio.faces[0] / "preview.png")

    @app.websocket("/api/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        studio.asked.append(("followed", socket.query_params.get("avatar")))
        try:
            while True:
                studio.asked.append(("live", await socket.receive_bytes()))
                person = {
                    "track_id": 0,
                    "weights": {"jawOpen": 0.8},
                    "pose": {"yaw_deg": 10, "pitch_deg": 0, "roll_deg": 0},
                    "gaze": {"x_deg": 0, "y_deg": 0},
                    "box": [0, 0, 1, 1],
                }
                if socket.query_params.get("photo"):
                    person["picture"] = PIXEL
                await socket.send_json({"time_s": time.monotonic(), "people": [person], "wait_ms": 30})
        except Exception:  # the page has gone
            return
