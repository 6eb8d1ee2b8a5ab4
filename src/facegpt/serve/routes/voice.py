"""Voices: a head says a text, and a microphone's sound becomes the motion of a mouth while it comes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from facegpt.serve.problems import ProblemError
from facegpt.serve.routes.common import PROBLEMS, EngineOf, check_text
from facegpt.serve.shapes import Saying
from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from facegpt.animate.speech.stream import SpeechStream

router = APIRouter(responses=PROBLEMS)
#: Frames a second of both, bytes of one piece of sound, and microphones that are followed at a time.
FPS, MOST_BYTES, MOST_VOICES = 60.0, 400_000, 4


@router.post("/api/speech", tags=["speech"])
async def speech(asked: Saying, engine: EngineOf) -> dict[str, Any]:
    """Say an English text by the voice of a head (extra voice): sound, and the mouth in step with it.

    `sound` is a WAV file as base64; `names` and `weights` (T rows) the ARKit units that move, `fps` a second.
    """
    check_text(engine, asked.text)
    if asked.head is not None:
        engine.record("heads", asked.head)
    return await engine.carry_out("say", {**asked.model_dump(), "fps": FPS})


@router.websocket("/api/voice")
async def voice(socket: WebSocket) -> None:
    """Follow a voice: binary messages are 16-bit samples (little-endian, mono), answers JSON.

    Query: rate (samples a second), mouth (0.2 to 2), emotion, intensity. An answer holds `first` (the number of its
    first frame), `fps`, `names` and `weights` (a row a frame). Frame k belongs to k / fps s after the first sample.
    """
    await socket.accept()
    app = socket.app.state
    app.voices = getattr(app, "voices", 0) + 1
    try:
        if app.voices > MOST_VOICES:
            raise ProblemError(429, "busy", "enough microphones are followed here; try again later")
        stream = await asyncio.to_thread(_stream, dict(socket.query_params))
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_follow(socket, stream), app.engine.limits.live_s)
    except (ProblemError, FaceGPTError) as problem:
        code = getattr(problem, "code", "refused")
        await socket.send_json({"error": {"code": code, "message": getattr(problem, "message", str(problem))}})
    except WebSocketDisconnect:
        return
    finally:
        app.voices -= 1
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close()


def _stream(asked: dict[str, str]) -> SpeechStream:
    """A listener with the settings of a query. Raises FaceGPTError for settings that cannot be."""
    import numpy as np

    from facegpt.animate.speech.settings import SpeechSettings
    from facegpt.animate.speech.stream import SpeechStream

    try:
        rate = int(float(asked.get("rate", "48000")))
        mouth, intensity = float(asked.get("mouth", "1")), float(asked.get("intensity", "0.7"))
    except (ValueError, OverflowError):
        raise FaceGPTError("rate, mouth and intensity are numbers") from None
    settings = SpeechSettings(FPS, mouth, asked.get("emotion") or None, intensity)
    SpeechStream(rate, settings).push(np.zeros(rate // 20, np.float32))  # compiled and warm before anybody speaks
    return SpeechStream(rate, settings)


async def _follow(socket: WebSocket, stream: SpeechStream) -> None:
    """Answer each piece of sound with the frames that are ready, until the client goes."""
    import numpy as np

    from facegpt.conventions import ARKIT_NAMES

    first = 0
    while True:
        data = await socket.receive_bytes()
        if len(data) > MOST_BYTES:
            raise ProblemError(413, "too_large", f"send pieces of sound of at most {MOST_BYTES} bytes")
        samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768
        frames = await asyncio.to_thread(stream.push, samples)
        if len(frames):
            rows = np.round(frames, 3).tolist()
            await socket.send_json({"first": first, "fps": FPS, "names": ARKIT_NAMES, "weights": rows})
            first += len(frames)
