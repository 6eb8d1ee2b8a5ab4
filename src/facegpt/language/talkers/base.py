"""The contract of talkers: what they are given, and what they say.

A message is {"role": "system" | "user" | "assistant" | "tool", "content": …}; a content is a text, or a list of
{"type": "text", "text": …} and {"type": "image", "image": PIL image}. An answer that calls tools is kept as
{"role": "assistant", "content": …, "calls": (ToolCall, …)}, and what came of a call as {"role": "tool", "key": its key,
"content": …}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from facegpt.types import FaceGPTError

Message = dict[str, Any]


class TalkerAwayError(FaceGPTError):
    """A talker that runs elsewhere does not answer."""


@dataclass(frozen=True)
class Tool:
    """Something that a talker may ask for.

    Attributes:
        name: a verb. description: what it does. parameters: JSON schema of its arguments.
    """

    name: str
    description: str
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})

    @property
    def in_openai_format(self) -> dict[str, Any]:
        """The tool as an element of the protocol's `tools`."""
        told = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": told}


@dataclass(frozen=True)
class ToolCall:
    """What a talker asks for: the key of the call, the tool's name, its arguments as JSON."""

    key: str
    name: str
    arguments: str

    @property
    def values(self) -> dict[str, Any]:
        """The arguments; {} where they are no JSON object."""
        try:
            read = json.loads(self.arguments or "{}")
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def in_openai_format(self) -> dict[str, Any]:
        """The call as an element of the protocol's `tool_calls`."""
        return {"id": self.key, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


def calls_in(told: object) -> tuple[ToolCall, ...]:
    """The calls of `tool_calls` of a message; what is no such call is passed over."""
    found = []
    for each in told if isinstance(told, (list, tuple)) else ():
        function = each.get("function") if isinstance(each, dict) else None
        if isinstance(function, dict):
            key, name, said = each.get("id"), function.get("name"), function.get("arguments")
            found.append(ToolCall(str(key or ""), str(name or ""), str(said or "")))
    return tuple(found)


@dataclass(frozen=True)
class Spoken:
    """What a talker said.

    Attributes:
        text: the words. calls: the tools that it asks for.
        sure: log-probability of the least likely token of the first sentence; None where that is not known.
    """

    text: str
    calls: tuple[ToolCall, ...] = ()
    sure: float | None = None


class Talker(Protocol):
    """A language model that talks. Implementations: one file each in this folder."""

    @property
    def name(self) -> str:
        """How it is called where people are told of it."""

    @property
    def sees(self) -> bool:
        """Whether it takes pictures, as far as is known."""

    @property
    def takes_facts(self) -> bool:
        """Whether it can make use of measured facts and of tools."""

    def speak(self, messages: Sequence[Message], say: Callable[[str], None], tools: Sequence[Any] = ()) -> Spoken:
        """Answer a conversation.

        Args:
            messages: as the module says; the last one is the user's or what came of a tool.
            say: called with each piece of text as it comes; what it raises ends the answer.
            tools: elements of OpenAI's `tools` (`Tool.in_openai_format`); a talker without them passes them over.

        Raises:
            TalkerAwayError: if it cannot be reached.
        """
        ...


def text_of(content: str | Sequence[Message] | None) -> str:
    """The words of a content."""
    if content is None or isinstance(content, str):
        return content or ""
    return " ".join(part["text"] for part in content if part["type"] == "text")


def without_pictures(messages: Sequence[Message]) -> list[Message]:
    """The same conversation in words alone."""
    return [{**message, "content": text_of(message.get("content"))} for message in messages]


def has_pictures(messages: Sequence[Message]) -> bool:
    """Whether a conversation has a picture in it."""
    contents = (message.get("content") for message in messages)
    return any(part["type"] == "image" for each in contents if isinstance(each, list) for part in each)
