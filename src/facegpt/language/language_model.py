"""The language model as the rest of the package uses it: reads wishes in words, and answers in words."""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facegpt.assets import asset_path
from facegpt.language.face_reading import FaceReading
from facegpt.language.gazetteer import load_gazetteer
from facegpt.language.gazetteer_fuse import FUSED_NAMED_IN_EDIT, FUSED_THRESHOLDS, fuse
from facegpt.language.grammar import overrule, read_grammar
from facegpt.language.numbers import find_numbers
from facegpt.language.processor import CHATML, Encoded, FaceGPTProcessor, Message
from facegpt.language.reading import Reading, decode_reading
from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from facegpt.language.model import FaceGPTForConditionalGeneration

#: The shipped adapter, in assets/. Its base is language.base.SMOLLM2.
ADAPTER = "language_adapter.safetensors"
_LONGEST_CONTEXT = 4096
_WAIT_S = 120.0


class LanguageModel:
    """A FaceGPT model with its processor, ready for use. Safe to share between threads: one call at a time.

    Args:
        model: in eval mode. processor: of the same base.
        gazetteer: whether the counts of wordings (gazetteer.py) and the rules (grammar.py) join what the network reads.
    """

    def __init__(
        self, model: FaceGPTForConditionalGeneration, processor: FaceGPTProcessor, gazetteer: bool = True
    ) -> None:
        self.model, self.processor, self.gazetteer = model, processor, gazetteer
        self.thresholds = {**model.config.thresholds, **(FUSED_THRESHOLDS if gazetteer else {})}
        self._lock = threading.Lock()

    def read(
        self, messages: str | Sequence[Message], face: FaceReading | None = None, is_edit: bool = False
    ) -> Reading:
        """Read the last user turn: one pass over the conversation, no generation.

        Args:
            messages: a text, or [{"role", "content"}] where a content is a text or a list of {"type": "text", "text"}
                and {"type": "face", "face": FaceReading}.
            face: a face that comes with the last turn, put before its text.
            is_edit: whether that turn changes a given face; attributes are then changes.
        """
        import torch

        turns, faces = _with_face(messages, face)
        encoded = self.processor(turns)
        numbers = find_numbers(_last_text(turns))
        spans = [(0, start, end) for start, end in encoded.numbers]
        with self._lock, torch.inference_mode():
            log_odds, out = self._pass(encoded, faces, is_edit, spans)
        if self.gazetteer:
            wordings, text = load_gazetteer(), _last_text(turns)
            said = read_grammar(text, is_edit)
            out = fuse(out, [wordings.read(text, said.looks)])
            log_odds += wordings.asks_for_face(text, face_before=is_edit or bool(faces))
        probability = 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))
        stricter = {"named": FUSED_NAMED_IN_EDIT} if self.gazetteer and is_edit else {}
        reading = decode_reading(out, 0, numbers, {**self.thresholds, **stricter}, is_edit, probability)
        return overrule(reading, said) if self.gazetteer else reading

    def _pass(
        self, encoded: Encoded, faces: list[FaceReading], is_edit: bool, spans: list[tuple[int, int, int]]
    ) -> tuple[float, Any]:
        """Run the model once: log odds of `<FACE>` as the answer's first token, and what the face head reads there."""
        import torch

        from facegpt.language.model import face_log_odds

        ids = torch.tensor([encoded.ids])
        out = self.model(
            ids,
            faces=_features(faces),
            face_at=torch.tensor([ids.shape[1] - 1]),
            is_edit=torch.tensor([int(is_edit)]),
            numbers=torch.tensor(spans, dtype=torch.long).reshape(-1, 3),
            use_cache=False,
            logits_to_keep=2,
        )
        return float(face_log_odds(out.logits[0, -2], self.processor.face_token)), out.wishes

    def stream(
        self,
        messages: str | Sequence[Message],
        max_new_tokens: int = 256,
        temperature: float = 0.0,
        seed: int | None = None,
        answers_with_face: bool = False,
    ) -> Iterator[str]:
        """Answer in words, piece by piece as they are made.

        Args:
            messages: as in `read`.
            max_new_tokens: the longest answer.
            temperature: 0 takes the likeliest token each time; above, tokens are drawn.
            seed: makes drawn answers repeatable.
            answers_with_face: the answer starts with `<FACE>`: the words beside a head that was made.
        """
        import torch
        from transformers import TextIteratorStreamer

        turns, faces = _with_face(messages, None)
        encoded = self.processor(turns, ask_face=answers_with_face)
        ids = torch.tensor([encoded.ids])
        if ids.shape[1] + max_new_tokens > _LONGEST_CONTEXT:
            raise FaceGPTError(f"the conversation is too long ({ids.shape[1]} tokens); start a new one")
        streamer = TextIteratorStreamer(
            self.processor.tokenizer, skip_prompt=True, skip_special_tokens=True, timeout=_WAIT_S
        )
        options: dict[str, Any] = {"max_new_tokens": max_new_tokens, "do_sample": temperature > 0}
        options |= {"streamer": streamer, "suppress_tokens": [self.processor.face_token]}
        if temperature > 0:
            options |= {"temperature": temperature, "top_p": 0.9}
        failed: list[BaseException] = []

        def work() -> None:
            try:
                with self._lock:
                    if seed is not None:
                        torch.manual_seed(seed)
                    self.model.generate(ids, faces=_features(faces), attention_mask=torch.ones_like(ids), **options)
            except BaseException as error:  # given to the reader of the stream
                failed.append(error)
                streamer.end()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield from (piece for piece in streamer if piece)
        thread.join()
        if failed:
            raise failed[0]

    def answer(self, messages: str | Sequence[Message], **options: Any) -> str:
        """Give the whole answer of `stream`."""
        return "".join(self.stream(messages, **options)).strip()


def load_language_model(path: str | Path | None = None, gazetteer: bool = True) -> LanguageModel:
    """Load the default language model, or one that `facegpt train` saved in a folder.

    The base model is fetched on first use, with a bar on stderr; adapters are merged into it.

    Args:
        path: of the folder, or of an adapter file.
        gazetteer: False leaves the network alone, without the counts of wordings beside it.

    Raises:
        FaceGPTError: if the base cannot be fetched, or a file does not fit.
    """
    from transformers import AutoTokenizer

    from facegpt.language.adapter import adapter_config, load_adapter
    from facegpt.language.base import quiet_transformers
    from facegpt.language.model import FaceGPTForConditionalGeneration

    if path is not None and (Path(path) / "config.json").is_file():
        return load_saved(Path(path), gazetteer)
    adapter = asset_path(ADAPTER) if path is None else Path(path)
    if not adapter.is_file():
        raise FaceGPTError(f"there is no language model at '{adapter}': neither a folder with config.json nor a file")
    changes, base_sha256 = adapter_config(adapter)
    folder = base_folder(base_sha256)
    with quiet_transformers():
        model = FaceGPTForConditionalGeneration.from_base(folder, **changes)
    load_adapter(model, adapter)
    return _ready(model, AutoTokenizer.from_pretrained(folder), CHATML, gazetteer)


def load_saved(folder: Path, gazetteer: bool = True) -> LanguageModel:
    """Load a whole model (base and face parts) from a folder written by `save_pretrained`."""
    from transformers import AutoTokenizer

    from facegpt.language.base import quiet_transformers
    from facegpt.language.model import FaceGPTForConditionalGeneration

    with quiet_transformers():
        loaded: Any = FaceGPTForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
    model, report = loaded
    wrong = [*report["missing_keys"], *report["unexpected_keys"], *report.get("mismatched_keys", ())]
    if wrong:
        raise FaceGPTError(f"the model in '{folder}' is not whole: {len(wrong)} parts differ (for example {wrong[0]})")
    return _ready(model, AutoTokenizer.from_pretrained(folder), None, gazetteer)


def _ready(
    model: FaceGPTForConditionalGeneration, tokenizer: Any, template: str | None, gazetteer: bool
) -> LanguageModel:
    model.eval().requires_grad_(False)
    model.adapters.merge()
    config = model.config
    processor = FaceGPTProcessor(tokenizer, config.face_token, config.slot_token, config.face_tokens, template)
    return LanguageModel(model, processor, gazetteer)


def base_folder(sha256: str) -> Path:
    """Give the folder of the base model that an adapter was trained on, fetched if it is not there yet."""
    from facegpt.language.base import SMOLLM2, cached_base

    if sha256 != SMOLLM2.sha256:
        raise FaceGPTError("the adapter was trained on another base model; give the folder of a whole model instead")
    return cached_base(SMOLLM2, sys.stderr)


def _features(faces: Sequence[FaceReading]) -> Any:
    import torch

    return torch.from_numpy(np.stack([face.features() for face in faces])) if faces else None


def _with_face(messages: str | Sequence[Message], face: FaceReading | None) -> tuple[list[Message], list[FaceReading]]:
    """Put a face before the text of the last user turn, and list all faces of the conversation in their order."""
    given: Sequence[Message] = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    turns: list[Message] = [dict(turn) for turn in given]
    if face is not None and turns:
        content = turns[-1]["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
        turns[-1]["content"] = [{"type": "face", "face": face}, *parts]
    faces = [
        part["face"]
        for turn in turns
        if not isinstance(turn["content"], str)
        for part in turn["content"]
        if part["type"] == "face"
    ]
    return turns, faces


def _last_text(turns: Sequence[Message]) -> str:
    """Join the texts of the last user turn."""
    last = next((turn["content"] for turn in reversed(turns) if turn["role"] == "user"), "")
    if isinstance(last, str):
        return last
    return "\n".join(part["text"] for part in last if part["type"] == "text")


def describe_reading(reading: Reading) -> str:
    """Give a reading as JSON for people who look into it: what is named, with numbers."""
    from facegpt.conventions import ARKIT_NAMES
    from facegpt.language.targets import ATTRIBUTES

    wishes = reading.wishes
    said = {
        "attributes": {
            name: round(float(wishes.attribute_mean[k]), 2)
            for k, name in enumerate(ATTRIBUTES)
            if abs(wishes.attribute_mean[k]) > 0.2
        },
        "man": round(wishes.man, 2),
        "age_years": wishes.age_years,
        "emotion": wishes.emotion,
        "intensity": round(reading.intensity, 2),
        "expression": {
            name: round(float(wishes.expression[k]), 2)
            for k, name in enumerate(ARKIT_NAMES)
            if wishes.expression_named[k]
        },
        "millimetres": [(wish.measure, wish.kind, wish.amount) for wish in wishes.millimetres],
        "asks": reading.asks,
        "face_probability": round(reading.face_probability, 3),
    }
    return json.dumps(said)
