"""A turn of a conversation with photos and heads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facegpt.face import Face
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import Task


def answered(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Answer a conversation. Payload: messages (photos are files, heads are ids), seed."""
    asked = task.payload
    task.progress("reading")
    photos: dict[bytes, Path] = {}
    messages = [_message(shelf, message, photos) for message in asked["messages"]]
    reply = shelf.model.chat(messages, asked["seed"], task.text)
    text = _last_words(asked["messages"])
    faces = _named(messages)
    told = []
    for face in reply.faces:
        key = shelf.key_of(face)
        if key is not None:
            told.append(shelf.told(key))
            continue
        parent = next(iter(faces), None)
        made = "photo" if face.photo is not None else "edit" if parent or photos else "words"
        path = _photo_of(shelf, face, photos)
        own = next((shelf.avatar_of(head) for head in faces if shelf.get(head).model is face.model), None)
        parent = parent if made == "edit" else None
        told.append(shelf.put(face, path, origin=made, text=text, parent=parent, avatar=own))
    return {"text": reply.text, "heads": told}


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
