"""Plain texts on which the adapted model must stay as its base is: the base's own, and instructions with answers."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from facegpt.language.model import FaceGPTForConditionalGeneration
from facegpt.language.processor import FaceGPTProcessor
from facegpt.language.targets import target_from_labels
from facegpt.synthesis.instructions import load_instructions
from facegpt.train.examples import EncodedExample, TextExample

_BEGINNINGS = (
    *("The", "In", "A", "It", "When", "My", "This", "For", "If", "We", "One", "Many", "After", "People", "While"),
    *("There", "Some", "Today", "How", "During", "She", "He", "You", "On", "At"),
)
_AT_ONCE = 48


def plain_examples(
    model: FaceGPTForConditionalGeneration,
    processor: FaceGPTProcessor,
    texts: int = 144,
    length: int = 72,
    longest: int = 120,
    seed: int = 7,
) -> list[EncodedExample]:
    """Make plain texts.

    Args:
        model: its base writes `texts` of them, each of `length` tokens after a common first word.
        processor: of that base.
        texts: how many are the base's own.
        length: tokens of each of those.
        longest: instructions with answers longer than this many tokens are left out.
        seed: of the base's drawing.
    """
    written = _own_texts(model, processor, texts, length, seed)
    found = [_example(f"plain/{k}", ids) for k, ids in enumerate(written)]
    for k, pair in enumerate(load_instructions()):
        ids = processor(pair.text, answer=pair.reply).ids
        if len(ids) <= longest:
            found.append(_example(f"instruction/{k}", ids))
    return found


def _own_texts(
    model: FaceGPTForConditionalGeneration, processor: FaceGPTProcessor, texts: int, length: int, seed: int
) -> list[list[int]]:
    torch.manual_seed(seed)
    first = [processor.encode_text(_BEGINNINGS[k % len(_BEGINNINGS)])[0][:1] for k in range(texts)]
    written: list[list[int]] = []
    for start in range(0, texts, _AT_ONCE):
        ids = torch.tensor(first[start : start + _AT_ONCE])
        made = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            top_p=0.97,
            max_new_tokens=length,
            min_new_tokens=length,
            suppress_tokens=[model.config.face_token, model.config.slot_token],
        )
        written += made.tolist()
    return written


def _example(key: str, ids: Sequence[int]) -> EncodedExample:
    nothing = target_from_labels({"face": False}, "", "chat")
    return EncodedExample(TextExample([], nothing, "chat", key=key), list(ids), [])
