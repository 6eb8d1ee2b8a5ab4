"""From messages to tokens. What people type is text only: a `<FACE>` or any other special token in it is not one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from facegpt.language.numbers import find_numbers
from facegpt.types import FaceGPTError

#: ChatML without the system prompt that SmolLM2's own template puts in: it costs time and says nothing about faces.
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
Message = dict[str, Any]
_OPEN, _CLOSE = "\ue000", "\ue001"
#: The rendered template of conversations of up to so many turns is kept.
_FEW_TURNS = 16


@dataclass(frozen=True)
class Encoded:
    """One conversation as tokens.

    Attributes:
        ids: (T,) token ids; the last is `<FACE>` where that was asked for.
        numbers: for each number of the last user turn: (first token, token after the last).
        faces: how many faces have places in it. photos: first slot of each face of a photo.
        since: the first token of the last user turn.
    """

    ids: list[int]
    numbers: list[tuple[int, int]]
    faces: int
    photos: list[int] = field(default_factory=list)
    since: int = 0


class FaceGPTProcessor:
    """Turns conversations into tokens, by the chat template of the base.

    Args:
        tokenizer: the base's. face_token, slot_token: ids. face_tokens: slots of one input face.
        template: a chat template (Jinja); the tokenizer's own by default.
        longest: tokens kept of one user turn; its middle is left out beyond that.
        photo_tokens: slots of one face of a photo; 0: photos have no places.
    """

    def __init__(
        self,
        tokenizer: Any,
        face_token: int,
        slot_token: int,
        face_tokens: int,
        template: str | None = None,
        longest: int = 1024,
        photo_tokens: int = 0,
    ) -> None:
        self.tokenizer, self.face_token, self.slot_token = tokenizer, face_token, slot_token
        self.face_tokens, self.longest, self.photo_tokens = face_tokens, longest, photo_tokens
        self.template = template or tokenizer.chat_template
        self._rendered: dict[tuple[str, ...], list[tuple[int, ...] | int]] = {}
        if not self.template:
            raise FaceGPTError("the base model's tokenizer has no chat template; give one")

    def __call__(self, messages: str | Sequence[Message], answer: str | None = None, ask_face: bool = True) -> Encoded:
        """Encode a conversation that ends with a user's turn.

        Args:
            messages: one text, or [{"role", "content"}]; a content is a text or a list of {"type": "text", "text"} and
                {"type": "face"} and {"type": "photo"} (one face of a photo).
            answer: text appended as the assistant's, for training.
            ask_face: append `<FACE>`, so that one pass gives its probability and its state.
        """
        turns = _checked(messages)
        last = max((k for k, turn in enumerate(turns) if turn["role"] == "user"), default=-1)
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        faces = since = 0
        photos: list[int] = []
        for piece in self._pieces(tuple(turn["role"] for turn in turns)):
            if not isinstance(piece, int):
                ids += piece
                continue
            since = len(ids) if piece == last else since
            for part in _parts(turns[piece]["content"]):
                if part["type"] == "face":
                    ids += [self.slot_token] * self.face_tokens
                    faces += 1
                    continue
                if part["type"] == "photo":
                    photos += [len(ids)] if self.photo_tokens else []
                    ids += [self.slot_token] * self.photo_tokens
                    continue
                text_ids, text_spans = self.encode_text(part["text"])
                if piece == last:
                    spans += [(start + len(ids), end + len(ids)) for start, end in text_spans]
                ids += text_ids
        if answer is not None:
            ids += self.encode_text(answer)[0]
        elif ask_face:
            ids.append(self.face_token)
        return Encoded(ids, spans, faces, photos, since)

    def encode_text(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Encode what a person typed, special tokens as plain text, and find the tokens of its numbers.

        Both lists keep step with `numbers.find_numbers(text)`: a number that was cut away has the span (0, 0).
        """
        fast = self.tokenizer.backend_tokenizer
        before, fast.encode_special_tokens = fast.encode_special_tokens, True
        try:
            found = fast.encode(text, add_special_tokens=False)
        finally:
            fast.encode_special_tokens = before
        ids, offsets = list(found.ids), list(found.offsets)
        if len(ids) > self.longest:
            half = self.longest // 2
            ids, offsets = ids[:half] + ids[-half:], offsets[:half] + offsets[-half:]
        return ids, [_tokens_of(span.start, span.end, offsets) for span in find_numbers(text)]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """First character of each token of what a person typed, and the one after its last; texts are not cut here."""
        return list(self.tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).offsets)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of an answer, without special tokens."""
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)

    def _pieces(self, roles: tuple[str, ...]) -> list[tuple[int, ...] | int]:
        """Split the rendered template of turns at the contents: its own tokens, and the number of each turn."""
        if (known := self._rendered.get(roles)) is not None:
            return known
        marked = [{"role": role, "content": f"{_OPEN}{k}{_CLOSE}"} for k, role in enumerate(roles)]
        rendered = self.tokenizer.apply_chat_template(
            marked, chat_template=self.template, tokenize=False, add_generation_prompt=True
        )
        pieces: list[tuple[int, ...] | int] = []
        for k, chunk in enumerate(rendered.split(_OPEN)):
            number, closed, rest = chunk.partition(_CLOSE) if k else ("", "", chunk)
            pieces += [int(number)] if closed else []
            pieces += [tuple(self.tokenizer(rest, add_special_tokens=False)["input_ids"])] if rest else []
        if len(roles) <= _FEW_TURNS:
            self._rendered[roles] = pieces
        return pieces


def _tokens_of(start: int, end: int, offsets: list[tuple[int, int]]) -> tuple[int, int]:
    """The tokens that overlap characters start..end, end exclusive."""
    inside = [k for k, (first, after) in enumerate(offsets) if first < end and after > start]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _checked(messages: str | Sequence[Message]) -> list[Message]:
    turns = [{"role": "user", "content": messages}] if isinstance(messages, str) else list(messages)
    if not turns or any(turn.get("role") not in ("system", "user", "assistant") for turn in turns):
        raise FaceGPTError("a conversation is a list of {'role': 'user' or 'assistant' or 'system', 'content': …}")
    return turns


def _parts(content: str | list[Message]) -> list[Message]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
