"""Make the reply adapter: how replies are worded, by cross-entropy on written ones with the base frozen.

Learns from FOLDER/texts.json (`lab.runs.language.replies.texts`), which it makes where it is not there. Each round is
another order of every reply's items. The round with the least held-out loss is kept, of the learnt parameters or of
their mean over the last half.

    python -m lab.runs.language.replies.train FOLDER --device cuda --rounds 20
    python -m lab.runs.language.replies.train FOLDER --write        # into assets/
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from facegpt.language.model.base import base_tokenizer, cached_base, quiet_transformers
from facegpt.language.model.lora import Adapters
from facegpt.language.model.reply_tokens import prompt_tokens, reply_tokens, text_of
from facegpt.language.model.reply_writer import RANK, SCALE, likeliest
from lab.runs.language.together.low_rank import begin_as, of_rank

RATE, DECAY, WARM, CLIP = 1e-3, 0.01, 20, 1.0
TOKENS, AVERAGE_FROM, AVERAGE_RATE, SHOWN = 4000, 0.5, 0.02, 40
TEXTS, ADAPTER = "texts.json", "reply_adapter.safetensors"
#: Acts whose replies are said in conversations; the others teach how it is talked.
SAID = ("question", "compare", "edit", "take", "new_head", "vary", "blend", "undo", "redo", "back")


@dataclass(frozen=True)
class Pair:
    """What is read and what is written, as tokens. act: of the turn."""

    read: list[int]
    written: list[int]
    act: str

    def __len__(self) -> int:
        return len(self.read) + len(self.written)


def pairs_of(tokenizer: Any, texts: Sequence[tuple[str, str]]) -> list[Pair]:
    """Texts as tokens."""
    return [
        Pair(
            prompt_tokens(tokenizer, prompt), reply_tokens(tokenizer, reply), prompt.rpartition("\n[")[2].split("]")[0]
        )
        for prompt, reply in texts
    ]


def batches(pairs: Sequence[Pair], tokens: int, rng: np.random.Generator) -> Iterator[list[Pair]]:
    """One round: texts of like length together, of so many tokens at most, in any order."""
    order = np.argsort([len(pair) + rng.uniform(0, 12) for pair in pairs])
    found: list[list[Pair]] = [[]]
    for k in order:
        if found[-1] and max(map(len, [*found[-1], pairs[k]])) * (len(found[-1]) + 1) > tokens:
            found.append([])
        found[-1].append(pairs[k])
    for k in rng.permutation(len(found)):
        yield found[k]


def padded(batch: Sequence[Pair], device: str) -> tuple[Tensor, Tensor]:
    """Ids (B, T), padded behind, and labels: -100 but for what is written."""
    ids = [torch.tensor([*pair.read, *pair.written]) for pair in batch]
    labels = [torch.tensor([-100] * len(pair.read) + pair.written) for pair in batch]
    both = (nn.utils.rnn.pad_sequence(ids, True), nn.utils.rnn.pad_sequence(labels, True, -100))
    return both[0].to(device), both[1].to(device)


def surprise(base: Any, batch: Sequence[Pair], device: str) -> tuple[Tensor, Tensor]:
    """The surprise at each token that is written (N,), nats, and the row of each."""
    ids, labels = padded(batch, device)
    math_alone = sdpa_kernel(SDPBackend.MATH) if device == "cpu" else nullcontext()
    with torch.autocast(device.split(":")[0], torch.bfloat16, enabled=base.dtype != torch.float32), math_alone:
        states = base.model(input_ids=ids).last_hidden_state[:, :-1]
        wanted = labels[:, 1:] >= 0
        logits = base.lm_head(states[wanted])
    return nn.functional.cross_entropy(logits.float(), labels[:, 1:][wanted], reduction="none"), wanted.nonzero()[:, 0]


@torch.no_grad()
def held_out_loss(base: Any, pairs: Sequence[Pair], device: str) -> dict[str, float]:
    """Nats a token of held-out replies: of all, and of those that are SAID."""
    total = {"all": [0.0, 0], "said": [0.0, 0]}
    for at in range(0, len(pairs), 32):
        batch = pairs[at : at + 32]
        losses, rows = surprise(base, batch, device)
        said = torch.tensor([pair.act in SAID for pair in batch], device=device)[rows]
        for name, chosen in (("all", torch.ones_like(said)), ("said", said)):
            total[name][0] += float(losses[chosen].sum())
            total[name][1] += int(chosen.sum())
    return {name: loss / max(count, 1) for name, (loss, count) in total.items()}


def learn(
    base: Any, adapters: Adapters, rounds: Sequence[Sequence[Pair]], held: Sequence[Pair], folder: Path, options: Any
) -> None:
    """Train for some rounds; the best one is kept in the folder."""
    rng = np.random.default_rng(options.seed)
    learnt = dict(adapters.named_parameters())
    optimizer = torch.optim.AdamW(adapters.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=DECAY)
    average: dict[str, Tensor] = {}
    each = [list(batches(rounds[k % len(rounds)], options.tokens, rng)) for k in range(options.rounds)]
    each = [of_round[: options.steps or None] for of_round in each]
    steps = sum(map(len, each))
    step, started, best = 0, time.monotonic(), math.inf
    for k, of_round in enumerate(each):
        losses = []
        for batch in of_round:
            rate = options.rate * min(1, (step + 1) / WARM) * (0.02 + 0.49 * (1 + math.cos(math.pi * step / steps)))
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = surprise(base, batch, options.device)[0].mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(adapters.parameters(), CLIP)
            optimizer.step()
            step += 1
            losses.append(float(loss.detach()))
            if step >= AVERAGE_FROM * steps:
                keep_average(average, learnt)
        own = held_out_loss(base, held, options.device)
        kept = {name: value.detach().clone() for name, value in learnt.items()}
        told = f"round {k + 1}, {time.monotonic() - started:.0f} s: learnt {np.mean(losses):.4f}, held out {own}"
        if average:
            put(learnt, average)
            mean = held_out_loss(base, held, options.device)
            put(learnt, kept)
            told += f", mean {mean}"
            own, kept = (mean, average) if mean["said"] < own["said"] else (own, kept)
        if own["said"] < best:
            best = own["said"]
            save(kept, folder / ADAPTER)
            told += ", kept"
        print(told, flush=True)


def keep_average(average: dict[str, Tensor], learnt: dict[str, Tensor]) -> None:
    """Let the mean go a little towards what is learnt."""
    with torch.no_grad():
        for name, value in learnt.items():
            average.setdefault(name, value.detach().clone()).lerp_(value.detach(), AVERAGE_RATE)


def put(learnt: dict[str, Tensor], values: dict[str, Tensor]) -> None:
    """Put values into parameters."""
    with torch.no_grad():
        for name, value in learnt.items():
            value.copy_(values[name])


def save(values: dict[str, Tensor], path: Path) -> None:
    """Write adapters in float32; the file appears only whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    save_file({f"adapters.{name}": value.float().cpu().contiguous() for name, value in values.items()}, part)
    part.replace(path)


def show(base: Any, tokenizer: Any, folder: Path, texts: Sequence[tuple[str, str]], count: int) -> None:
    """Print some held-out replies as written and as learnt; all of them go to FOLDER/written.json."""
    chosen = [pair for pair in texts if pair[0].rpartition("\n[")[2].split("]")[0] in SAID][:count]
    found = []
    for prompt, reply in chosen:
        found.append((prompt, reply, text_of(tokenizer, likeliest(base, tokenizer, prompt))))
        if len(found) <= SHOWN:
            print(f"---\n{prompt}\n  written: {reply}\n  learnt:  {found[-1][2]}", flush=True)
    (folder / "written.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")


def main() -> None:
    """Learn, and show what was learnt."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--rank", type=int, default=RANK)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a batch, with its padding")
    parser.add_argument("--steps", type=int, default=0, help="of a round at most, to try it; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--on", type=Path, help="folder of a run to go on from")
    parser.add_argument("--held", type=int, default=300, help="so many held-out replies are scored each round")
    parser.add_argument("--show", type=int, default=200, help="so many held-out replies are written at the end")
    parser.add_argument("--texts", type=Path, help="the folder of texts.json, where it is another one")
    parser.add_argument("--write", action="store_true", help="write what the folder has learnt into assets/")
    options = parser.parse_args()
    if options.write:
        write(options.folder / ADAPTER)
        return
    torch.manual_seed(options.seed)
    texts = options.texts or options.folder
    options.folder.mkdir(parents=True, exist_ok=True)
    if not (texts / TEXTS).is_file():
        from lab.runs.language.replies.texts import write_texts  # needs more than torch

        write_texts(texts)
    base, tokenizer = loaded()
    whole = json.loads((texts / TEXTS).read_text("utf-8"))
    rounds = [pairs_of(tokenizer, each) for each in whole["rounds"]]
    held = pairs_of(tokenizer, Random(0).sample(whole["held_out"], min(options.held, len(whole["held_out"]))))
    adapters = Adapters(base, options.rank, SCALE * options.rank).to(options.device)
    if options.on:
        begin_as(adapters, load_file(options.on / ADAPTER))
    base.to(options.device, precision_on(options.device))
    print(
        f"{len(rounds[0])} replies, {sum(map(len, rounds[0]))} tokens a round, {len(held)} held out; "
        f"{sum(p.numel() for p in adapters.parameters())} parameters",
        flush=True,
    )
    learn(base, adapters, rounds, held, options.folder, options)
    best = load_file(options.folder / ADAPTER, device=options.device)
    put(dict(adapters.named_parameters()), {name.removeprefix("adapters."): value for name, value in best.items()})
    base.float()  # what is kept is read as a program reads it
    show(base, tokenizer, options.folder, whole["held_out"], options.show)


def write(path: Path) -> None:
    """Write learnt adapters into assets/, with RANK directions of each."""
    from facegpt.assets import FOLDER, asset_path, register
    from facegpt.language.loading import ADAPTER as OF_FACES
    from facegpt.language.loading import load_language_model
    from facegpt.language.model.base import SMOLLM2
    from facegpt.language.model.reply_writer import REPLY_ADAPTER, ReplyWriter, save_reply_writer

    writer = ReplyWriter(load_language_model(asset_path(OF_FACES)).model)
    learnt = {name.removeprefix("adapters."): value.float() for name, value in load_file(path).items()}
    writer.adapters.load_state_dict(of_rank(learnt, RANK))
    save_reply_writer(writer, FOLDER / REPLY_ADAPTER, SMOLLM2.sha256)
    print(REPLY_ADAPTER, register(REPLY_ADAPTER))


def precision_on(device: str) -> torch.dtype:
    """The base's: bfloat16 on a GPU, and on a processor that is quicker with it."""
    if device.startswith("cuda"):
        return torch.bfloat16
    from lab.runs.language.states_network import quicker_precision

    return quicker_precision()


def loaded() -> tuple[Any, Any]:
    """The base, frozen, and its tokenizer."""
    from transformers import AutoModelForCausalLM

    folder = cached_base()
    with quiet_transformers():
        base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return base.eval().requires_grad_(False), base_tokenizer(folder)


if __name__ == "__main__":
    main()
