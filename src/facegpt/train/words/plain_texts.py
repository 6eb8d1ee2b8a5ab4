"""Plain texts on which the adapted model must stay as its base is: the base's own, and its answers to instructions."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.processor import FaceGPTProcessor
from facegpt.language.targets import target_from_labels
from facegpt.synthesis.texts.instructions import load_instructions
from facegpt.train.words.examples import EncodedExample, TextExample

_BEGINNINGS = (
    *("The", "In", "A", "It", "When", "My", "This", "For", "If", "We", "One", "Many", "After", "People", "While"),
    *("There", "Some", "Today", "How", "During", "She", "He", "You", "On", "At"),
)
_AT_ONCE = 48
#: Answers that the base gives itself, at most.
_OWN_ANSWERS = 192


def plain_examples(
    model: FaceGPTForConditionalGeneration,
    processor: FaceGPTProcessor,
    texts: int = 144,
    length: int = 72,
    longest: int = 120,
    answer: int = 40,
    seed: int = 7,
) -> list[EncodedExample]:
    """Make plain texts.

    Args:
        model: its base writes `texts` of them, each of `length` tokens after a common first word.
        processor: of that base.
        texts: how many are the base's own.
        length: tokens of each of those.
        longest: instructions with answers longer than this many tokens are left out.
        answer: tokens of the base's own answer to each instruction.
        seed: of the base's drawing.
    """
    written = _own_texts(model, processor, texts, length, seed)
    found = [_example(f"plain/{k}", ids) for k, ids in enumerate(written)]
    pairs = load_instructions()
    for k, pair in enumerate(pairs):
        ids = processor(pair.text, answer=pair.reply).ids
        if len(ids) <= longest:
            found.append(_example(f"instruction/{k}", ids))
    prompts = [processor(pair.text, ask_face=False).ids for pair in pairs]
    short = [ids for ids in prompts if len(ids) <= longest - answer][:_OWN_ANSWERS]
    answers = _own_answers(model, processor, short, answer)
    return found + [_example(f"answer/{k}", ids) for k, ids in enumerate(answers)]


def _own_answers(
    model: FaceGPTForConditionalGeneration, processor: FaceGPTProcessor, prompts: list[list[int]], length: int
) -> list[list[int]]:
    """Let the base answer each prompt, its likeliest word each time."""
    suppressed, end = [model.config.face_token, model.config.slot_token], processor.tokenizer.eos_token_id
    in_order = sorted(prompts, key=len) if length else []
    written: list[list[int]] = []
    for start in range(0, len(in_order), _AT_ONCE):
        some = in_order[start : start + _AT_ONCE]
        longest = len(some[-1])
        ids = torch.tensor([[end] * (longest - len(prompt)) + prompt for prompt in some])
        mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in some])
        made = model.generate(
            ids,
            attention_mask=mask,
            do_sample=False,
            max_new_tokens=length,
            suppress_tokens=suppressed,
            pad_token_id=end,
        )
        rows = zip(some, made.tolist(), strict=True)
        written += [_up_to(row[longest - len(prompt) :], end, len(prompt)) for prompt, row in rows]
    return written


def _up_to(ids: list[int], end: int | None, start: int) -> list[int]:
    """Cut after the first end of a turn that comes at `start` or later."""
    return ids[: ids.index(end, start) + 1] if end in ids[start:] else ids


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
