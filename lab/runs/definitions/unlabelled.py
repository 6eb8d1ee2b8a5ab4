"""What sentences without labels are worth: consistency between pairs of texts, and labels that a program guesses.

A head that reads (as in compare.py: frozen base, principal components of two layers) learns from a few labelled
sentences. Beside them it gets others whose labels are hidden from it, in one of these ways:

- consistency: a sentence and itself in another guise (slips, fillers, another frame), and two sentences joined whose
  traits are the union of both: what is read of the one must be read of the other;
- weak: the keyword parser's reading is the label, each family of it (traits on a side, denials, sex, years, feeling,
  movements) counted by its precision on the labelled sentences;
- both; or all labels known, as the most that there is to gain.

    python -m lab.runs.definitions.unlabelled states FOLDER      # some ten minutes of a free core
    python -m lab.runs.definitions.unlabelled learn FOLDER  # some three minutes a run; a stopped comparison goes on
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facegpt.language.model.base import base_tokenizer, cached_base
from facegpt.language.model.config import FaceGPTConfig
from facegpt.language.model.face_head import FaceHeadOutput
from facegpt.language.model.processor import CHATML, FaceGPTProcessor
from facegpt_lab.evaluate.protocols.words.keyword_parser import Found, find_keywords
from facegpt_lab.synthesis.texts.corpus import Record, load_corpus
from facegpt_lab.synthesis.texts.slips import roughen
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import Batch, EncodedExample, collate, encode
from facegpt_lab.train.words.features import FrozenStates, write_states
from facegpt_lab.train.words.losses import WEIGHTS, request_losses, total
from facegpt_lab.train.words.training import build, spare_tokens
from lab.runs.definitions.compare import LAYERS, RATE, TOKEN_DROPOUT, Texts, head_of, run, space_of

LABELLED, UNLABELLED, HELD = 1000, 3000, 800
WAYS = ("labels", "consistency", "weak", "both", "all labels")
ROUNDS, TOKENS, PAIRS = 8, 400, 10
#: How much the agreement of pairs counts beside the labels, in full from this share of the run on.
PAIR_WEIGHT, FULL_FROM = 1.0, 0.4
FRAMES = (
    *("casting call. {}", "suspect description: {}", "NPC: {}", "from the notes of the clinic: {}", "(OOC: {})"),
    *("chapter one. {}", "hey so i was thinking, {}", "dear team, {} kind regards", "- {}", "{} ok?"),
)  # fmt: skip


@dataclass(frozen=True)
class Pairs:
    """Unlabelled sentences: as they are, in another guise, and each joined with the one after it."""

    plain: Texts
    guise: Texts
    joined: Texts


def chosen() -> tuple[list[Record], list[Record], list[Record]]:
    """Labelled, unlabelled and held-out sentences of new heads, in an order drawn once."""
    order = np.random.default_rng(1)

    def some(split: str, most: int) -> list[Record]:
        records = [r for r in load_corpus(split) if r.task == "imagine" and not r.category.endswith("hair")]
        return [records[k] for k in order.permutation(len(records))[:most]]

    train = some("train", LABELLED + UNLABELLED)
    return train[:LABELLED], train[LABELLED:], some("validation", HELD)


def texts_of(processor: FaceGPTProcessor) -> dict[str, list[EncodedExample]]:
    """Every text that is read, by part."""
    labelled, unlabelled, held = chosen()
    found = {"labelled": labelled, "plain": unlabelled, "held": held}
    every = {name: [encode(example_from(r), processor) for r in records] for name, records in found.items()}
    guises, joined = [], []
    for record, after in zip(unlabelled, [*unlabelled[1:], unlabelled[0]], strict=True):
        rng = Random(f"guise/{record.id}")
        guises.append(example_from(record, roughen(rng, rng.choice(FRAMES).format(record.text), 1.0), copy=1))
        both = f"{record.text.rstrip('.')}. {after.text}"
        joined.append(replace(example_from(record, both, copy=2), key=f"{record.id}+{after.id}"))
    return {**every, **{n: [encode(e, processor) for e in some] for n, some in (("guise", guises), ("joined", joined))}}


def make_states(folder: Path) -> None:
    """Run the frozen base over all texts."""
    torch.manual_seed(0)
    model, processor = build("")
    model.eval()
    with torch.autocast("cpu", torch.bfloat16):
        for name, examples in texts_of(processor).items():
            write_states(model, examples, folder / name, 0, LAYERS)
            print(name, len(examples), flush=True)


def load(folder: Path) -> dict[str, Texts]:
    """All parts in one space, the principal components of the labelled sentences."""
    tokenizer = base_tokenizer(cached_base())
    processor = FaceGPTProcessor(tokenizer, *spare_tokens(tokenizer), FaceGPTConfig().face_tokens, CHATML)
    raw = {}
    for name, examples in texts_of(processor).items():
        kept = FrozenStates(folder / name)
        raw[name] = Texts(examples, [kept.batch([e.example.key], len(e.ids))[0].flatten(1) for e in examples])
    space = space_of(torch.cat([each[1:] for each in raw["labelled"].states[:700]]))
    return {name: Texts(each.examples, [space(x) for x in each.states]) for name, each in raw.items()}


def guessed_labels(found: Found) -> dict[str, Any]:
    """What the keyword parser found, as labels of the corpus; lengths are left out."""
    named = {name: degree for name, degree in found.attributes.items() if name not in found.conflicts}
    labels: dict[str, Any] = {
        "attributes": named,
        "not": {name: side for name, side in found.excluded.items() if name not in named},
        "sex": found.sex,
        "age_years": list(found.age_years) if found.age_years else None,
        "emotion": found.emotion,
        "expression": {n: w for n, w in found.expression.items() if n not in found.off},
        "expression_off": list(found.off),
    }
    return {name: value for name, value in labels.items() if value}


def families(labels: Mapping[str, Any]) -> dict[str, set[Any]]:
    """What labels say, as statements by family."""
    return {
        "attribute": {(name, value > 0) for name, value in labels.get("attributes", {}).items()},
        "denied": set(labels.get("not", {}).items()),
        "sex": {labels["sex"]} if "sex" in labels else set(),
        "age": {"named"} if "age_years" in labels else set(),
        "emotion": {labels["emotion"]} if "emotion" in labels else set(),
        "expression": set(labels.get("expression", {})) | {("off", n) for n in labels.get("expression_off", ())},
    }


def precisions(records: Sequence[Record]) -> dict[str, float]:
    """How often each family of the parser's statements stands in the labels."""
    counts = {name: [0, 0] for name in families({})}
    for record in records:
        truth = families(record.labels)
        for name, said in families(guessed_labels(find_keywords(record.text))).items():
            counts[name][0] += len(said & truth[name])
            counts[name][1] += len(said)
    return {name: right / max(said, 1) for name, (right, said) in counts.items()}


def weakly(texts: Texts, records: Sequence[Record], weights: Mapping[str, float]) -> Texts:
    """The same texts with guessed labels, each family scored by its precision."""
    examples = []
    for each, record in zip(texts.examples, records, strict=True):
        target = replace(record, labels=guessed_labels(find_keywords(record.text))).target()
        named = np.where(target.attribute_mask > 0, weights["attribute"], 1.0)
        named = np.where(target.attribute_excluded != 0, weights["denied"], named)
        moved = target.expression_gate.any() or target.emotion == 0
        target = replace(
            target,
            attribute_scored=(target.attribute_scored * named).astype(np.float32),
            sex_scored=weights["sex"] if target.sex else target.sex_scored,
            age_scored=weights["age"] if target.age_mask else target.age_scored,
            emotion_scored=weights["emotion"] if target.emotion else 0.0,  # no word of feeling says nothing
            expression_scored=weights["expression"] if moved else target.expression_scored,
        )
        examples.append(replace(each, example=replace(each.example, target=target)))
    return Texts(examples, texts.states)


def read(head: nn.Module, texts: Texts, rows: Sequence[int], drop: bool = True) -> tuple[Batch, FaceHeadOutput]:
    """Run the head over some texts, some tokens hidden."""
    batch = collate([texts.examples[k] for k in rows], list(rows), 0)
    states = nn.utils.rnn.pad_sequence([texts.states[k] for k in rows], batch_first=True)[:, :, None]
    seen = (torch.rand(batch.mask.shape) >= (TOKEN_DROPOUT if drop else 0.0)).to(batch.mask.dtype)
    seen[torch.arange(len(seen)), batch.face_at] = 1
    return batch, head(states, batch.mask * seen, batch.face_at, batch.is_edit, batch.numbers)


def said(out: FaceHeadOutput) -> dict[str, Tensor]:
    """The chances that a reading is made of, without a gradient."""
    return {
        "attribute": out.attribute_class.detach().softmax(-1),
        "gate": out.gate.detach().sigmoid(),
        "sex": out.sex.detach().softmax(-1),
        "emotion": out.emotion.detach().softmax(-1),
        "age": out.age[:, 0].detach().sigmoid(),
    }


def union(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What two texts about one face say together: of each quantity what the one says that leaves it less open."""

    def less_open(name: str, at: int) -> Tensor:
        a, b = first[name], second[name]
        return torch.where(a[..., at : at + 1] <= b[..., at : at + 1], a, b)

    largest = {name: torch.maximum(first[name], second[name]) for name in ("gate", "age")}
    return {
        "attribute": less_open("attribute", 0),
        "sex": less_open("sex", 1),
        "emotion": less_open("emotion", 0),
    } | largest


def disagreement(out: FaceHeadOutput, wanted: Mapping[str, Tensor]) -> Tensor:
    """Cross-entropy of a reading with what it should be, less the entropy of that: nats a text."""

    def apart(logits: Tensor, chances: Tensor) -> Tensor:
        return (chances * (chances.clamp_min(1e-6).log() - logits.log_softmax(-1))).sum(-1)

    def apart_two(logits: Tensor, chances: Tensor) -> Tensor:
        kept = functional.binary_cross_entropy_with_logits(logits, chances, reduction="none")
        return kept - functional.binary_cross_entropy(chances, chances, reduction="none")

    losses = {
        "attribute": apart(out.attribute_class, wanted["attribute"]).sum(1),
        "gate": apart_two(out.gate, wanted["gate"]).sum(1),
        "sex": apart(out.sex, wanted["sex"]),
        "emotion": apart(out.emotion, wanted["emotion"]),
        "age": apart_two(out.age[:, 0], wanted["age"]),
    }
    return torch.stack([WEIGHTS[name] * value.mean() for name, value in losses.items()]).sum()


def pair_loss(head: nn.Module, pairs: Pairs, rng: Random) -> Tensor:
    """Disagreement of sentences with their guises, and of joined ones with both parts."""
    count = len(pairs.plain)
    rows = [rng.randrange(count) for _ in range(PAIRS)]
    after = [(k + 1) % count for k in rows]
    head.eval()
    with torch.no_grad():
        first, second = (said(read(head, pairs.plain, some, False)[1]) for some in (rows, after))
    head.train()
    guise = disagreement(read(head, pairs.guise, rows)[1], first)
    return guise + disagreement(read(head, pairs.joined, rows)[1], union(first, second))


def learn(head: nn.Module, texts: Texts, also: Texts | None, pairs: Pairs | None, seed: int) -> Iterator[nn.Module]:
    """Train on labelled texts, on others (`also`) in every second step, and on pairs; yields the head three times."""
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    batches = [rows for k in range(ROUNDS) for rows in texts.rows(TOKENS, seed * 1000 + k)]
    others = [rows for k in range(ROUNDS) for rows in also.rows(TOKENS, seed * 1000 + k)] if also else []
    steps, rng = len(batches), Random(seed)
    for step, rows in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min((step + 1) / 50, 1.0) * (0.05 + 0.475 * (1 + np.cos(np.pi * step / steps)))
        batch, out = read(head.train(), texts, rows)
        loss = total(request_losses(out, batch.target))
        if also:
            batch, out = read(head, also, others[step])
            loss = loss + total(request_losses(out, batch.target))
        if pairs:
            loss = loss + PAIR_WEIGHT * min(step / (FULL_FROM * steps), 1.0) * pair_loss(head, pairs, rng)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        if (step + 1) * 3 // steps > step * 3 // steps:
            yield head.eval()


def compare(folder: Path, ways: Sequence[str], seeds: Sequence[int]) -> None:
    """Print one JSON line for each run; those that a file of the folder already has are not run again."""
    parts, (labelled, unlabelled, _) = load(folder), chosen()
    weights = precisions(labelled)
    print("precision of the parser on the labelled:", {n: round(p, 2) for n, p in weights.items()}, flush=True)
    weak = weakly(parts["plain"], unlabelled, weights)
    pairs = Pairs(parts["plain"], parts["guise"], parts["joined"])
    halves = (parts["held"][range(0, HELD, 2)], parts["held"][range(1, HELD, 2)])
    also = {"weak": weak, "both": weak, "all labels": parts["plain"]}
    log = folder / "runs.jsonl"
    done = {tuple(json.loads(line)["run"]) for line in log.read_text().splitlines()} if log.is_file() else set()
    for seed in seeds:
        for way in ways:
            if (way, seed) in done:
                continue
            head = head_of(None, False, seed)
            consistent = pairs if way in ("consistency", "both") else None
            found = run(learn(head, parts["labelled"], also.get(way), consistent, seed), halves)
            with log.open("a") as out:
                out.write(json.dumps({"run": [way, seed], **found}) + "\n")
            print(json.dumps({"run": [way, seed], **found}), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make states, or learn and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("states", "learn"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--seeds", nargs="+", type=int, default=(0, 1, 2))
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.what == "states":
        make_states(options.folder)
    else:
        compare(options.folder, options.ways, options.seeds)


if __name__ == "__main__":
    main()
