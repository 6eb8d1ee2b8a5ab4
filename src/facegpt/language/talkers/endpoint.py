"""A talker behind an OpenAI-compatible address: llama.cpp, Ollama, vLLM and others. Only the standard library."""

from __future__ import annotations

import base64
import io
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

from facegpt.language.talkers.base import (
    Message,
    Spoken,
    TalkerAwayError,
    ToolCall,
    has_pictures,
    without_pictures,
)
from facegpt.types import FaceGPTError

#: Seconds to wait for the next piece of an answer: a large model on a processor reads a picture for a minute or more.
TIMEOUT_S = 180.0
#: The environment variable that holds the key of an address that asks for one.
KEY_VARIABLE = "FACEGPT_TALKER_KEY"
#: Answers that say that a request has something in it that the model does not take.
_NOT_TAKEN = (400, 404, 415, 422, 500, 501)
#: Longest side of a picture that is sent, px; characters of an address' own words that an error repeats.
LARGEST_PX, QUOTED = 1024, 200
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass
class EndpointTalker:
    """Speaks with the model at an address. Pictures and tools that it turns down are not sent to it again.

    Attributes:
        address: up to and with /v1. model: its name there. timeout_s: seconds to wait for each piece.
    """

    address: str
    model: str
    timeout_s: float = TIMEOUT_S
    sees: bool = True
    takes_facts: bool = True
    takes_tools: bool = True

    @property
    def name(self) -> str:
        """The model and where it is."""
        return f"{self.model} at {self.address}"

    def speak(self, messages: Sequence[Message], say: Callable[[str], None], tools: Sequence[Any] = ()) -> Spoken:
        """Answer a conversation; see `Talker.speak`."""
        while True:
            given = list(messages) if self.sees else without_pictures(messages)
            offered = list(tools) if self.takes_tools else []
            try:
                return self._spoken(given, say, offered)
            except _NotTakenError as error:
                if offered and not has_pictures(given):
                    self.takes_tools = False
                elif has_pictures(given):
                    self.sees = False
                else:
                    raise FaceGPTError(str(error)) from None

    def _spoken(self, messages: Sequence[Message], say: Callable[[str], None], tools: list[Any]) -> Spoken:
        body: dict[str, Any] = {"model": self.model, "messages": [in_openai_format(m) for m in messages]}
        body |= {"stream": True, "temperature": 0} | ({"tools": tools} if tools else {})
        text, calls = "", dict[int, list[str]]()
        for delta in self._deltas(body):
            if piece := delta.get("content"):
                text += piece
                say(piece)
            for each in delta.get("tool_calls") or ():
                row = calls.setdefault(each.get("index", len(calls)), ["", "", ""])
                function = each.get("function") or {}
                row[0] += each.get("id") or ""
                row[1] += function.get("name") or ""
                row[2] += function.get("arguments") or ""
        found = (ToolCall(key or f"call_{k}", name, said) for k, (key, name, said) in sorted(calls.items()))
        return Spoken(text, tuple(found))

    def _deltas(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What the model adds, chunk by chunk."""
        try:
            with self._opened(body) as answer:
                for data in _events(answer):
                    chunk = json.loads(data)
                    if isinstance(chunk.get("error"), dict):
                        raise FaceGPTError(f"the talker {self.name} says: {chunk['error'].get('message', data)}")
                    for choice in chunk.get("choices") or ():
                        yield choice.get("delta") or choice.get("message") or {}
        except urllib.error.HTTPError as error:
            said = _words_of(error)
            if error.code in _NOT_TAKEN:
                raise _NotTakenError(f"the talker {self.name} turned the request down: {error.code} {said}") from None
            hint = f"; put its key into {KEY_VARIABLE}" if error.code in (401, 403) else ""
            raise TalkerAwayError(f"the talker {self.name} answers {error.code} {said}{hint}") from None
        except TimeoutError:
            raise TalkerAwayError(f"the talker {self.name} said nothing for {self.timeout_s:g} s") from None
        except OSError as error:  # no such host, nobody listens, the connection broke
            why = getattr(error, "reason", None) or error
            if isinstance(why, TimeoutError):
                raise TalkerAwayError(f"the talker {self.name} said nothing for {self.timeout_s:g} s") from None
            told = f"the talker {self.name} is away ({why}); start it, or leave --talker out for the small one inside"
            raise TalkerAwayError(told) from None
        except ValueError:
            raise FaceGPTError(f"the talker {self.name} does not speak OpenAI's protocol") from None

    def _opened(self, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if key := os.environ.get(KEY_VARIABLE):
            headers["Authorization"] = f"Bearer {key}"
        address = f"{self.address.rstrip('/')}/chat/completions"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)
        near = urlparse(self.address).hostname in _LOOPBACK  # a proxy does not know this machine's own addresses
        opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if near else []))
        return opener.open(request, timeout=self.timeout_s)


class _NotTakenError(Exception):
    """The address turned a request down."""


def _events(answer: Any) -> Iterator[str]:
    """The data of server-sent events, or the whole answer where it is no stream; without the last "[DONE]"."""
    if "event-stream" not in (answer.headers.get("Content-Type") or ""):
        yield answer.read().decode("utf-8")
        return
    for line in answer:
        kind, _, data = line.decode("utf-8").strip().partition(":")
        if kind == "data" and data.strip() == "[DONE]":
            return
        if kind == "data" and data.strip():
            yield data.strip()


def _words_of(error: urllib.error.HTTPError) -> str:
    """What an address says of an error, cut."""
    try:
        said = error.read().decode("utf-8", "replace")
        found = json.loads(said)
        inner = found.get("error", found) if isinstance(found, dict) else found
        said = str(inner.get("message", said)) if isinstance(inner, dict) else str(inner)
    except (OSError, ValueError):
        said = str(error.reason)
    return " ".join(said.split())[:QUOTED]


def in_openai_format(message: Message) -> dict[str, Any]:
    """A message as the protocol has it: pictures as data addresses, calls of tools by their keys."""
    content = message.get("content")
    if isinstance(content, list):
        content = [_part(part) for part in content]
    told: dict[str, Any] = {"role": message["role"], "content": content}
    if message.get("calls"):
        told["tool_calls"] = [call.in_openai_format for call in message["calls"]]
    if message["role"] == "tool":
        told["tool_call_id"] = message["key"]
    return told


def _part(part: Message) -> dict[str, Any]:
    if part["type"] != "image":
        return {"type": "text", "text": part["text"]}
    picture = part["image"].convert("RGB")
    picture.thumbnail((LARGEST_PX, LARGEST_PX))
    data = io.BytesIO()
    picture.save(data, format="JPEG", quality=90)
    address = f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": address}}
