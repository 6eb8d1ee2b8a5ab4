"""Training texts as tokens and targets, and their batches, filled by length so that little is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facegpt.language.model.face_reading import FaceReading
from facegpt.language.model.processor import FaceGPTProcessor, Message
from facegpt.language.numbers import NumberSpan
from facegpt.language.targets import MEASURES_SPOKEN
from facegpt_lab.synthesis.text_targets import Target, stack_targets


@dataclass(frozen=True)
class TextExample:
    """One text to learn from.

    Attributes:
        messages: the conversation up to the user's turn. target: what it says.
        task: "imagine", "edit", "describe" or "chat". faces: those given as input.
        decides: how much it counts for the decision to answer with a face, 0 for not at all.
        key: names the example in a feature file.
    """

    messages: list[Message]
    target: Target
    task: str
    faces: tuple[FaceReading, ...] = ()
    decides: float = 0.0
    key: str = ""

    @property
    def is_about_a_face(self) -> bool:
        """Whether a face is at hand: its attributes change, and questions are about it."""
        return bool(self.target.is_edit or self.faces)


@dataclass(frozen=True)
class EncodedExample:
    """A TextExample as tokens; `ids` ends with `<FACE>`. numbers: (R, 2) token spans. since: start of the last turn."""

    example: TextExample
    ids: list[int]
    numbers: list[tuple[int, int]]
    since: int = 0


def encode(example: TextExample, processor: FaceGPTProcessor) -> EncodedExample:
    """Tokenise one example."""
    found = processor(example.messages)
    return EncodedExample(example, found.ids, found.numbers, found.since)


@dataclass(frozen=True)
class Batch:
    """B examples.

    Attributes:
        ids, mask: (B, T). face_at: (B,) where `<FACE>` is, the last token of each.
        is_edit: (B,) whether a face is at hand.
        numbers: (R, 3) conversation, first token, token after the last. since: (B,) first token of the last turn.
        faces: (N, F) numbers of the input faces, or None.
        target: stacked targets as tensors, with those of numbers. decides: (B,).
        rows: places of the examples in the list that they came from.
    """

    ids: Tensor
    mask: Tensor
    face_at: Tensor
    is_edit: Tensor
    numbers: Tensor
    since: Tensor
    faces: Tensor | None
    target: dict[str, Tensor]
    decides: Tensor
    rows: list[int]


def collate(examples: Sequence[EncodedExample], rows: list[int], pad: int) -> Batch:
    """Pad examples at their ends and stack their targets."""
    longest = max(len(each.ids) for each in examples)
    ids = torch.full((len(examples), longest), pad)
    mask = torch.zeros_like(ids)
    numbers: list[tuple[int, int, int]] = []
    for k, each in enumerate(examples):
        ids[k, : len(each.ids)] = torch.tensor(each.ids)
        mask[k, : len(each.ids)] = 1
        numbers += [(k, *span) for span in each.numbers]
    targets = [each.example.target for each in examples]
    target = {name: torch.from_numpy(value) for name, value in stack_targets(targets).items()}
    target |= _number_targets(targets)
    target["answers"] = torch.tensor([float(each.example.task in ("describe", "chat")) for each in examples])
    faces = [face.features() for each in examples for face in each.example.faces]
    return Batch(
        ids,
        mask,
        face_at=mask.sum(1) - 1,
        is_edit=torch.tensor([int(each.example.is_about_a_face) for each in examples]),
        numbers=torch.tensor(numbers, dtype=torch.long).reshape(-1, 3),
        since=torch.tensor([each.since for each in examples]),
        faces=torch.from_numpy(np.stack(faces)) if faces else None,
        target=target,
        decides=torch.tensor([each.example.decides for each in examples], dtype=torch.float32),
        rows=rows,
    )


def _number_targets(targets: Sequence[Target]) -> dict[str, Tensor]:
    """Say for each number of each text what it is about: measures (R, M), kind (R,), sign (R,), the age (R,)."""
    measures: list[np.ndarray] = []
    kinds: list[int] = []
    signs: list[float] = []
    years: list[float] = []
    for target in targets:
        for number in target.numbers:
            asked = [goal for goal in target.millimetres if goal.start == number.start]
            about = np.zeros(len(MEASURES_SPOKEN), np.float32)
            about[[goal.measure for goal in asked]] = 1
            measures.append(about)
            kinds.append(asked[0].kind if asked else 0)
            signs.append(float(asked[0].sign > 0) if asked else 0.0)
            years.append(float(not asked and _is_the_age(number, target)))
    stacked = np.array(measures, np.float32).reshape(-1, len(MEASURES_SPOKEN))
    return {
        "number_measure": torch.from_numpy(stacked),
        "number_kind": torch.tensor(kinds, dtype=torch.long),
        "number_sign": torch.tensor(signs, dtype=torch.float32),
        "number_years": torch.tensor(years, dtype=torch.float32),
    }


def _is_the_age(number: NumberSpan, target: Target) -> bool:
    """Whether a number lies within the years that a label gives ("pushing seventy": 67 to 70)."""
    if not target.age_mask or number.unit not in ("", "years"):
        return False
    return bool(target.age_years[0] <= number.value <= target.age_years[1])


def length_batches(lengths: Sequence[int], tokens: int, seed: int) -> Iterator[list[int]]:
    """Yield one epoch of batches (indices), each of about `tokens` tokens, of texts of like length, in random order."""
    random = np.random.default_rng(seed)
    order = sorted(range(len(lengths)), key=lambda k: (lengths[k] + random.uniform(0, 3), k))
    batches: list[list[int]] = []
    current: list[int] = []
    for k in order:
        if current and max(lengths[k], max(lengths[i] for i in current)) * (len(current) + 1) > tokens:
            batches.append(current)
            current = []
        current.append(k)
    batches += [current] if current else []
    for k in random.permutation(len(batches)):
        yield batches[k]
