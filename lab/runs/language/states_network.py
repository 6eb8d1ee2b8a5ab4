"""States of texts, and the small networks on them: `StatesNetwork` of states_network.py with gradients."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import FOLDER, register
from facegpt.language.earlier import MOST_TURNS, Earlier, in_context
from facegpt.language.loading import load_language_model
from facegpt.language.model.turn_adapter import TURN_LAYERS
from facegpt.language.reading.glasses_words import without_glasses

WIDTH, QUERIES, HIDDEN, DROPOUT, NOISE = 160, 6, 192, 0.3, 0.1
BATCH, RATE, DECAY, WARM, LONGEST = 64, 1e-3, 0.02, 50, 120
_BATCH_TEXTS, _LEAST = 24, -1e4
Row = TypeVar("Row")


class Said(Protocol):
    """A turn after those before it."""

    @property
    def text(self) -> str:
        """As typed."""

    @property
    def earlier(self) -> tuple[Earlier, ...]:
        """The turns before."""


def key_of(turn: Said) -> str:
    """Of its states."""
    return json.dumps([turn.text, *((each.text, each.note) for each in turn.earlier[-MOST_TURNS:])])


class States:
    """States of texts, in a folder: (tokens, layers, D) each."""

    def __init__(self, folder: Path) -> None:
        listed = json.loads((folder / "tokens.json").read_text("utf-8"))
        self.all = np.load(folder / "tokens.npy")
        self.first, self.adapters = listed["off"], listed.get("adapters")
        self.row = {key: k for k, key in enumerate(listed["turns"])}

    def of(self, turn: Said) -> np.ndarray:
        """The states of one turn."""
        row = self.row[key_of(turn)]
        return self.all[self.first[row] : self.first[row + 1]]

    def kept(self, some: Iterable[Row], turn_of: Callable[[Row], Any] = lambda row: row) -> list[Row]:
        """Those whose states are here."""
        return [row for row in some if key_of(turn_of(row)) in self.row]


def part_way(net: nn.Module, begun: Mapping[str, Tensor], way: float) -> None:
    """Set a network's weights on the way from those it began with (`begun`, at 0) to those it has (at 1)."""
    net.load_state_dict({name: begun[name].lerp(value, way) for name, value in net.state_dict().items()})


def weights_of(net: nn.Module) -> dict[str, Tensor]:
    """A copy of a network's weights."""
    return {name: value.clone() for name, value in net.state_dict().items()}


def write_states(folder: Path, turns: Sequence[Said], others: Sequence[Path] = (), of_faces: bool = False) -> None:
    """Run the packaged language model over turns and keep the states of their tokens (float16).

    What this folder or one of the others keeps already of the same adapters is taken from there. of_faces: the states
    with the adapters that read faces, not with those of turns.
    """
    language = load_language_model()
    acting = language.model.adapters if of_faces else language.turns.adapters
    adapters = _digest(acting)
    kept = [States(each) for each in (folder, *others) if (each / "tokens.json").is_file()]
    kept = [each for each in kept if each.adapters == adapters]
    known = {key: each for each in reversed(kept) for key in each.row}
    new = [turn for turn in turns if key_of(turn) not in known]
    with acting.acting_if(True), language.model.adapters.acting_if(of_faces):
        found = dict(zip((key_of(turn) for turn in new), _states_of(language, new), strict=True))
    keys = [key_of(turn) for turn in turns]
    each = [known[key].of(turn) if key in known else found[key] for key, turn in zip(keys, turns, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "tokens.npy", np.concatenate(each))
    first = np.cumsum([0, *map(len, each)]).tolist()
    (folder / "tokens.json").write_text(json.dumps({"turns": keys, "off": first, "adapters": adapters}), "utf-8")


def quicker_precision() -> torch.dtype:
    """bfloat16 where the processor multiplies it faster than float32; elsewhere it can be fifty times as slow."""
    taken = {}
    for precision in (torch.float32, torch.bfloat16):
        a, b = torch.ones(200, 576, dtype=precision), torch.ones(576, 576, dtype=precision)
        times = []
        for _ in range(9):  # the quickest counts, in this thread's own time: others may use the processor
            start = time.thread_time()
            torch.matmul(a, b)
            times.append(time.thread_time() - start)
        taken[precision] = min(times)
    return min(taken, key=lambda each: taken[each])


def _digest(adapters: nn.Module) -> str:
    """Names the weights of adapters."""
    numbers = hashlib.sha256()
    for name, value in sorted(adapters.state_dict().items()):
        numbers.update(name.encode() + value.float().numpy().tobytes())
    return numbers.hexdigest()


def _states_of(language: Any, turns: Sequence[Said]) -> list[np.ndarray]:
    """(tokens, layers, D) of each turn."""
    each = [_tokens(language, turn) for turn in turns]
    found: list[np.ndarray] = [np.zeros(0, np.float16)] * len(turns)
    order = sorted(range(len(turns)), key=lambda k: len(each[k][0]))
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH_TEXTS):
            rows = order[start : start + _BATCH_TEXTS]
            padded = nn.utils.rnn.pad_sequence([torch.tensor(each[k][0]) for k in rows], batch_first=True)
            mask = nn.utils.rnn.pad_sequence([torch.ones(len(each[k][0]), dtype=torch.long) for k in rows], True)
            base: Any = language.model.base.model
            out = base(input_ids=padded, attention_mask=mask, output_hidden_states=True, use_cache=False)
            for place, k in enumerate(rows):
                ids, since = each[k]
                layers = [out.hidden_states[at][place, since : len(ids)].half() for at in TURN_LAYERS]
                found[k] = torch.stack(layers, 1).numpy()
    return found


def _tokens(language: Any, turn: Said) -> tuple[list[int], int]:
    """The tokens of a turn after those before it, and its first one; of a long turn the middle is left out."""
    found = language.processor(in_context(turn.earlier, without_glasses(turn.text)))
    ids, since = list(found.ids[:-1]), found.since
    if len(ids) - since <= LONGEST:
        return ids, since
    return ids[: since + 3 * LONGEST // 4] + ids[-LONGEST // 4 :], since


class Network(nn.Module):
    """What facegpt.language.states_network.StatesNetwork is without torch; votes: whether each token has its own."""

    def __init__(self, size: int, context: int, outcomes: int, votes: bool = False) -> None:
        super().__init__()
        gathered = WIDTH * (QUERIES + 2) + context
        self.project = nn.Linear(size, WIDTH)
        self.queries = nn.Parameter(torch.randn(QUERIES, WIDTH) * 0.1)
        self.hidden, self.out = nn.Linear(gathered, HIDDEN), nn.Linear(HIDDEN, outcomes)
        self.skip = nn.Linear(gathered, outcomes)
        if votes:
            self.votes = nn.Linear(WIDTH, outcomes)

    def forward(self, states: Tensor, mask: Tensor, context: Tensor) -> Tensor:
        """Log-probabilities (B, outcomes) of states (B, T, layers, D), mask (B, T), context (B, C)."""
        return self.scores(states, mask, context).log_softmax(1)

    def scores(self, states: Tensor, mask: Tensor, context: Tensor) -> Tensor:
        """(B, outcomes) before they are made probabilities; arguments as of `forward`."""
        tokens = self._drop(nn.functional.layer_norm(states, states.shape[-1:]).flatten(2), NOISE)
        seen = self._drop(nn.functional.gelu(self.project(tokens), approximate="tanh"), DROPOUT)
        share = torch.einsum("btw,qw->bqt", seen, self.queries).masked_fill(~mask[:, None], _LEAST).softmax(-1)
        count = mask.sum(1, keepdim=True)
        mean = (seen * mask[..., None]).sum(1) / count
        last = seen[torch.arange(len(seen), device=seen.device), mask.sum(1) - 1]
        gathered = torch.cat([torch.einsum("bqt,btw->bqw", share, seen).flatten(1), mean, last, context], 1)
        gathered = self._drop(gathered, DROPOUT)
        hidden = self._drop(nn.functional.gelu(self.hidden(gathered), approximate="tanh"), DROPOUT)
        scores = self.out(hidden) + self.skip(gathered)
        if hasattr(self, "votes"):
            scores = scores + self.votes(seen).masked_fill(~mask[..., None], _LEAST).logsumexp(1) - count.log()
        return scores

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nn.functional.dropout(x, share, self.training)

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by the names of StatesNetwork, in half precision."""
        found = {}
        for name, value in self.state_dict().items():
            found[name.replace(".weight", "").replace(".bias", "_bias")] = value.numpy().astype(np.float16)
        return found


@dataclass(frozen=True)
class Task:
    """What a network learns.

    Attributes:
        turns: what is read. contexts: (D, C) what the conversation held. right: (D, outcomes) True for each that is.
        weight: (D,) how much each counts.
        groups: outcomes that exclude each other, as columns of `right` whose last is that none of them is; all if ().
    """

    turns: Sequence[Said]
    contexts: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    groups: tuple[tuple[int, ...], ...] = ()


def padded(states: States, turns: Iterable[Said]) -> tuple[Tensor, Tensor]:
    """States (B, T, layers, D) and mask (B, T) of some turns."""
    each = [torch.from_numpy(states.of(turn).astype(np.float32)) for turn in turns]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(x), dtype=torch.bool) for x in each], True)
    return nn.utils.rnn.pad_sequence(each, True), mask


def batch_of(states: States, task: Task, rows: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    """States (B, T, layers, D), mask (B, T) and contexts (B, C) of some turns."""
    return *padded(states, (task.turns[k] for k in rows)), torch.from_numpy(task.contexts[rows])


def network_for(states: States, task: Task) -> Network:
    """A fresh network of the size of states and task."""
    return Network(states.all.shape[1] * states.all.shape[2], task.contexts.shape[1], task.right.shape[1])


def train(
    net: nn.Module,
    lengths: Sequence[int],
    loss_of: Callable[[np.ndarray], Tensor],
    seed: int,
    epochs: int,
    batch: int = BATCH,
    highest: float = RATE,
) -> None:
    """Some rounds over texts, those of like length together.

    Args:
        net: whose parameters learn.
        lengths: of the texts, in tokens.
        loss_of: numbers of some texts → what is made smaller.
        seed: of the order.
        epochs: rounds.
        batch: texts of a step.
        highest: rate of learning.
    """
    rng, length, count = np.random.default_rng(seed), np.array(lengths), len(lengths)
    optimizer = torch.optim.AdamW(net.parameters(), lr=highest, weight_decay=DECAY)
    steps, step = epochs * math.ceil(count / batch), 0
    for _ in range(epochs):
        order = np.argsort(length + rng.uniform(0, 6, count))
        batches = [order[start : start + batch] for start in range(0, count, batch)]
        rng.shuffle(batches)
        for rows in batches:
            optimizer.param_groups[0]["lr"] = highest * min(1, (step + 1) / WARM) * (1 - step / steps) ** 0.7
            step += 1
            loss = loss_of(rows)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()


def learn(
    states: States,
    task: Task,
    seed: int,
    epochs: int,
    batch: int = BATCH,
    begun: Network | None = None,
    highest: float = RATE,
) -> Network:
    """Train one network, or one that has begun; highest: rate of learning."""
    torch.manual_seed(seed)
    net = (begun or network_for(states, task)).train()
    groups = task.groups or (tuple(range(task.right.shape[1])),)
    wrong, weight = [_wrong(task.right[:, each]) for each in groups], torch.from_numpy(task.weight.astype(np.float32))

    def loss_of(rows: np.ndarray) -> Tensor:
        scores = net.scores(*batch_of(states, task, rows))
        said = [
            scores[:, each].log_softmax(1).masked_fill(off[rows], _LEAST).logsumexp(1)
            for each, off in zip(groups, wrong, strict=True)
        ]
        return -(weight[rows] * torch.stack(said).sum(0)).mean()

    train(net, [len(states.of(turn)) for turn in task.turns], loss_of, seed, epochs, batch, highest)
    return net.eval()


def _wrong(right: np.ndarray) -> Tensor:
    """(D, outcomes of a group) True for those that are not right; where none is, the last one is."""
    right = right.copy()
    right[~right.any(1), -1] = True
    return torch.from_numpy(~right)


@torch.inference_mode()
def log_odds(nets: Sequence[Network], states: States, task: Task) -> np.ndarray:
    """(D, outcomes) mean log-probabilities."""
    found = []
    for start in range(0, len(task.turns), BATCH):
        given = batch_of(states, task, range(start, min(start + BATCH, len(task.turns))))
        found.append(torch.stack([net(*given) for net in nets]).mean(0).numpy())
    return np.concatenate(found)


def write(nets: Sequence[Network], asset: str) -> str:
    """Write networks to an asset and register it; its hash."""
    arrays = [net.arrays() for net in nets]
    np.savez_compressed(FOLDER / asset, **{name: np.stack([each[name] for each in arrays]) for name in arrays[0]})
    return register(asset)
