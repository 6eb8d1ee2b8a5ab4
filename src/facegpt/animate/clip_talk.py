"""Clips in a conversation: what happens in one is told when it comes, and answers the questions that follow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facegpt.animate.account import AccountModel, MotionAccount, account_of
from facegpt.language.dialogue.messages import Reply
from facegpt.types import FaceGPTError

#: Clips whose accounts are kept, by path, size and time of change: a conversation asks about one again and again.
_MOST_KEPT = 8
_kept: dict[tuple[str, int, int], MotionAccount] = {}


def clip_reply(model: AccountModel, messages: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], Reply | None]:
    """Messages without clips and what was told of them; the answer where the last shows a clip or asks about one.

    A clip is a part {"type": "video", "video": path}. A question after it is about the clip where it names a movement
    that somebody makes in it, and no photo or head came in between.

    Raises:
        FaceGPTError: if a clip cannot be read or shows no face.
    """
    plain: list[dict[str, Any]] = []
    clip, shown, said = None, False, ""
    for message in messages:
        told_before, shown = shown, False
        content = message.get("content") if isinstance(message, dict) else None
        parts = content if isinstance(content, (list, tuple)) else ()
        clips = [part for part in parts if isinstance(part, dict) and part.get("type") == "video"]
        others = [part for part in parts if part not in clips] if clips else parts
        if clips:
            clip, shown, said = clips[-1].get("video"), True, said_in(message)
            if any(part.get("type") != "text" for part in others):
                plain.append({**message, "content": others})
            continue
        if told_before and message.get("role") == "assistant":  # an account of a clip teaches nothing about heads
            continue
        said = said_in(message)
        if any(isinstance(part, dict) and part.get("type") in ("image", "face") for part in parts):
            clip = None
        plain.append(message)
    if clip is None:
        return plain, None
    if not isinstance(clip, (str, Path)):
        raise FaceGPTError('a clip is {"type": "video", "video": the path of a file}')
    return plain, _answer(model, clip, said, shown)


def _answer(model: AccountModel, clip: str | Path, said: str, shown: bool) -> Reply | None:
    if not shown and not said.rstrip().endswith("?"):
        return None
    told = _account(model, clip)
    asked = told.answering(model, said) if said else None
    if not shown and asked is None:
        return None
    return Reply((asked or told).text)


def said_in(message: dict[str, Any]) -> str:
    """The words of a message."""
    content = message.get("content") if isinstance(message, dict) else ""
    if isinstance(content, str):
        return content
    texts = [part.get("text", "") for part in content or () if isinstance(part, dict) and part.get("type") == "text"]
    return " ".join(text for text in texts if text)


def _account(model: AccountModel, clip: str | Path) -> MotionAccount:
    path = Path(clip)
    try:
        state = path.stat()
    except OSError:
        raise FaceGPTError(f"there is no file '{clip}'") from None
    key = (str(path.resolve()), state.st_size, state.st_mtime_ns)
    if key not in _kept:
        _kept[key] = account_of(model, path)
        while len(_kept) > _MOST_KEPT:
            del _kept[next(iter(_kept))]
    return _kept[key]
