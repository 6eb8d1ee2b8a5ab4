"""Make assets/turn_adapter.safetensors and the small networks on its states: what a turn means, all learnt together.

Adapters of their own, beside those that read faces, are learnt with the networks that say what a turn does, whom it
means, what it asks, what it changes and which version comes back: every text runs once, and every network that has
something to learn of it takes its states. They start as the shipped ones are; the round that reads the most held-out
turns is kept.

    python -m lab.runs.language.together.train FOLDER --device cuda --rounds 10 --tokens 16000   # minutes of a GPU
    python -m lab.runs.language.together.train FOLDER --minutes 60       # part of a round on one core of a processor
    python -m lab.runs.language.together.train FOLDER --write            # into assets/
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from facegpt.assets import FOLDER, asset_path, register
from facegpt.language.earlier import Earlier
from facegpt.language.loading import ADAPTER, load_language_model
from facegpt.language.model.layers import states_from
from facegpt.language.model.lora import Adapters
from facegpt.language.model.part_files import read_parts
from facegpt.language.model.turn_adapter import RANK, SCALE, TURN_ADAPTER, TURN_LAYERS, TurnReader, save_turn_reader
from facegpt_lab.synthesis.texts.conversations import scored_turns, talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from facegpt_lab.train.words.stages import attention_on
from lab.runs.language.changes import item_network
from lab.runs.language.states_network import _tokens, key_of, quicker_precision
from lab.runs.language.together.low_rank import begin_as, of_rank
from lab.runs.language.together.tasks import Task, all_rows, all_tasks

TOKENS, RATE, DECAY, WARM, CLIP = 2000, 3e-4, 0.01, 60, 1.0
AVERAGE_FROM, AVERAGE_RATE, SAVE_S = 0.05, 0.01, 300
#: Of the embeddings of tokens, in their SD, while something is learnt.
NOISE = 0.1
#: A loss below this is of a text that is nearly always read rightly.
SURPRISED = 1.0
#: Rank of the adapters while they learn; the shipped ones keep the RANK largest directions of each.
LEARNT_RANK = 64
#: Tasks beside those whose networks are shipped.
BESIDE = ("feelings", "numbers", "sexes")
Encoded = tuple[list[int], int]


class Text:
    """A text after the turns before it, by its key."""

    def __init__(self, key: str) -> None:
        self.text, *earlier = json.loads(key)
        self.earlier = tuple(Earlier(*each) for each in earlier)


class Together(nn.Module):
    """Adapters and networks that learn together on a device; the base stays as it is."""

    def __init__(self, model: Any, tasks: Sequence[Task], device: str = "cpu") -> None:
        super().__init__()
        model.requires_grad_(False)
        model.adapters.acting = False
        self.adapters = Adapters(model.base, LEARNT_RANK, SCALE * LEARNT_RANK)
        begin_as(self.adapters, read_parts(asset_path(TURN_ADAPTER), "adapter of turns"))
        self.nets = nn.ModuleDict({task.name: task.net for task in tasks})
        self.precision = quicker_precision() if device == "cpu" else torch.bfloat16
        self.device, self._model = torch.device(device), [model]
        model.to(self.device)
        model.base.to(self.precision)
        self.to(self.device)

    def compiled(self) -> Together:
        """The same with compiled layers: a minute before the first step, then half the time for each."""
        layers = self._model[0].base.model.layers
        for k, layer in enumerate(layers):
            layers[k] = torch.compile(layer, dynamic=True)
        return self

    def states(self, ids: Tensor) -> Tensor:
        """(B, T, layers, D) of TURN_LAYERS."""
        model = self._model[0]
        given = model.get_input_embeddings()(ids)
        if self.training:  # texts are never seen twice alike
            given = given + NOISE * given.std() * torch.randn_like(given)
        with torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32):
            found = states_from(model, given, 0)
        return torch.stack([found[layer].float() for layer in TURN_LAYERS], 2)

    def of_last_turns(self, tokens: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
        """States (B, S, layers, D) and mask (B, S) of the last turns of some texts."""
        ids, places, mask = (each.to(self.device) for each in of_batch(tokens))
        return last_turn(self.states(ids), places, mask), mask


def batches(lengths: np.ndarray, most: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """One round: texts of like length together, of so many tokens at most."""
    order = np.argsort(lengths + rng.uniform(0, 10, len(lengths)))
    found, current = [], []
    for k in order:
        if current and max(lengths[k], lengths[current].max()) * (len(current) + 1) > most:
            found.append(np.array(current))
            current = []
        current.append(k)
    found.append(np.array(current))
    for k in rng.permutation(len(found)):
        yield found[k]


def of_batch(tokens: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids (B, T), the places of the last turn's tokens (B, S), and their mask (B, S)."""
    ids = nn.utils.rnn.pad_sequence([torch.tensor(each) for each, _ in tokens], batch_first=True)
    places = [torch.arange(since, len(each)) for each, since in tokens]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(each), dtype=torch.bool) for each in places], True)
    return ids, nn.utils.rnn.pad_sequence(places, True), mask


def last_turn(states: Tensor, places: Tensor, mask: Tensor) -> Tensor:
    """(B, S, layers, D) the states of the last turn's tokens, 0 behind them."""
    return states[torch.arange(len(states), device=states.device)[:, None], places] * mask[:, :, None, None]


def chosen_keys(tasks: Sequence[Task], files: Sequence[str], share: float, rng: np.random.Generator) -> list[str]:
    """The texts of these files of conversations, and a share of all others."""
    new = set()
    for file in files:
        for talk in talks_of(corpus_folder() / "conversations" / "development" / f"{file}.jsonl"):
            new |= {key_of(turn) for turn in scored_turns(talk)}
    every = sorted({key for task in tasks for key in task.rows})
    return [key for key in every if key in new or rng.random() < share]


def surprise(
    whole: Together, tasks: Sequence[Task], keys: Sequence[str], tokens: Sequence[Encoded], held: bool = False
) -> dict[str, Tensor]:
    """Of each task that has something to learn of these texts, the loss (R,) of each of its rows."""
    states, mask = whole.of_last_turns(tokens)
    counts = [len(ids) - since for ids, since in tokens]
    found = {}
    for task in tasks:
        rows = task.held if held else task.rows
        of_task = [(at, row) for at, key in enumerate(keys) for row in rows.get(key, ())]
        if of_task:
            chosen = torch.tensor([at for at, _ in of_task], device=mask.device)
            longest = max(counts[at] for at, _ in of_task)
            found[task.name] = task.loss(states[chosen, :longest], mask[chosen, :longest], [row for _, row in of_task])
    return found


@torch.no_grad()
def held_out(whole: Together, tasks: Sequence[Task], texts: Mapping[str, Encoded], most: int) -> dict[str, float]:
    """Of each task, the share of what measures it that surprises little: nearly that of what is read rightly."""
    whole.eval()
    keys = sorted({key for task in tasks for key in task.held})
    lengths, found = np.array([len(texts[key][0]) for key in keys]), dict[str, list[float]]()
    for rows in batches(lengths, most, np.random.default_rng(0)):
        some = [keys[k] for k in rows]
        for name, losses in surprise(whole, tasks, some, [texts[key] for key in some], held=True).items():
            found.setdefault(name, []).extend((losses < SURPRISED).float().tolist())
    whole.train()
    return {name: float(np.mean(each)) for name, each in found.items()}


class Mean:
    """What is learnt, averaged over the steps."""

    def __init__(self, whole: Together) -> None:
        self.learnt = dict(whole.named_parameters())
        self.mean: dict[str, Tensor] = {}

    @torch.no_grad()
    def take(self) -> None:
        """Go a hundredth towards what it is now."""
        if not self.mean:
            self.mean = {name: value.detach().clone() for name, value in self.learnt.items()}
        torch._foreach_lerp_(list(self.mean.values()), list(self.learnt.values()), AVERAGE_RATE)

    @torch.no_grad()
    def swap(self) -> None:
        """Put the mean in place of what is learnt, or back."""
        for name, mean in self.mean.items():
            own = self.learnt[name]
            kept = own.detach().clone()
            own.copy_(mean)
            mean.copy_(kept)


def learn(
    whole: Together,
    tasks: Sequence[Task],
    texts: Mapping[str, Encoded],
    folder: Path,
    keys: Sequence[str],
    *,
    rounds: float,
    minutes: float,
    most: int,
    rate: float,
    seed: int,
) -> None:
    """Train for some rounds over texts, or for some minutes where they end before; each round is measured.

    Args:
        whole: the adapters and networks.
        tasks: what they learn.
        texts: tokens of each text by its key.
        folder: for the result.
        keys: of what is learnt from.
        rounds: at most.
        minutes: at most.
        most: tokens of a step.
        rate: of the adapters; the networks have twice as much.
        seed: of the order.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    lengths = np.array([len(texts[key][0]) for key in keys])
    told = {task.name: sum(map(len, task.rows.values())) for task in tasks}
    print(f"{len(keys)} texts, {lengths.sum()} tokens; {told}", flush=True)
    groups = [
        {"params": list(whole.adapters.parameters()), "weight_decay": 0.0, "factor": rate},
        {"params": list(whole.nets.parameters()), "weight_decay": DECAY, "factor": 2 * rate},
    ]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
    mean, total, best = Mean(whole), rounds * lengths.sum(), 0.0
    print(f"before: {_told(held_out(whole, tasks, texts, most))}", flush=True)
    started, saved, step, seen = time.monotonic(), time.monotonic(), 0, 0
    log: dict[str, list[Tensor]] = {}
    done = 0.0
    while done < 1:
        for rows in batches(lengths, most, rng):
            done = max(seen / total, (time.monotonic() - started) / (60 * minutes))
            if done >= 1:
                break
            for group in optimizer.param_groups:
                falls = 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done))
                group["lr"] = group["factor"] * min(1, (step + 1) / WARM) * falls
            with attention_on(whole.device.type):
                some = [keys[k] for k in rows]
                each = surprise(whole, tasks, some, [texts[key] for key in some])
                share = {task.name: task.share for task in tasks}
                loss = sum(share[name] * losses.sum() for name, losses in each.items()) / len(rows)
                optimizer.zero_grad(set_to_none=True)
                torch.as_tensor(loss).backward()
            nn.utils.clip_grad_norm_(whole.parameters(), CLIP)
            optimizer.step()
            step, seen = step + 1, seen + int(lengths[rows].sum())
            for name, losses in each.items():
                log.setdefault(name, []).append(losses.detach().mean())
            if done >= AVERAGE_FROM:
                mean.take()
            if step % 50 == 0:
                told_now = _told({name: float(torch.stack(some_losses).mean()) for name, some_losses in log.items()})
                print(
                    f"step {step}, {done:.3f}, {seen / (time.monotonic() - started):.0f} tokens/s: {told_now}",
                    flush=True,
                )
                log = {}
            if time.monotonic() - saved > SAVE_S and not best:  # a long first round
                save(whole, folder)
                saved = time.monotonic()
        mean.swap()
        now = held_out(whole, tasks, texts, most)
        print(f"held out at {done:.3f}: {np.mean(list(now.values())):.4f}; {_told(now)}", flush=True)
        if np.mean(list(now.values())) > best:
            best = float(np.mean(list(now.values())))
            save(whole, folder)
        mean.swap()


def _told(losses: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in losses.items())


def save(whole: Together, folder: Path) -> None:
    """Write what is learnt; the file appears only whole."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: p.detach().cpu().contiguous() for name, p in whole.named_parameters()}, folder / "together.part")
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
    """Learn or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=float, default=1.0)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a step")
    parser.add_argument("--rate", type=float, default=RATE, help="of the adapters; the networks have twice as much")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--on", type=Path, help="folder of a run to go on from")
    parser.add_argument(
        "--files", nargs="*", default=(), help="conversations that are all read, beside a share of the rest"
    )
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--without", nargs="*", default=BESIDE, help="tasks that are left out")
    parser.add_argument("--compile", action="store_true", help="compile the layers: needs a C++ compiler")
    parser.add_argument("--write", action="store_true", help="write what the folder has learnt into assets/")
    options = parser.parse_args()
    torch.set_num_threads(1)
    language = load_language_model(asset_path(ADAPTER))
    rows = {name: some for name, some in all_rows().items() if name not in options.without}
    tasks = all_tasks(len(TURN_LAYERS) * language.model.config.hidden_size, rows)
    whole = Together(language.model, tasks, options.device)
    if options.write:
        load(whole, options.folder)
        write(whole, tasks)
        return
    if options.on:
        load(whole, options.on)
    whole = whole.compiled() if options.compile else whole
    texts = tokens_of(language, tasks)
    keys = chosen_keys(tasks, options.files, options.share, np.random.default_rng(options.seed))
    learn(
        whole,
        tasks,
        texts,
        options.folder,
        keys,
        rounds=options.rounds,
        minutes=options.minutes,
        most=options.tokens,
        rate=options.rate,
        seed=options.seed,
    )


def tokens_of(language: Any, tasks: Sequence[Task]) -> dict[str, Encoded]:
    """The tokens of each text that is learnt from or measures, and its last turn's first one."""
    keys = sorted({key for task in tasks for key in (*task.rows, *task.held)})
    return {key: _tokens(language, Text(key)) for key in keys}


if __name__ == "__main__":
    main()
