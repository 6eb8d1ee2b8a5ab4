"""OpenAI's chat protocol: the official client and other programs talk to heads as to any chat model."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from facegpt.serve.asides import answer_to_program
from facegpt.serve.engine import Engine
from facegpt.serve.jobs import Job, new_key
from facegpt.serve.links import Links, taken_apart
from facegpt.serve.problems import ProblemError, failed
from facegpt.serve.routes.common import PROBLEMS, EngineOf, check_text
from facegpt.serve.routes.jobs import STREAM_HEADERS
from facegpt.serve.shapes import Completion, Message, Part

router = APIRouter(prefix="/v1", tags=["OpenAI protocol"], responses=PROBLEMS)
MODEL = "facegpt"
_DATA_URL = re.compile(r"data:[\w.+/-]{0,80}(;[\w=.-]{1,40})*;base64,", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


@router.get("/models")
async def models() -> dict[str, Any]:
    """The one model that there is."""
    return {"object": "list", "data": [_model()]}


@router.get("/models/{name}")
async def model(name: str) -> dict[str, Any]:
    """The model of a name."""
    _check_model(name)
    return _model()


def _check_model(name: str) -> None:
    """Raises ProblemError (404) for any name but the one that there is."""
    if name != MODEL:
        raise ProblemError(404, "model_not_found", f"there is one model here, '{MODEL}'")


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "facegpt"}


@router.post("/chat/completions", response_model=None)
async def complete(body: Completion, request: Request, engine: EngineOf) -> Response:
    """Answer a conversation with words and heads. `stream: true` sends the words as they come.

    The text ends with a picture of each head and its address, unless `links` is false.
    """
    _check_model(body.model)
    engine.check_ready()
    if (aside := answer_to_program(body.messages[-1].words)) is not None:
        return _at_once(aside, bool(body.stream))
    check_text(engine, body.messages[-1].words)
    links = Links(str(request.base_url), engine.settings.token) if body.links else None
    key = new_key()
    try:
        messages = _messages(engine, body.messages, key)
        payload = {"messages": messages, "seed": body.seed or 0, "ready": body.ready, "tools": body.tools or []}
        job = engine.submit("chat", payload, key, kept=False)
    except BaseException:
        engine.store.unspool(key)
        raise
    if body.stream:
        usage = bool((body.stream_options or {}).get("include_usage"))
        pieces = _stream(engine, job, usage, links)
        return StreamingResponse(pieces, media_type="text/event-stream", headers=STREAM_HEADERS)
    try:
        await job.wait()
    finally:
        engine.cancel(job)
        engine.jobs.pop(job.key, None)
    if job.error is not None:
        raise failed(job.error)
    content = job.result["text"] + ("" if links is None else links.block(job.result["heads"]))
    message = {"role": "assistant", "content": content, "facegpt": _heads(job.result)}
    calls = job.result.get("calls") or []
    message |= {"tool_calls": calls} if calls else {}
    choice = _choice("tool_calls" if calls else "stop", message=message)
    return JSONResponse({**_frame(job, "chat.completion"), **choice, "usage": _usage(body, job)})


def _choice(reason: str | None = "stop", **told: Any) -> dict[str, Any]:
    """The one answer that there is; told: message, or delta of a stream."""
    return {"choices": [{"index": 0, **told, "finish_reason": reason, "logprobs": None}]}


def _at_once(text: str, stream: bool) -> Response:
    """An answer that no head comes with, and no model."""
    job, message = Job("chat", "", {}), {"role": "assistant", "content": text}
    if not stream:
        whole = {**_frame(job, "chat.completion"), **_choice(message=message), "usage": _counted(0, len(text.split()))}
        return JSONResponse(whole)
    line = json.dumps({**_frame(job, "chat.completion.chunk"), **_choice(delta=message)})
    return Response(f"data: {line}\n\ndata: [DONE]\n\n", media_type="text/event-stream", headers=STREAM_HEADERS)


def _messages(engine: Engine, messages: list[Message], key: str) -> list[dict[str, Any]]:
    """The conversation as the worker takes it: photos are files, heads are ids."""
    told: list[dict[str, Any]] = []
    photos = 0
    for message in messages:
        role = "system" if message.role == "developer" else message.role
        of_tools = {"tool_calls": message.tool_calls, "tool_call_id": message.tool_call_id}
        if own := {name: value for name, value in of_tools.items() if value}:
            told.append({"role": role, "content": message.words, **own})
            continue
        if isinstance(message.content, str) or message.content is None:
            spoken_of = [Part(type="text", text=message.content or "")]
        else:
            spoken_of = message.content
        parts: list[dict[str, Any]] = []
        for part in (each for one in spoken_of for each in _with_linked(one)):
            if part.type == "image_url":
                path = engine.store.spool(key) / f"{photos}.upload"
                path.write_bytes(_picture(part, engine.limits.photo_bytes))
                parts.append({"type": "image", "image": str(path)})
                photos += 1
            elif part.type != "face" or message is messages[-1] or _is_kept(engine, part):
                parts.append(_part(engine, part))
        told.append({"role": role, "content": parts})
    return told


def _with_linked(part: Part) -> list[Part]:
    """A part; a text that holds links to heads becomes what it says without them, and these heads."""
    text, keys = taken_apart(part.text or "") if part.type == "text" else ("", [])
    if not keys:
        return [part]
    return [Part(type="text", text=text), *(Part(type="face", face={"id": key}) for key in keys)]


def _part(engine: Engine, part: Part) -> dict[str, Any]:
    """A text or a head. Raises ProblemError (422) for anything else."""
    if part.type == "text":
        return {"type": "text", "text": part.text or ""}
    if part.type != "face":
        raise ProblemError(422, "invalid", "parts of a message are text, image_url and face")
    key = (part.face or {}).get("id")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ProblemError(422, "invalid", 'a face is {"type": "face", "face": {"id": …}}')
    engine.record("heads", key)
    return {"type": "face", "face": {"id": key}}


def _is_kept(engine: Engine, part: Part) -> bool:
    """Whether a head is still there: a conversation goes on without those that were forgotten."""
    key = (part.face or {}).get("id")
    return not isinstance(key, str) or not _KEY.fullmatch(key) or engine.store.get("heads", key) is not None


def _picture(part: Part, most: int) -> bytes:
    """The bytes of an image part. Nothing is ever fetched. Raises ProblemError (422)."""
    url = (part.image_url or {}).get("url")
    found = _DATA_URL.match(url[:400]) if isinstance(url, str) else None
    if not isinstance(url, str) or found is None:
        raise ProblemError(
            422, "image_url", "an image_url is a data: URL with base64; nothing is fetched from elsewhere"
        )
    if len(url) > most * 4 // 3 + 400:
        raise ProblemError(413, "too_large", f"a photo is larger than {most / 1e6:g} MB, the most taken here")
    try:
        data = base64.b64decode(url[found.end() :], validate=True)
    except binascii.Error:
        raise ProblemError(422, "image_url", "the image_url holds no valid base64") from None
    if not data:
        raise ProblemError(422, "image_url", "the image_url is empty")
    return data


def _frame(job: Job, kind: str) -> dict[str, Any]:
    """What every answer begins with."""
    return {"id": f"chatcmpl-{job.key}", "object": kind, "created": int(job.created), "model": MODEL}


def _heads(result: dict[str, Any]) -> dict[str, Any]:
    """The heads of an answer, each with the address of its GLB."""
    return {"heads": [{**head, "glb_url": f"/api/heads/{head['id']}/files/glb"} for head in result["heads"]]}


def _usage(body: Completion, job: Job) -> dict[str, int]:
    """Words in and out, as clients want a number there."""
    asked, said = sum(len(m.words.split()) for m in body.messages), len(job.result["text"].split())
    return _counted(asked, said)


def _counted(asked: int, said: int) -> dict[str, int]:
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


async def _stream(engine: Engine, job: Job, usage: bool, links: Links | None) -> AsyncIterator[str]:
    """The answer as server-sent events; whoever goes away stops the work."""

    def chunk(delta: dict[str, Any], reason: str | None = None) -> str:
        return f"data: {json.dumps({**_frame(job, 'chat.completion.chunk'), **_choice(reason, delta=delta)})}\n\n"

    try:
        yield chunk({"role": "assistant", "content": ""})
        async for what, piece in job.watch():
            if what == "text":
                yield chunk({"content": piece})
            elif what == "moved" and links is None and not job.ended:  # clients of our own show how far it is
                yield chunk({"facegpt": {"stage": job.stage, "progress": job.progress}})
            elif what == "beat":
                yield ": still here\n\n"
        if job.state != "done":
            error = job.error or {"code": "cancelled", "message": "the answer was stopped"}
            yield f"data: {json.dumps(failed(error).body)}\n\n"
        else:
            calls = [{"index": k, **call} for k, call in enumerate(job.result.get("calls") or ())]
            if links is not None and job.result["heads"]:
                yield chunk({"content": links.block(job.result["heads"])})
            told = {"facegpt": _heads(job.result), **({"tool_calls": calls} if calls else {})}
            yield chunk(told, "tool_calls" if calls else "stop")
            if usage:
                empty = {**_frame(job, "chat.completion.chunk"), "choices": [], "usage": _counted(0, 0)}
                yield f"data: {json.dumps(empty)}\n\n"
        yield "data: [DONE]\n\n"
    finally:
        engine.cancel(job)
        engine.jobs.pop(job.key, None)
