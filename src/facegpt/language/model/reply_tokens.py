"""Tokens of what the writer of replies reads and writes: a turn of a chat, and the beginning of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Ends what is read and what is written.
END = "<|im_end|>"
_USER, _THEN = ("<|im_start|>", "user\n"), "\n"
_ASSISTANT = ("<|im_start|>", "assistant\n")


def prompt_tokens(tokenizer: Any, prompt: str) -> list[int]:
    """Tokens of a prompt (`replies.items.prompt_of`) in a chat's frame; special tokens in it are plain text."""
    special = {name: tokenizer.convert_tokens_to_ids(name) for name in (_USER[0], END)}
    frame = [plain_tokens(tokenizer, text) for text in (_USER[1], _THEN, _ASSISTANT[1])]
    start, between, answer = frame
    read = [special[_USER[0]], *start, *plain_tokens(tokenizer, prompt), special[END], *between]
    return [*read, special[_ASSISTANT[0]], *answer]


def plain_tokens(tokenizer: Any, text: str) -> list[int]:
    """Tokens of a text that somebody wrote."""
    fast = tokenizer.backend_tokenizer
    before, fast.encode_special_tokens = fast.encode_special_tokens, True
    try:
        return list(fast.encode(text, add_special_tokens=False).ids)
    finally:
        fast.encode_special_tokens = before


def reply_tokens(tokenizer: Any, reply: str) -> list[int]:
    """Tokens of a reply with its end."""
    return [*plain_tokens(tokenizer, reply), tokenizer.convert_tokens_to_ids(END)]


def text_of(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of a reply, up to its end."""
    end = tokenizer.convert_tokens_to_ids(END)
    kept = list(ids)
    return str(tokenizer.decode(kept[: kept.index(end)] if end in kept else kept))
