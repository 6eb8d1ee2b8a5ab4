"""Make assets/turn_adapter.safetensors and the small networks on its states: what a turn means, all learnt together.

Adapters of their own, beside those that read faces, are learnt with the networks that say what a turn does, whom it
means, what it asks, what it changes, what it feels and what its numbers are about: every text runs once, and every
network that has something to learn of it takes its states. They start as the shipped ones are.

    python -m runs.language.together.train FOLDER --minutes 60            # from the adapters that read faces
    python -m runs.language.together.train FOLDER --minutes 30 --on       # on from where the folder is, with newer data
    python -m runs.language.together.train FOLDER --score                 # what is held out
    python -m runs.language.together.train FOLDER --write                 # into assets/
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from facegpt.assets import FOLDER, asset_path, register
from facegpt.language.earlier import Earlier
from facegpt.language.loading import ADAPTER, load_language_model
from facegpt.language.model.layers import states_from
from facegpt.language.model.lora import Adapters
from facegpt.language.model.turn_adapter import RANK, SCALE, TURN_ADAPTER, TURN_LAYERS, TurnReader, save_turn_reader
from facegpt.synthesis.texts.conversations import scored_turns, talks_of
from facegpt.synthesis.texts.corpus import corpus_folder
from runs.language.changes import item_network
from runs.language.states_network import _tokens, key_of, quicker_precision
from runs.language.together.low_rank import begin_as, of_rank
from runs.language.together.tasks import Task, all_tasks

TOKENS, RATE, HEAD_RATE, DECAY, WARM, CLIP = 2000, 3e-4, 6e-4, 0.01, 60, 1.0
AVERAGE_FROM, AVERAGE_RATE, SAVE_S = 0.5, 0.005, 300
#: Rank of the adapters while they learn; the shipped ones keep the RANK largest directions of each.
LEARNT_RANK = 64


class Text:
    """A text after the turns before it, by its key."""

    def __init__(self, key: str) -> None:
        self.text, *earlier = json.loads(key)
        self.earlier = tuple(Earlier(*each) for each in earlier)


class Together(nn.Module):
    """Adapters and networks that learn together; the base stays as it is."""

    def __init__(self, language: Any, tasks: Sequence[Task]) -> None:
        super().__init__()
        model = language.model
        model.requires_grad_(False)
        model.adapters.acting = False
        self.adapters = Adapters(model.base, LEARNT_RANK, SCALE * LEARNT_RANK)
        begin_as(self.adapters, load_file(asset_path(TURN_ADAPTER)))
        self.nets = nn.ModuleDict({task.name: task.net for task in tasks})
        self.precision = quicker_precision()
        self._model = [model]
        model.base.to(self.precision)

    def compiled(self) -> Together:
        """The same with compiled layers: a minute before the first step, then half the time for each."""
        layers = self._model[0].base.model.layers
        for k, layer in enumerate(layers):
            layers[k] = torch.compile(layer, dynamic=True)
        return self

    def states(self, ids: Tensor) -> Tensor:
        """(B, T, layers, D) of TURN_LAYERS."""
        model = self._model[0]
        with torch.autocast("cpu", self.precision, enabled=self.precision != torch.float32):
            found = states_from(model, model.get_input_embeddings()(ids), 0)
        return torch.stack([found[layer].float() for layer in TURN_LAYERS], 2)


def batches(lengths: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """One round: texts of like length together, of TOKENS tokens at most."""
    order = np.argsort(lengths + rng.uniform(0, 10, len(lengths)))
    found, current = [], []
    for k in order:
        if current and max(lengths[k], lengths[current].max()) * (len(current) + 1) > TOKENS:
            found.append(np.array(current))
            current = []
        current.append(k)
    found.append(np.array(current))
    for k in rng.permutation(len(found)):
        yield found[k]


def of_batch(tokens: Sequence[tuple[list[int], int]]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids (B, T), the places of the last turn's tokens (B, S), and their mask (B, S)."""
    ids = nn.utils.rnn.pad_sequence([torch.tensor(each) for each, _ in tokens], batch_first=True)
    places = [torch.arange(since, len(each)) for each, since in tokens]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(each), dtype=torch.bool) for each in places], True)
    return ids, nn.utils.rnn.pad_sequence(places, True), mask


def last_turn(states: Tensor, places: Tensor, mask: Tensor) -> Tensor:
    """(B, S, layers, D) the states of the last turn's tokens, 0 behind them."""
    return states[torch.arange(len(states))[:, None], places] * mask[:, :, None, None]


def chosen_keys(tasks: Sequence[Task], files: Sequence[str], share: float, rng: np.random.Generator) -> list[str]:
    """The texts of these files of conversations, and a share of all others."""
    new = set()
    for file in files:
        for talk in talks_of(corpus_folder() / "conversations" / "development" / f"{file}.jsonl"):
            new |= {key_of(turn) for turn in scored_turns(talk)}
    every = sorted({key for task in tasks for key in task.rows})
    return [key for key in every if key in new or rng.random() < share]


def learn(
    whole: Together,
    tasks: Sequence[Task],
    language: Any,
    folder: Path,
    minutes: float,
    seed: int,
    files: Sequence[str],
    share: float,
) -> None:
    """Train for some minutes, at most one round over the texts."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    keys = chosen_keys(tasks, files, share, rng)
    tokens = [_tokens(language, Text(key)) for key in keys]
    lengths = np.array([len(ids) for ids, _ in tokens])
    print(
        f"{len(keys)} texts, {lengths.sum()} tokens; { ({t.name: sum(map(len, t.rows.values())) for t in tasks}) }",
        flush=True,
    )
    groups = [
        {"params": list(whole.adapters.parameters()), "weight_decay": 0.0, "factor": RATE},
        {"params": list(whole.nets.parameters()), "weight_decay": DECAY, "factor": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))
    learnt = dict(whole.named_parameters())
    average: dict[str, Tensor] = {}
    started, saved, step, seen = time.monotonic(), time.monotonic(), 0, 0
    log: dict[str, list[float]] = {}
    whole.train()
    for rows in batches(lengths, rng):
        done = max(seen / lengths.sum(), (time.monotonic() - started) / (60 * minutes))
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = (
                group["factor"] * min(1, (step + 1) / WARM) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))
            )
        ids, places, mask = of_batch([tokens[k] for k in rows])
        with sdpa_kernel(SDPBackend.MATH):
            states = last_turn(whole.states(ids), places, mask)
            total = torch.zeros(())
            for task in tasks:
                of_task = [(at, row) for at, k in enumerate(rows) for row in task.rows.get(keys[k], ())]
                if of_task:
                    chosen = torch.tensor([at for at, _ in of_task])
                    longest = int(mask[chosen].sum(1).max())
                    losses = task.loss(states[chosen, :longest], mask[chosen, :longest], [row for _, row in of_task])
                    total = total + task.share * losses.sum() / len(rows)
                    log.setdefault(task.name, []).append(float(losses.detach().mean()))
            optimizer.zero_grad(set_to_none=True)
            total.backward()
        nn.utils.clip_grad_norm_(whole.parameters(), CLIP)
        optimizer.step()
        step, seen = step + 1, seen + int(lengths[rows].sum())
        if done >= AVERAGE_FROM:
            with torch.no_grad():
                for name, parameter in learnt.items():
                    average.setdefault(name, parameter.detach().clone()).lerp_(parameter.detach(), AVERAGE_RATE)
        if step % 50 == 0:
            told = ", ".join(f"{name} {np.mean(each):.3f}" for name, each in log.items())
            print(f"step {step}, {done:.3f}, {seen / (time.monotonic() - started):.0f} tokens/s: {told}", flush=True)
            log = {}
        if time.monotonic() - saved > SAVE_S:
            save(whole, average, folder)
            saved = time.monotonic()
    save(whole, average, folder)


def save(whole: Together, average: dict[str, Tensor], folder: Path) -> None:
    """Write what is learnt; means over the last part of a run where there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: average.get(name, p.detach()).contiguous() for name, p in whole.named_parameters()}
    save_file(found, folder / "together.part")
    (folder / "together.part").replace(folder / "together.safetensors")


def write(whole: Together, tasks: Sequence[Task]) -> None:
    """Write the adapters and each small network into assets/."""
    reader = TurnReader(whole._model[0])
    reader.adapters.load_state_dict(of_rank(whole.adapters.state_dict(), RANK))
    save_turn_reader(reader, FOLDER / TURN_ADAPTER, hashlib.sha256(asset_path(ADAPTER).read_bytes()).hexdigest())
    print(TURN_ADAPTER, register(TURN_ADAPTER))
    for task in tasks:
        if task.asset:
            arrays = {
                name: value if task.name == "people" else value[None] for name, value in arrays_of(task.net).items()
            }
            np.savez_compressed(FOLDER / task.asset, **{**task.beside, **arrays})  # type: ignore[arg-type]
            print(task.asset, register(task.asset))


def arrays_of(net: nn.Module) -> dict[str, np.ndarray]:
    """Weights by the names of the package's networks without torch, in half precision."""
    if isinstance(net, item_network.Network):
        return net.arrays()
    named = {name.replace(".weight", "").replace(".bias", "_bias"): value for name, value in net.state_dict().items()}
    return {name: value.numpy().astype(np.float16) for name, value in named.items()}


def load(whole: Together, folder: Path) -> None:
    """Put what was learnt before into it."""
    whole.load_state_dict(load_file(folder / "together.safetensors"), strict=False)


def main() -> None:
    """Learn, score or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--on", type=Path, help="folder of a run to go on from")
    parser.add_argument(
        "--files", nargs="*", default=(), help="conversations that are all read, beside a share of the rest"
    )
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--without", nargs="*", default=(), help="tasks that are left out")
    parser.add_argument("--compile", action="store_true", help="compile the layers: needs a C++ compiler")
    parser.add_argument("--write", action="store_true", help="write what the folder has learnt into assets/")
    options = parser.parse_args()
    torch.set_num_threads(1)
    language = load_language_model(asset_path(ADAPTER))
    every = all_tasks(len(TURN_LAYERS) * language.model.config.hidden_size)
    tasks = [task for task in every if task.name not in options.without]
    whole = Together(language, tasks)
    if options.write:
        load(whole, options.folder)
        write(whole, tasks)
        return
    if options.on:
        load(whole, options.on)
    whole = whole.compiled() if options.compile else whole
    learn(whole, tasks, language, options.folder, options.minutes, options.seed, options.files, options.share)


if __name__ == "__main__":
    main()
