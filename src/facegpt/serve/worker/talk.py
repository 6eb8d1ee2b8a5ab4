"""A turn of a conversation with photos and heads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegpt.face import Face
from facegpt.serve.worker.casts import Casts
from facegpt.serve.worker.files import write_ahead
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import Task


def answered(casts: Casts, task: Task) -> dict[str, Any]:
    """Answer a conversation. Payload: messages (photos are files, heads are ids), seed."""
    shelf, asked = casts.shelf, task.payload
    task.progress("reading")
    photos: dict[bytes, Path] = {}
    messages = [_message(shelf, message, photos) for message in asked["messages"]]
    reply = shelf.model.chat(casts.known(messages), asked["seed"], task.text, asked.get("tools") or ())
    on_the_way: list[dict[str, Any]] = []
    keep = _Keeper(shelf, photos, _last_words(asked["messages"]), _named(messages), on_the_way)
    told = [keep(face) for face in reply.faces]
    write_ahead(shelf, task, told[::-1])
    casts.keep(messages, reply.text, [head["id"] for head in told], reply.cast)
    calls = [call.in_openai_format for call in reply.calls]
    return {"text": reply.text, "heads": told, "bases": on_the_way, "calls": calls}


@dataclass
class _Keeper:
    """Puts the heads of an answer on the shelf, and those that they were made from on the way.

    Attributes:
        shelf: where to. photos: of the messages, by their bytes. text: the last words.
        named: ids of the heads in the messages. on_the_way: what is told of heads that are not part of the answer.
    """

    shelf: Shelf
    photos: dict[bytes, Path]
    text: str
    named: list[str]
    on_the_way: list[dict[str, Any]]

    def __call__(self, face: Face) -> dict[str, Any]:
        """What clients are told of a head."""
        shelf, key = self.shelf, self.shelf.key_of(face)
        if key is not None:
            return shelf.told(key)
        noted = shelf.notes.of(face)
        before = None if noted is None else noted[1]
        parent = self._kept(before) if before is not None else next(iter(self.named), None)
        made = "photo" if face.photo is not None else "edit" if parent or self.photos else "words"
        if noted is not None and before is None:
            made, parent = "words", None
        path = _photo_of(shelf, face, self.photos)
        own = next((shelf.avatar_of(head) for head in self.named if shelf.get(head).model is face.model), None)
        parent = parent if made == "edit" else None
        return shelf.put(face, path, origin=made, text=self.text, parent=parent, avatar=own)

    def _kept(self, face: Face) -> str:
        """The id of a head on the way."""
        key = self.shelf.key_of(face)
        if key is None:
            self.on_the_way.append(self(face))
            key = str(self.on_the_way[-1]["id"])
        return key


def _message(shelf: Shelf, message: dict[str, Any], photos: dict[bytes, Path]) -> dict[str, Any]:
    """A message as the model takes it."""
    if isinstance(message["content"], str):
        return message
    parts: list[dict[str, Any]] = []
    for part in message["content"]:
        if part["type"] == "image":
            data = Path(part["image"]).read_bytes()
            photos[data] = Path(part["image"])
            parts.append({"type": "image", "image": data})
        elif part["type"] == "face":
            parts.append({"type": "face", "face": shelf.get(part["face"]["id"]), "id": part["face"]["id"]})
        else:
            parts.append(part)
    return {"role": message["role"], "content": parts}


def _named(messages: list[dict[str, Any]]) -> list[str]:
    """Ids of the heads in the messages, the latest first."""
    parts = [p for m in reversed(messages) if not isinstance(m["content"], str) for p in m["content"]]
    return [part["id"] for part in parts if part["type"] == "face"]


def _photo_of(shelf: Shelf, face: Face, photos: dict[bytes, Path]) -> Path | None:
    """The upload that shows a face."""
    if face.photo is None:
        return None
    return next((path for data, path in photos.items() if any(f is face for f in shelf.model.faces_in(data))), None)


def _last_words(messages: list[dict[str, Any]]) -> str:
    content = messages[-1]["content"]
    if isinstance(content, str):
        return content
    return " ".join(part["text"] for part in content if part["type"] == "text")
