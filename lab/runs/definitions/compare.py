"""Today's face head against one that reads by definition, at equal data: learning curves and attributes never seen.

Both see the frozen base (the shipped adapters were trained with today's head), the same principal components of its
layers, the same sentences in the same order and the same losses. Early stopping and thresholds of one half of the
held-out sentences are scored on the other half, and the other way round.

    python -m lab.runs.definitions.compare states FOLDER --sentences 3600
    python -m lab.runs.definitions.compare compare FOLDER
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.language.model.base import base_tokenizer, cached_base
from facegpt.language.model.config import FaceGPTConfig
from facegpt.language.model.face_head import FaceHead, FaceHeadOutput, FaceHeadSizes
from facegpt.language.model.processor import CHATML, FaceGPTProcessor
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.words.calibrate import calibrate
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import Batch, EncodedExample, collate, encode, length_batches
from facegpt_lab.train.words.features import FrozenStates, all_states, write_states
from facegpt_lab.train.words.losses import attribute_classes, request_losses, total
from facegpt_lab.train.words.training import build, spare_tokens
from facegpt_lab.train.words.validate import Scores, decode_batch, score
from lab.runs.definitions.head import DefinitionHead, Definitions, definitions_from, read_definitions

LAYERS = (9, 14)
COMPONENTS, WIDTH, DROPOUT = 256, 96, 0.1
TOKENS, RATE, TOKEN_DROPOUT, CHECKS = 400, 1.5e-3, 0.15, 3
#: Share of the sentences: rounds over them.
ROUNDS = {0.25: 10, 1.0: 6}
PART = {"train": 160, "validation": 60}
#: Never named in training when what a definition alone can do is measured; picked before any run, from all parts.
UNSEEN = ("nose_width", "eye_spacing", "ear_protrusion", "freckles", "chin_cleft", "neck_length")
_FEW = 0.33


@dataclass
class Texts:
    """Sentences and their states (T, COMPONENTS) in the space of the head."""

    examples: list[EncodedExample]
    states: list[Tensor]

    def __getitem__(self, rows: Sequence[int]) -> Texts:
        return Texts([self.examples[k] for k in rows], [self.states[k] for k in rows])

    def __len__(self) -> int:
        return len(self.examples)

    def rows(self, tokens: int, seed: int) -> Iterator[list[int]]:
        """One round: which sentences are in each batch."""
        return length_batches([len(each.ids) for each in self.examples], tokens, seed)

    def batches(self, tokens: int, seed: int) -> Iterator[tuple[Batch, Tensor]]:
        """One round: batches and their states (B, T, 1, COMPONENTS)."""
        for rows in self.rows(tokens, seed):
            batch = collate([self.examples[k] for k in rows], rows, 0)
            states = nn.utils.rnn.pad_sequence([self.states[k] for k in rows], batch_first=True)
            yield batch, states[:, :, None]


def make_states(folder: Path, sentences: int) -> None:
    """Run the frozen base over the definitions and over sentences about heads; a stopped run leaves what it has."""
    torch.manual_seed(0)
    model, processor = build("")
    model.eval()
    embedded = [[_embed(model, processor, row[pole]) for pole in ("low", "high")] for row in read_definitions()]
    np.save(folder / "definitions.npy", np.array(embedded, np.float32))
    parts = sentences // PART["train"]
    texts = {split: encoded(split, processor, parts * PART[split]) for split in PART}
    for k in range(parts):
        for split, size in PART.items():
            part = texts[split][k * size : (k + 1) * size]
            if part:
                write_states(model, part, folder / f"{split}_{k:02d}", 0, LAYERS)


def encoded(split: str, processor: FaceGPTProcessor, most: int) -> list[EncodedExample]:
    """The sentences of a split that are about heads, hair apart, in an order drawn once."""
    records = load_corpus(split)
    records = [r for r in records if r.task in ("imagine", "edit", "describe") and not r.category.endswith("hair")]
    order = np.random.default_rng(0).permutation(len(records))[:most]
    return [encode(example_from(records[k]), processor) for k in order]


@torch.no_grad()
def _embed(model: Any, processor: Any, text: str) -> np.ndarray:
    """Mean states (layers, D) of a definition's words; zeros where there is none. An attention sink comes first."""
    if not text:
        return np.zeros((len(LAYERS), model.config.hidden_size), np.float32)
    ids = torch.tensor([[processor.tokenizer.bos_token_id, *processor.tokenizer(text)["input_ids"]]])
    states = all_states(model, ids, None, max(LAYERS))
    return torch.stack([states[k][0, 1:].mean(0) for k in LAYERS]).numpy()


def load(folder: Path) -> tuple[Texts, Texts, Definitions]:
    """Sentences to learn from and held-out ones in one space, and the definitions in it."""
    tokenizer = base_tokenizer(cached_base())
    processor = FaceGPTProcessor(tokenizer, *spare_tokens(tokenizer), FaceGPTConfig().face_tokens, CHATML)
    raw = {split: _load_raw(folder, split, processor) for split in PART}
    space = space_of(torch.cat([each[1:] for each in raw["train"].states[:700]]))
    train_texts, held = (Texts(each.examples, [space(x) for x in each.states]) for each in raw.values())
    embedded = space(torch.from_numpy(np.load(folder / "definitions.npy")).flatten(2))
    print(
        f"{len(train_texts)} sentences, {len(held)} held out; {space.kept:.3f} of the states' variance kept", flush=True
    )
    return train_texts, held, definitions_from(embedded, [row["kind"] for row in read_definitions()])


def _load_raw(folder: Path, split: str, processor: FaceGPTProcessor) -> Texts:
    """The sentences of a split whose states (T, layers · D) are in the folder."""
    parts = [FrozenStates(part) for part in sorted(folder.glob(f"{split}_*")) if (part / "index.json").is_file()]
    examples = encoded(split, processor, len(parts) * PART[split])
    states = []
    for k, each in enumerate(examples):
        states.append(parts[k // PART[split]].batch([each.example.key], len(each.ids))[0].flatten(1))
    return Texts(examples, states)


@dataclass(frozen=True)
class Space:
    """Standardised states → their principal components."""

    mean: Tensor
    sd: Tensor
    axes: Tensor
    kept: float

    def __call__(self, states: Tensor) -> Tensor:
        """(…, layers · D) → (…, COMPONENTS)."""
        return ((states - self.mean) / self.sd).clamp(-8, 8) @ self.axes


def space_of(states: Tensor) -> Space:
    """Measure it on the states (tokens, layers · D) of training sentences."""
    mean, sd = states.mean(0), states.std(0).clamp_min(1e-3)
    standard = ((states - mean) / sd).clamp(-8, 8)
    values, axes = torch.linalg.eigh(standard.T @ standard / len(standard))
    kept = values[-COMPONENTS:].sum() / values.sum()
    return Space(mean, sd, axes[:, -COMPONENTS:].flip(1).contiguous(), float(kept))


def head_of(definitions: Definitions | None, free: bool, seed: int) -> nn.Module:
    """A fresh head: today's where no definitions are given."""
    torch.manual_seed(seed)
    c = FaceGPTConfig()
    sizes = FaceHeadSizes(c.attributes, c.expression, c.emotions, c.measures, c.kinds, tuple(c.asked_measures))
    head = FaceHead(1, COMPONENTS, sizes, WIDTH, dropout=DROPOUT)
    return head if definitions is None else DefinitionHead(head, definitions, free)


def train(head: nn.Module, texts: Texts, rounds: int, seed: int, unseen: Sequence[int] = ()) -> Iterator[nn.Module]:
    """Train, and yield the head CHECKS times on the way, in evaluation mode; `unseen` attributes teach nothing."""
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    steps = sum(sum(1 for _ in texts.rows(TOKENS, seed * 1000 + k)) for k in range(rounds))
    warmup = min(50, steps // 4)
    step = 0
    for k in range(rounds):
        for batch, states in texts.batches(TOKENS, seed * 1000 + k):
            for group in optimizer.param_groups:
                group["lr"] = RATE * min((step + 1) / warmup, 1.0) * (0.05 + 0.475 * (1 + np.cos(np.pi * step / steps)))
            _learn(head.train(), optimizer, batch, states, unseen)
            step += 1
            if step * CHECKS // steps > (step - 1) * CHECKS // steps:
                yield head.eval()


def _learn(head: nn.Module, optimizer: Any, batch: Batch, states: Tensor, unseen: Sequence[int]) -> None:
    seen = (torch.rand(batch.mask.shape) >= TOKEN_DROPOUT).to(batch.mask.dtype)
    seen[torch.arange(len(seen)), batch.face_at] = 1
    batch.target["attribute_scored"][:, list(unseen)] = 0
    out = head(states, batch.mask * seen, batch.face_at, batch.is_edit, batch.numbers)
    optimizer.zero_grad()
    total(request_losses(out, batch.target)).backward()
    nn.utils.clip_grad_norm_(head.parameters(), 1.0)
    optimizer.step()


@torch.no_grad()
def outputs(head: nn.Module, texts: Texts) -> tuple[list[tuple[Batch, FaceHeadOutput, np.ndarray]], float]:
    """What a head gives for texts, and its mean loss. Whether an answer has a face is not its matter: nan."""
    found, losses = [], 0.0
    for batch, states in texts.batches(2 * TOKENS, 0):
        out = head(states, batch.mask, batch.face_at, batch.is_edit, batch.numbers)
        losses += float(total(request_losses(out, batch.target))) * len(batch.rows)
        found.append((batch, out, np.zeros(len(batch.rows))))
    return found, losses / len(texts)


def run(learning: Iterator[nn.Module], halves: tuple[Texts, Texts], few: np.ndarray | None = None) -> dict:
    """Train a head and score it: each half by the checkpoint and the thresholds that the other half chose."""
    best: list[tuple[float, Any]] = [(np.inf, None)] * 2
    for trained in learning:
        seen = [outputs(trained, half) for half in halves]
        for k in range(2):
            if seen[k][1] < best[k][0]:
                best[k] = (seen[k][1], seen)
    scores, losses = Scores(), []
    for k in range(2):
        chosen = best[k][1]
        thresholds = calibrate(chosen[k][0])
        _add_scores(scores, halves[1 - k], chosen[1 - k][0], {**FaceGPTConfig().thresholds, **thresholds}, few)
        losses.append(chosen[1 - k][1])
    return {"loss": float(np.mean(losses)), **scores.means(), "counts": scores.counts()}


def _add_scores(
    scores: Scores, texts: Texts, found: list, thresholds: dict[str, float], few: np.ndarray | None
) -> None:
    """Score readings by the labels; attributes with `few` training examples once more apart."""
    rare = Scores()
    for batch, out, _ in found:
        nothing = np.full(len(batch.rows), np.nan)
        for row, reading in zip(batch.rows, decode_batch(out, nothing, batch, texts.examples, thresholds), strict=True):
            example = texts.examples[row].example
            score(scores, example, reading)
            if few is None:
                continue
            target = replace(example.target, attribute_scored=example.target.attribute_scored * few)
            score(rare, replace(example, target=target), reading)
    for name in ("imagine attributes", "edit attributes") if few is not None else ():
        scores.add("rare attributes", rare._values[name])


def named(texts: Texts) -> np.ndarray:
    """(B, K) 1 where a text names an attribute in any way."""
    targets = [each.example.target for each in texts.examples]
    found = np.array([(t.attribute_mask > 0) | (t.attribute_excluded != 0) for t in targets])
    for row, target in enumerate(targets):
        found[row, target.relations.ravel()] = True
    return found


def run_unseen(head: nn.Module, train_texts: Texts, left_out: Texts, validation: Texts, seed: int) -> dict[str, float]:
    """Train without any sentence that names the unseen attributes, then read these by definition alone.

    "side": the right side where one is named. "found": area under the curve of naming, against held-out sentences that
    don't name it. "chosen": the named one gets the highest chance of the six.
    """
    unseen = [ATTRIBUTES.index(name) for name in UNSEEN]
    *_, trained = train(head, train_texts, ROUNDS[1.0], seed, unseen)
    texts = Texts(left_out.examples + validation.examples, left_out.states + validation.states)
    rows, chances, classes = [], [], []
    for batch, out, _ in outputs(trained, texts)[0]:
        rows += batch.rows
        chances.append(out.attribute_class.softmax(-1)[:, unseen])
        classes.append(attribute_classes(batch.target)[0][:, unseen])
    chance, wanted = torch.cat(chances).numpy(), torch.cat(classes).numpy()
    said = 1 - chance[..., 0]
    sided = (wanted == 1) | (wanted == 3)
    side = (chance[..., 3] > chance[..., 1]) == (wanted == 3)
    areas = [_area(said[:, k][wanted[:, k] > 0], said[:, k][wanted[:, k] == 0]) for k in range(len(unseen))]
    alone = sided & ((wanted > 0).sum(1, keepdims=True) == 1)
    right = said.argmax(1)[:, None] == np.arange(len(unseen))
    return {
        **{"side": float(side[sided].mean()), "found": float(np.mean(areas)), "chosen": float(right[alone].mean())},
        **{"n": int(sided.sum())},
        **{f"found {name}": area for name, area in zip(UNSEEN, areas, strict=True)},
        **{f"side {name}": float(side[:, k][sided[:, k]].mean()) for k, name in enumerate(UNSEEN)},
    }


def _area(high: np.ndarray, low: np.ndarray) -> float:
    """The share of pairs in which the first is higher (ties count half)."""
    return float(((high[:, None] > low).mean() + (high[:, None] >= low).mean()) / 2)


KINDS = {"today": (False, False), "definition": (True, False), "both": (True, True)}


def compare(folder: Path, kinds: Sequence[str], shares: Sequence[float], seeds: Sequence[int]) -> None:
    """Print one JSON line for each run; those that a file of the folder already has are not run again."""
    texts, held, definitions = load(folder)
    halves = (held[range(0, len(held), 2)], held[range(1, len(held), 2)])
    count = named(texts).sum(0)
    few = (count <= np.quantile(count, _FEW)).astype(np.float32)
    log = folder / "runs.jsonl"
    done = {tuple(json.loads(line)["run"]) for line in log.read_text().splitlines()} if log.is_file() else set()
    unseen = named(texts)[:, [ATTRIBUTES.index(name) for name in UNSEEN]].any(1)
    for seed in seeds:
        for share in shares:
            for kind in kinds:
                if (kind, share, seed) in done or (share == 0 and kind == "today"):
                    continue
                began = time.process_time()
                uses, free = KINDS[kind]
                head = head_of(definitions if uses else None, free, seed)
                if share:
                    some = texts[range(round(len(texts) * share))]
                    found = run(train(head, some, ROUNDS[share], seed), halves, few)
                else:
                    parts = [texts[np.flatnonzero(unseen == left)] for left in (False, True)]
                    found = run_unseen(head, parts[0], parts[1], held, seed)
                line = {"run": [kind, share, seed], "cpu_s": round(time.process_time() - began, 1), **found}
                with log.open("a") as out:
                    out.write(json.dumps(line) + "\n")
                print(json.dumps(line), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make states, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("states", "compare"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=3200, metavar="N", help="to learn from, at most")
    parser.add_argument("--kinds", nargs="+", choices=tuple(KINDS), default=tuple(KINDS), help="of heads")
    shares = (*sorted(ROUNDS, reverse=True), 0.0)
    parser.add_argument(
        "--shares", nargs="+", type=float, default=shares, help="of the sentences; 0: unseen attributes"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=(0, 1, 2))
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.what == "states":
        make_states(options.folder, options.sentences)
    else:
        compare(options.folder, options.kinds, options.shares, options.seeds)


if __name__ == "__main__":
    main()
