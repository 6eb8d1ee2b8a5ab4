"""Training of the one reader: one command, resumable, on a GPU in 25 minutes, on processor cores in hours."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.one_reader.examples import Example, sentences, turns
from facegpt_lab.train.one_reader.model import OneReader, ReaderSettings, new_reader, save_reader
from facegpt_lab.train.one_reader.scoring import score

FILE = "reader.safetensors"


@dataclass(frozen=True)
class ReaderTraining:
    """How the reader is taught.

    Attributes:
        minutes: of training. tokens: of a batch, padding included. rate: the highest learning rate.
        most: examples at most, 0 for all (a dry run has few). checked: validation texts at each checkpoint.
        device: "cpu" or "cuda". precision: "float32" or "bfloat16". seed: of the order.
        save_every: steps between checkpoints.
    """

    minutes: float = 25.0
    tokens: int = 16_000
    rate: float = 4e-4
    most: int = 0
    checked: int = 400
    device: str = "cpu"
    precision: str = "float32"
    seed: int = 0
    save_every: int = 500


def train_reader(folder: Path, adapted: ReaderSettings, how: ReaderTraining, base: Path | None = None) -> OneReader:
    """Teach a reader, and write it into `folder` with its log; a stopped run goes on from its last checkpoint."""
    learnt = [*sentences("train"), *turns(False)]
    random.Random(how.seed).shuffle(learnt)
    learnt = learnt[: how.most or None]
    held_out = checked_examples(how.checked)
    reader = new_reader(adapted, base, how.precision).to(how.device)
    batches = _Batches(learnt, how)

    def compute(step: int) -> dict[str, Tensor]:
        batch = batches.at(step)
        return reader.losses([each.prompt for each in batch], [each.request for each in batch])

    def checked(_: int) -> dict[str, float]:
        save_reader(reader, folder / FILE)
        return evaluated(reader, held_out)

    settings = LoopSettings(
        steps=10**6 if how.minutes else len(learnt),
        learning_rate=how.rate,
        minutes=how.minutes,
        precision=how.precision,
        average_from=0.7,
        save_every=how.save_every,
        seed=how.seed,
    )
    Loop(reader, compute, folder, settings).run(checked)
    save_reader(reader, folder / FILE)
    return reader


def checked_examples(count: int, seed: int = 1) -> list[Example]:
    """Held-out examples, half sentences and half turns, the same for the same seed. count: 0 for all."""
    drawn = random.Random(seed)
    both = [sentences("validation"), turns(True)]
    return [each for some in both for each in (drawn.sample(some, min(count // 2, len(some))) if count else some)]


def evaluated(reader: OneReader, examples: Sequence[Example], batch: int = 64) -> dict[str, float]:
    """Scores of a reader (scoring.score), of sentences and turns together."""
    return score(examples, read_examples(reader, examples, batch))


def read_examples(reader: OneReader, examples: Sequence[Example], batch: int = 64) -> list[tuple[str, ...]]:
    """What a reader writes of each example, read in batches of about the same length."""
    reader.eval()
    order = sorted(range(len(examples)), key=lambda k: len(examples[k].prompt))
    written: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(order), batch):
        some = order[start : start + batch]
        written |= dict(zip(some, reader.read([examples[k].prompt for k in some]), strict=True))
    return [written[k] for k in range(len(examples))]


class _Batches:
    """Examples of about the same length together, in an order that follows from the seed and the round alone."""

    def __init__(self, examples: Sequence[Example], how: ReaderTraining) -> None:
        self._examples, self._how = examples, how
        self._round, self._batches = -1, list[list[Example]]()
        self._per_round = sum(1 for _ in self._cut(0))

    def at(self, step: int) -> list[Example]:
        """The batch of a step."""
        number, place = divmod(step, self._per_round)
        if number != self._round:
            self._round, self._batches = number, [*self._cut(number)]
        return self._batches[place % len(self._batches)]

    def _cut(self, number: int) -> Iterator[list[Example]]:
        drawn = random.Random(f"{self._how.seed}/{number}")
        ordered = sorted(self._examples, key=lambda each: (_length(each), drawn.random()))
        cut, batch = list[list[Example]](), list[Example]()
        for example in ordered:
            if batch and _length(example) * (len(batch) + 1) > self._how.tokens:
                cut.append(batch)
                batch = []
            batch.append(example)
        cut.append(batch)
        drawn.shuffle(cut)
        yield from cut


def _length(example: Example) -> int:
    """Tokens of an example, roughly: a token has some three and a half letters."""
    return len(example.prompt) * 2 // 7 + len(example.request) + 4


def precision_of(device: str) -> str:
    """bfloat16 where the device multiplies it faster."""
    has_it = torch.cuda.is_bf16_supported() if device.startswith("cuda") else torch.cpu._is_amx_tile_supported()
    return "bfloat16" if has_it else "float32"
