"""Make assets/networks/feelings_adapter.safetensors: which emotion words name, by adapters in all layers of the base.

Learns from every training sentence that names an emotion or tells of what calls for one, from a part of the others
and from drawn ones (the word lists of corpus/lexicon). Its log-probabilities join those of the face head.

    python -m lab.runs.language.readers.feelings_reader FOLDER --compile        # learn, score
    python -m lab.runs.language.readers.feelings_reader FOLDER --score          # held-out sentences, the shipped one
    python -m lab.runs.language.readers.feelings_reader FOLDER --write          # the checkpoint into assets/
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from facegpt.assets import FOLDER, asset_path, register
from facegpt.language.accepted_emotions import likeliest_emotion
from facegpt.language.earlier import Earlier
from facegpt.language.loading import ADAPTER, load_language_model
from facegpt.language.model.base import SMOLLM2
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.feelings_reader import (
    FEELINGS_ADAPTER,
    RANK,
    FeelingsReader,
    load_feelings_reader,
    save_feelings_reader,
    tokens_of,
)
from facegpt.language.model.part_files import read_parts
from facegpt.language.reading.feelings import OF_THE_READER
from facegpt_lab.synthesis.text_targets import Target
from facegpt_lab.synthesis.texts.corpus import Record, load_corpus
from facegpt_lab.synthesis.texts.dialogues import sample_at
from facegpt_lab.train.words.stages import attention_on
from lab.runs.language.states_network import quicker_precision
from lab.runs.language.together.low_rank import begin_as, of_rank

#: Rank while it learns; the shipped one keeps the RANK largest directions of each adapter.
LEARNT_RANK, TOKENS, RATE, OUT_RATE, DECAY, WARM = 32, 1600, 5e-4, 1e-3, 0.01, 40
CHECKPOINT, SAVE_EVERY = "feelings.safetensors", 150
#: How many sentences without a feeling are learnt from, how many drawn ones, and how much one of each counts.
SILENT, DRAWN, OF_SILENT, OF_DRAWN = 5000, 4500, 2.0, 0.5
#: Held-out sentences without a feeling. Share of a label that goes to all emotions accepted beside the named one.
SILENT_HELD, ALSO = 700, 0.3
_MIX = {"emotion": 0.6, "edit_expression": 0.12, "joined": 0.12, "looks": 0.08, "movement": 0.05, "edit": 0.03}
_DRAWN_SEED = 77


@dataclass(frozen=True)
class Feeling:
    """A text, its labels, and how much it counts."""

    text: str
    target: Target
    category: str
    weight: float = 1.0
    earlier: tuple[Earlier, ...] = ()

    def share(self) -> np.ndarray:
        """(N,) how right each of EMOTIONS is."""
        accepted = self.target.emotion_accepted
        share = ALSO * accepted / accepted.sum()
        share[self.target.emotion] += 1 - ALSO
        return np.asarray(share, np.float32)


def learnt_from() -> list[Feeling]:
    """All that is learnt from, one of each text."""
    named, silent = _sentences("train")
    texts = [*named, *(_weighed(each, OF_SILENT) for each in Random(3).sample(silent, min(SILENT, len(silent))))]
    drawn = (sample_at(k, _DRAWN_SEED, _MIX) for k in range(DRAWN))
    texts += [Feeling(s.text, s.target, "drawn", OF_DRAWN) for s in drawn if s.target.known and s.target.emotion_scored]
    return list({each.text: each for each in reversed(texts)}.values())


def held_out() -> list[Feeling]:
    """The held-out sentences with a feeling, and a part of those without."""
    named, silent = _sentences("validation")
    return [*named, *Random(4).sample(silent, min(SILENT_HELD, len(silent)))]


def _sentences(split: str) -> tuple[list[Feeling], list[Feeling]]:
    """Those with a feeling, and those without."""
    found: tuple[list[Feeling], list[Feeling]] = ([], [])
    for record in load_corpus(split):
        target = record.target()
        if _is_read(record, target):
            found[target.emotion == 0].append(Feeling(record.text, target, record.category))
    return found


def _is_read(record: Record, target: Target) -> bool:
    return record.task in ("imagine", "edit") and bool(target.known and target.emotion_scored)


def _weighed(each: Feeling, weight: float) -> Feeling:
    return Feeling(each.text, each.target, each.category, weight)


def of_the_head(texts: Sequence[Feeling]) -> np.ndarray:
    """(D, N) log-probabilities of the face head alone."""
    language, found = load_language_model(), []
    for each in texts:
        encoded = language.processor(each.text)
        with torch.inference_mode():
            passed = language._pass(encoded, [], [], bool(each.target.is_edit))[1]
        found.append(passed.request.emotion[0].float().log_softmax(0).numpy())
    return np.stack(found)


def score(name: str, odds: np.ndarray, texts: Sequence[Feeling], said_from: float) -> None:
    """Print the shares of feelings that are named, or accepted, and of silent texts that stay so."""
    probability = np.exp(odds)
    probability /= probability.sum(1, keepdims=True)
    read = [likeliest_emotion(each) if 1 - each[0] >= said_from else 0 for each in probability]
    pairs = [(got, each) for got, each in zip(read, texts, strict=True) if each.target.emotion]

    def share(right: Callable[[int, Feeling], bool], category: str = "") -> float:
        return float(np.mean([right(got, each) for got, each in pairs if category in ("", each.category)]))

    accepted = [f"{c} {share(_accepted, c):.3f}" for c in ("basic_expression", "compound_expression", "situation")]
    quiet = np.mean([got == 0 for got, each in zip(read, texts, strict=True) if not each.target.emotion])
    named = share(lambda got, each: got == each.target.emotion)
    print(f"{name}: named {named:.3f}, accepted {share(_accepted):.3f} ({', '.join(accepted)}), silent {quiet:.3f}")


def _accepted(got: int, each: Feeling) -> bool:
    return bool(each.target.emotion_accepted[got])


def learn(
    reader: FeelingsReader,
    tokens: Sequence[list[int]],
    texts: Sequence[Feeling],
    minutes: float,
    folder: Path,
    seed: int = 0,
    most: int = TOKENS,
    on_round: Callable[[], None] | None = None,
) -> None:
    """Train for some minutes, by cross-entropy with the shares; kept in the folder now and then.

    Args:
        reader: what learns, where it is.
        tokens: of the texts.
        texts: what is learnt from.
        minutes: how long.
        folder: for checkpoints.
        seed: of the order.
        most: tokens of a step.
        on_round: called after each round.
    """
    rng, lengths = np.random.default_rng(seed), np.array([len(each) for each in tokens])
    here = reader.out.weight.device
    shares = torch.from_numpy(np.stack([each.share() for each in texts])).to(here)
    weight = torch.tensor([each.weight for each in texts], device=here)
    groups = [{"params": reader.adapters.parameters(), "of": RATE}, {"params": reader.out.parameters(), "of": OUT_RATE}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98), weight_decay=DECAY)
    precision = quicker_precision() if here.type == "cpu" else torch.bfloat16
    started, step = time.monotonic(), 0
    while True:
        for rows in batches(lengths, rng, most):
            done = (time.monotonic() - started) / (60 * minutes)
            if done >= 1:
                return
            for group in optimizer.param_groups:
                group["lr"] = group["of"] * min(1, (step + 1) / WARM) * (0.02 + 0.49 * (1 + math.cos(math.pi * done)))
            with torch.autocast(here.type, precision, enabled=precision != torch.float32), attention_on(here.type):
                said = reader(*(each.to(here) for each in padded([tokens[k] for k in rows])))
            loss = -(weight[rows] * (shares[rows] * said.float()).sum(1)).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % 25 == 0:
                print(f"step {step}, {done:.2f}: {float(loss):.3f}", flush=True)
            if step % SAVE_EVERY == 0:
                save(reader, folder)
        if on_round:
            on_round()


def save(reader: FeelingsReader, folder: Path) -> None:
    """Keep what is learnt; the file appears only whole."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.cpu().contiguous() for name, value in reader.state_dict().items()}, folder / "part")
    (folder / "part").replace(folder / CHECKPOINT)


def batches(lengths: np.ndarray, rng: np.random.Generator, most: int = TOKENS) -> Iterator[list[int]]:
    """One round: texts of like length together, of so many tokens at most, in any order."""
    order, found, current = np.argsort(lengths + rng.uniform(0, 6, len(lengths))), [], list[int]()
    for k in order:
        if current and lengths[k] * (len(current) + 1) > most:
            found.append(current)
            current = []
        current.append(int(k))
    found.append(current)
    for k in rng.permutation(len(found)):
        yield found[k]


def padded(tokens: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids (B, T) and their counts (B,)."""
    ids = nn.utils.rnn.pad_sequence([torch.tensor(each) for each in tokens], batch_first=True)
    return ids, torch.tensor([len(each) for each in tokens])


@torch.inference_mode()
def of_the_reader(reader: FeelingsReader, tokens: Sequence[list[int]]) -> np.ndarray:
    """(D, E) its log-probabilities, 48 texts of like length at a time."""
    order = np.argsort([len(each) for each in tokens])
    parts = [order[at : at + 48] for at in range(0, len(order), 48)]
    here = reader.out.weight.device
    given = ((each.to(here) for each in padded([tokens[k] for k in part])) for part in parts)
    said = np.concatenate([reader(*some).float().cpu().numpy() for some in given])
    return np.asarray(said[np.argsort(order)])


def main() -> None:
    """Learn, score or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--seed", type=int, default=0, help="of the order of the texts")
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a step")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true", help="compile the layers: needs a C++ compiler")
    parser.add_argument("--score", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--half", action="store_true", help="write the mean of what is learnt and the shipped one")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    language = load_language_model(asset_path(ADAPTER))
    model, tokenizer = language.model, language.processor.tokenizer
    if options.write:
        learnt = load_file(options.folder / CHECKPOINT)
        write(FeelingsReader(model), half_way(learnt) if options.half else learnt)
        return
    if options.score:
        reader = load_feelings_reader(model, asset_path(FEELINGS_ADAPTER))
    else:
        reader = begun(model)
        model.to(options.device)
        reader.to(options.device)
        model.base.to(quicker_precision() if options.device == "cpu" else torch.bfloat16)
        layers = model.base.model.layers
        for k, layer in enumerate(layers if options.compile else ()):
            layers[k] = torch.compile(layer, dynamic=True)
        texts = learnt_from()
        tokens = [tokens_of(tokenizer, each.text) for each in texts]
        learn(reader.train(), tokens, texts, options.minutes, options.folder, options.seed, options.tokens)
        save(reader, options.folder)
        reader.cpu()
        model.float().cpu()
    held = held_out()
    own = of_the_reader(reader.eval(), [tokens_of(tokenizer, each.text) for each in held])
    head, said_from = of_the_head(held), language.thresholds["emotion"]
    for share in (0.0, 0.5, OF_THE_READER, 0.7, 1.0):
        score(f"share of the reader {share}", (1 - share) * head + share * own, held, said_from)


def begun(model: FaceGPTForConditionalGeneration) -> FeelingsReader:
    """The shipped reader, with more directions to learn in."""
    reader, shipped = (
        FeelingsReader(model, LEARNT_RANK),
        read_parts(asset_path(FEELINGS_ADAPTER), "adapter of feelings"),
    )
    begin_as(reader.adapters, shipped)
    reader.out.load_state_dict({name: shipped[f"out.{name}"].float() for name in ("weight", "bias")})
    return reader


def half_way(learnt: dict[str, Tensor]) -> dict[str, Tensor]:
    """The mean of the shipped reader and of what was learnt from it: of the products of adapters, and of the layer."""
    both = (read_parts(asset_path(FEELINGS_ADAPTER), "adapter of feelings"), learnt)
    found = {}
    for name in learnt:
        each = [part[name].float() for part in both]
        if name.startswith("out."):
            found[name] = (each[0] + each[1]) / 2
        else:
            up = name.endswith(".up")
            found[name] = torch.cat([0.5 * one for one in each] if up else each, 1 if up else 0)
    return found


def write(reader: FeelingsReader, learnt: dict[str, Tensor]) -> None:
    """Write what was learnt, with RANK directions of each adapter."""
    adapters = {key.removeprefix("adapters."): v for key, v in learnt.items() if key.startswith("adapters.")}
    reader.adapters.load_state_dict(of_rank(adapters, RANK))
    reader.out.load_state_dict({key.removeprefix("out."): v for key, v in learnt.items() if key.startswith("out.")})
    save_feelings_reader(reader, FOLDER / FEELINGS_ADAPTER, SMOLLM2.sha256)
    print(FEELINGS_ADAPTER, register(FEELINGS_ADAPTER))


if __name__ == "__main__":
    main()
