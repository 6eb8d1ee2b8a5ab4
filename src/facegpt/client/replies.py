"""What a server answers with beside heads: replies of a conversation, photos of many, personal heads."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.client.face import RemoteFace
from facegpt.client.kept import Remote
from facegpt.client.upload import photo_upload
from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, eq=False)
class RemoteReply:
    """An answer: words, and the heads that came with it."""

    text: str
    faces: list[RemoteFace] = field(default_factory=list)

    @cached_property
    def pictures(self) -> list[Image]:
        """The photo of each changed head, changed as it is; drawn by the server when asked for."""
        return [face.in_photo() for face in self.faces if face.told.get("photo_head") not in (None, face.id)]

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message, to go on with the conversation."""
        parts: list[dict[str, Any]] = [{"type": "text", "text": self.text}]
        return {"role": "assistant", "content": parts + [{"type": "face", "face": face} for face in self.faces]}


@dataclass(frozen=True, eq=False)
class RemotePhoto:
    """What became of one photo of many, as `facegpt.PhotoResult`.

    Attributes:
        source: the photo, as it was given. faces: its heads, the largest first. error: why it failed, or None.
    """

    source: Any
    faces: list[RemoteFace] = field(default_factory=list)
    error: FaceGPTError | None = None


@dataclass(frozen=True, eq=False, repr=False)
class RemoteAvatar(Remote):
    """A personal head on a server."""

    place = "avatars"

    def face(self) -> RemoteFace:
        """The head at rest."""
        return RemoteFace(self.wire, self.told["head"])


def sent_message(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it goes over the wire."""
    if isinstance(message.get("content"), str):
        return message
    parts = []
    for part in message.get("content", ()):
        if part.get("type") == "image":
            _, data = photo_upload(part["image"])
            content = data.read_bytes() if isinstance(data, Path) else data
            url = "data:application/octet-stream;base64," + base64.b64encode(content).decode()
            parts.append({"type": "image_url", "image_url": {"url": url}})
        elif part.get("type") == "face":
            parts.append({"type": "face", "face": {"id": part["face"].id}})
        else:
            parts.append(part)
    return {**message, "content": parts}
