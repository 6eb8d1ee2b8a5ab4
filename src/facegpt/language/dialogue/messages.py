"""What a conversation is made of: messages as users give them, turns as they are read, replies as they are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast
from facegpt.language.talkers.base import ToolCall, calls_in
from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, eq=False)
class Turn:
    """One message: who says it, its text, the photos and heads that come with it, and what is known after it.

    calls: tools of the client that the talker asked for in it. key: of the call that a tool's message answers.
    """

    role: str
    text: str
    images: tuple[Any, ...] = ()
    faces: tuple[Face, ...] = ()
    cast: Cast | None = None
    calls: tuple[ToolCall, ...] = ()
    key: str = ""


@dataclass(frozen=True, eq=False)
class Reply:
    """An answer: words, and the heads that came with it ([] where none was asked for).

    Attributes:
        text: the words. faces: the heads.
        cast: all people of the conversation after this answer, with their history; None where nothing is known.
        calls: tools of the client that the talker asks for; the conversation goes on with what came of them.
        draw: gives `pictures`.
    """

    text: str
    faces: list[Face] = field(default_factory=list)
    cast: Cast | None = field(default=None, repr=False)
    calls: tuple[ToolCall, ...] = ()
    draw: Callable[[], list[Image]] | None = field(default=None, repr=False)

    @cached_property
    def pictures(self) -> list[Image]:
        """The photos whose faces this answer changed, with the change; drawn on first access (about a second)."""
        return [] if self.draw is None else self.draw()

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message, to go on with the conversation."""
        parts: list[dict[str, Any]] = [{"type": "text", "text": self.text}]
        content = parts + [{"type": "face", "face": face} for face in self.faces]
        message = {"role": "assistant", "content": content, "cast": self.cast}
        return message | ({"tool_calls": [call.in_openai_format for call in self.calls]} if self.calls else {})


def read_messages(messages: object) -> list[Turn]:
    """Check and read a list of messages; the last one must be the user's, or what came of a tool.

    Raises:
        FaceGPTError: if one is not as `FaceGPT.chat` says.
    """
    if not isinstance(messages, (list, tuple)) or not messages:
        raise FaceGPTError('messages are a list like [{"role": "user", "content": "an old man, smiling"}]')
    turns = [_turn(message, k) for k, message in enumerate(messages)]
    if turns[-1].role not in ("user", "tool"):
        raise FaceGPTError(f"the last message must be the user's, not the {turns[-1].role}'s")
    return turns


def _turn(message: object, place: int) -> Turn:
    where = f"message {place + 1}"
    if isinstance(message, dict) and message.get("role") == "tool":
        return Turn("tool", str(message.get("content") or ""), key=str(message.get("tool_call_id") or ""))
    if not isinstance(message, dict) or message.get("role") not in ("system", "user", "assistant"):
        raise FaceGPTError(f'{where} needs a "role": "user", "assistant" or "system"')
    content, calls = message.get("content"), calls_in(message.get("tool_calls"))
    if isinstance(content, str) or (content is None and calls):
        return Turn(message["role"], content or "", calls=calls)
    if not isinstance(content, (list, tuple)):
        raise FaceGPTError(f'the "content" of {where} is a string or a list of parts')
    texts, images, faces = _parts(content, where)
    cast = message.get("cast")
    known = cast if isinstance(cast, Cast) else None
    return Turn(message["role"], " ".join(texts), tuple(images), tuple(faces), known, calls)


def _parts(content: Sequence[Any], where: str) -> tuple[list[str], list[Any], list[Face]]:
    """Sort the parts of a content by kind."""
    texts: list[str] = []
    images: list[Any] = []
    faces: list[Face] = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        value = part.get(kind) if kind in ("text", "image", "face") else None
        if kind == "text" and isinstance(value, str):
            texts.append(value)
        elif kind == "image" and value is not None:
            images.append(value)
        elif kind == "face" and isinstance(value, Face):
            faces.append(value)
        else:
            raise FaceGPTError(
                f'a part of {where} is {{"type": "text", "text": …}}, {{"type": "image", "image": path, bytes, PIL '
                'image or array}} or {"type": "face", "face": a Face}'
            )
    return texts, images, faces
