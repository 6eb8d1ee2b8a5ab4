"""What a language model keeps of its base's general ability: likelihood of plain text, and instructions followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from facegpt.runtime.progress import Progress
from facegpt_lab.evaluate.judges.instructions import INSTRUCTIONS, PASSAGES, Instruction
from facegpt_lab.evaluate.registry import Row, figure

#: Longest answer to an instruction, tokens. With --quick so many instructions and passages are used.
LONGEST_ANSWER, QUICK_INSTRUCTIONS, QUICK_PASSAGES = 48, 6, 3
#: How much less likely plain text may be than to the base, and how many more instructions may be lost.
KEPT_SHARE, KEPT_INSTRUCTIONS = 0.01, 0.0


def ability_rows(language: Any, quick: bool = False) -> list[Row]:
    """Compare a language model, as it is shipped, with its base on the same texts and instructions."""
    base = base_of(language)
    step = max(1, len(INSTRUCTIONS) // QUICK_INSTRUCTIONS) if quick else 1
    passages = PASSAGES[:QUICK_PASSAGES] if quick else PASSAGES
    tokens = language.processor.tokenizer
    ours, theirs = (np.concatenate([nll(m, tokens, text) for text in passages]) for m in (language.model, base))
    rows = [
        figure("plain text, per token: base", float(theirs.mean()), "nats"),
        figure("plain text, per token: ours", float(ours.mean()), "nats"),
        figure("plain text: ours worse by", float(ours.mean() / theirs.mean() - 1), "share", at_most=KEPT_SHARE),
        *_interval_rows("plain text: ours worse by", ours - theirs, "nats"),
    ]
    asked = INSTRUCTIONS[::step]
    mine = follow(lambda text: language.answer(text, max_new_tokens=LONGEST_ANSWER), asked, "ours")
    base_answers = follow(lambda text: base_answer(base, language.processor, text), asked, "base")
    lost = float(base_answers.mean() - mine.mean())
    rows += [
        figure("instructions followed: base", float(base_answers.mean()), "share"),
        figure("instructions followed: ours", float(mine.mean()), "share"),
        figure("instructions lost", lost, "share", at_most=KEPT_INSTRUCTIONS),
        *_interval_rows("instructions lost", base_answers - mine, "share"),
    ]
    return rows


def base_of(language: Any) -> Any:
    """Load the base model beside the language model: the same weights and precision, without what was learnt."""
    from transformers import AutoModelForCausalLM

    from facegpt.language.model.base import SMOLLM2, cached_base

    own = next(language.model.base.parameters())
    return AutoModelForCausalLM.from_pretrained(cached_base(SMOLLM2), dtype=own.dtype).to(own.device).eval()


def nll(model: Any, tokenizer: Any, text: str) -> np.ndarray:
    """The negative log-likelihood of each token of a text but the first, in nats."""
    import torch

    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.inference_mode():
        logits = model(input_ids=ids).logits[0, :-1].float()
    chosen = torch.log_softmax(logits, -1).gather(-1, ids[0, 1:, None])
    return -chosen[:, 0].numpy()


def base_answer(base: Any, processor: Any, text: str) -> str:
    """Let the base answer the same tokens that the language model gets."""
    import torch

    ids = torch.tensor([processor(text, ask_face=False).ids])
    with torch.inference_mode():
        out = base.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=LONGEST_ANSWER, do_sample=False)
    return processor.decode(out[0, ids.shape[1] :].tolist()).strip()


def follow(answer: Callable[[str], str], asked: Sequence[Instruction], name: str) -> np.ndarray:
    """1 for each instruction whose answer passes its check, else 0."""
    passed = []
    with Progress(f"instructions, {name}", len(asked)) as progress:
        for k, instruction in enumerate(asked, start=1):
            passed.append(float(instruction.passes(answer(instruction.text))))
            progress(k)
    return np.array(passed)


def _interval_rows(name: str, differences: np.ndarray, unit: str) -> list[Row]:
    """The 95 % interval of the mean of paired differences, by a bootstrap."""
    picks = np.random.default_rng(0).integers(0, len(differences), (1000, len(differences)))
    low, high = np.percentile(differences[picks].mean(1), (2.5, 97.5))
    return [
        figure(f"{name}, 95 % interval from", float(low), unit),
        figure(f"{name}, 95 % interval to", float(high), unit),
    ]
