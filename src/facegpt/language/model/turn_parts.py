"""The parts of the turns of a conversation: texts, faces and photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facegpt.language.model.face_reading import FaceReading
from facegpt.language.model.processor import Message


def with_face(messages: str | Sequence[Message], face: FaceReading | None) -> tuple[list[Message], list[FaceReading]]:
    """Put a face before the text of the last user turn, and list all faces of the conversation in their order."""
    given: Sequence[Message] = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    turns: list[Message] = [dict(turn) for turn in given]
    if face is not None and turns:
        content = turns[-1]["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
        turns[-1]["content"] = [{"type": "face", "face": face}, *parts]
    return turns, parts_of(turns, "face")


def parts_of(turns: Sequence[Message], kind: str) -> list[Any]:
    """List the faces or photos of a conversation in their order."""
    contents = [turn["content"] for turn in turns if not isinstance(turn["content"], str)]
    return [part[kind] for content in contents for part in content if part["type"] == kind]


def without_faces(turns: Sequence[Message]) -> list[Message]:
    """The same turns with their words alone."""
    plain = []
    for turn in turns:
        parts = turn["content"]
        kept = parts if isinstance(parts, str) else "\n".join(part["text"] for part in parts if part["type"] == "text")
        plain.append({**turn, "content": kept})
    return plain


def last_text(turns: Sequence[Message]) -> str:
    """Join the texts of the last user turn."""
    last = next((turn["content"] for turn in reversed(turns) if turn["role"] == "user"), "")
    if isinstance(last, str):
        return last
    return "\n".join(part["text"] for part in last if part["type"] == "text")
