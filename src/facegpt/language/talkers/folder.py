"""A talker from a folder: any causal or image-text model that transformers loads. No code of the folder is run."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facegpt.language.talkers.base import Message, Spoken, ToolCall, without_pictures
from facegpt.runtime.threads import one_thread
from facegpt.types import FaceGPTError

#: The longest answer, tokens.
LONGEST_ANSWER = 512
#: How models of the Qwen and Hermes kinds write the call of a tool.
_CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


@dataclass(frozen=True, eq=False)
class FolderTalker:
    """Speaks with a model of transformers. Safe to share between threads: one call at a time.

    Attributes:
        name: the folder. model: in eval mode. processor: its tokenizer, or what also prepares pictures.
        sees: whether it takes pictures.
    """

    name: str
    model: Any = field(repr=False)
    processor: Any = field(repr=False)
    sees: bool
    takes_facts: bool = True
    longest: int = LONGEST_ANSWER
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def speak(self, messages: Sequence[Message], say: Callable[[str], None], tools: Sequence[Any] = ()) -> Spoken:
        """Answer a conversation; see `Talker.speak`."""
        import torch

        from facegpt.language.model.speaking import PieceStreamer

        tokenizer = getattr(self.processor, "tokenizer", self.processor)
        given = self._given(messages, tools)
        streamer = PieceStreamer(tokenizer, say)
        with one_thread(), self._lock, torch.inference_mode():
            self.model.generate(**given, max_new_tokens=self.longest, do_sample=False, streamer=streamer)
        return _with_calls(streamer.text)

    def _given(self, messages: Sequence[Message], tools: Sequence[Any]) -> Any:
        """The conversation as the model takes it."""
        turns = [_as_written(m) for m in (messages if self.sees else without_pictures(messages))]
        if self.sees:  # a processor wants every content in parts
            turns = [{**turn, "content": _in_parts(turn["content"])} for turn in turns]
        options = {"tools": list(tools)} if tools else {}
        try:
            given = self.processor.apply_chat_template(
                turns, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt", **options
            )
        except (ValueError, TypeError) as error:
            raise FaceGPTError(f"the talker '{self.name}' cannot take this conversation: {error}") from None
        return given.to(self.model.device)


def load_folder_talker(folder: Path, device: str = "cpu") -> FolderTalker:
    """Load a talker from a folder in the format of transformers.

    Raises:
        FaceGPTError: if the folder has no such model, or its weights are not safetensors.
    """
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoTokenizer
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    from facegpt.language.model.base import quiet_transformers

    if not (folder / "config.json").is_file():
        raise FaceGPTError(f"there is no talker in '{folder}': it has no config.json")
    here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with quiet_transformers():
            sees = type(AutoConfig.from_pretrained(folder, **here)) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
            kind: Any = AutoModelForImageTextToText if sees else AutoModelForCausalLM
            model = kind.from_pretrained(folder, use_safetensors=True, **here)
            processor = _processor(folder, here) if sees else AutoTokenizer.from_pretrained(folder, **here)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise FaceGPTError(f"the talker in '{folder}' cannot be loaded: {error}") from None
    if not getattr(processor, "chat_template", None):
        raise FaceGPTError(f"the talker in '{folder}' has no chat template: take the model tuned for chat")
    return FolderTalker(str(folder), model.eval().requires_grad_(False).to(device), processor, sees)


def _processor(folder: Path, here: dict[str, Any]) -> Any:
    """What prepares words and pictures for a model; where what takes videos cannot be had, one without it.

    Models of the Qwen-VL kind take videos by torchvision, which nothing else here needs.
    """
    import transformers
    from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer

    try:
        return AutoProcessor.from_pretrained(folder, **here)
    except ImportError:
        tokenizer = AutoTokenizer.from_pretrained(folder, **here)
        name = json.loads((folder / "tokenizer_config.json").read_text("utf-8")).get("processor_class", "")
        kind = getattr(transformers, name, None)
        if kind is None:
            raise
        images = AutoImageProcessor.from_pretrained(folder, **here)
        unchecked = {"check_argument_for_proper_class": lambda self, name, value: type(value)}
        return type(name, (kind,), unchecked)(images, tokenizer, None, chat_template=tokenizer.chat_template)


def _as_written(message: Message) -> dict[str, Any]:
    """A message as chat templates know them."""
    told = {"role": message["role"], "content": message.get("content") or ""}
    if message.get("calls"):
        told["tool_calls"] = [
            {"type": "function", "function": {"name": call.name, "arguments": call.values}} for call in message["calls"]
        ]
    return told


def _in_parts(content: str | list[Message]) -> list[Message]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _with_calls(text: str) -> Spoken:
    """The words and the calls of tools in what a model wrote."""
    calls = []
    for k, found in enumerate(_CALL.finditer(text)):
        try:
            read = json.loads(found[1])
        except ValueError:
            continue
        if isinstance(read, dict) and isinstance(read.get("name"), str):
            calls.append(ToolCall(f"call_{k}", read["name"], json.dumps(read.get("arguments") or {})))
    return Spoken(_CALL.sub("", text).strip() if calls else text, tuple(calls))
