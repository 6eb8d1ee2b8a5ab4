"""Make assets/networks/whom_network.npz: whom words mean among several people, from the language model's states.

Learns from the turns of corpus/conversations that mean somebody among several, beside the signs that
lab/runs/language/who/references.py weighs; whole voices or conversations of it only measure.

    python -m lab.runs.language.who.whom_network score FOLDER  # FOLDER: states that lab.runs.language.act_network keeps
    python -m lab.runs.language.who.whom_network fit FOLDER    # the same, and write
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import FOLDER, register
from facegpt.language.dialogue.who.cues import cues
from facegpt.language.dialogue.who.whom_network import WHOM_NETWORK, Choices, choices_among
from lab.runs.language import steps_command
from lab.runs.language.states_network import States
from lab.runs.language.who.references import OF_SCORED, chosen, fit, known
from lab.runs.language.written_turns import Written, written_turns

WIDTH, QUERIES, HIDDEN, DROPOUT, NOISE = 96, 4, 96, 0.35, 0.1
EPOCHS, BATCH, RATE, DECAY, NEAR, NETWORKS = 8, 32, 1e-3, 0.03, 1e-4, 3
_LEAST = -1e4


@dataclass(frozen=True)
class Row:
    """A turn, its choices, and the place of the right one (-1: not among them)."""

    turn: Written
    choices: Choices
    right: int


def rows_of(docs: list, names: Sequence[str]) -> list[Row]:
    """What is learnt from."""
    found = []
    for turn, options, rows, right in docs:
        of_text = cues(turn.text, turn.cast)
        found.append(Row(turn, choices_among(options, rows, of_text, turn.cast, names), right))
    return found


class Network(nn.Module):
    """What facegpt.language.dialogue.who.whom_network.WhomNetwork is without torch."""

    def __init__(self, size: int, like: Choices, start: np.ndarray) -> None:
        super().__init__()
        gathered = WIDTH * (QUERIES + 2)
        self.project = nn.Linear(size, WIDTH)
        self.queries = nn.Parameter(torch.randn(QUERIES, WIDTH) * 0.1)
        self.hidden = nn.Linear(gathered, HIDDEN)
        self.like = nn.Linear(HIDDEN, like.people.shape[1])
        self.kind = nn.Linear(HIDDEN, like.kinds.shape[1])
        self.kind_skip = nn.Linear(gathered, like.kinds.shape[1])
        self.cues = nn.Parameter(torch.from_numpy(start).float())
        for layer in (self.like, self.kind, self.kind_skip):  # it starts with what the cues say
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, states: Tensor, mask: Tensor, given: dict[str, Tensor]) -> Tensor:
        """Log-probabilities (B, C) from states (B, T, layers, D), mask (B, T) and padded choices."""
        tokens = self._drop(nn.functional.layer_norm(states, states.shape[-1:]).flatten(2), NOISE)
        seen = self._drop(nn.functional.gelu(self.project(tokens), approximate="tanh"), DROPOUT)
        share = torch.einsum("btw,qw->bqt", seen, self.queries).masked_fill(~mask[:, None], _LEAST).softmax(-1)
        mean = (seen * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        last = seen[torch.arange(len(seen), device=seen.device), mask.sum(1) - 1]
        gathered = self._drop(torch.cat([torch.einsum("bqt,btw->bqw", share, seen).flatten(1), mean, last], 1), DROPOUT)
        hidden = self._drop(nn.functional.gelu(self.hidden(gathered), approximate="tanh"), DROPOUT)
        person = torch.einsum("bf,bpf->bp", self.like(hidden), given["people"])
        among = torch.einsum("bp,bcp->bc", person, given["inside"] - given["outside"])
        kind = torch.einsum("bk,bck->bc", self.kind(hidden) + self.kind_skip(gathered), given["kinds"])
        return (given["cues"] @ self.cues + among + kind).masked_fill(~given["there"], _LEAST).log_softmax(1)

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nn.functional.dropout(x, share, self.training)

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by the names of WhomNetwork, in half precision."""
        named = {name.replace(".weight", "").replace(".bias", "_bias"): w for name, w in self.state_dict().items()}
        return {name: value.numpy().astype(np.float16) for name, value in named.items()}


def batch_of(states: States, some: Sequence[Row]) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """States (B, T, layers, D), mask (B, T) and the choices of some turns, padded."""
    each = [torch.from_numpy(states.of(row.turn).astype(np.float32)) for row in some]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(x), dtype=torch.bool) for x in each], True)
    return nn.utils.rnn.pad_sequence(each, True), mask, given_of(some)


def given_of(some: Sequence[Row]) -> dict[str, Tensor]:
    """The choices of some turns, padded."""
    given = {"there": padded([np.ones(len(row.choices.cues), bool) for row in some])}
    for name in ("cues", "people", "inside", "outside", "kinds"):
        given[name] = padded([getattr(row.choices, name) for row in some])
    return given


def padded(each: Sequence[np.ndarray]) -> Tensor:
    """Arrays in one, zeros behind each axis."""
    shape = np.max([x.shape for x in each], 0)
    return torch.from_numpy(
        np.stack([np.pad(x, [(0, n - m) for n, m in zip(shape, x.shape, strict=True)]) for x in each])
    )


def learn(
    states: States,
    some: Sequence[Row],
    start: np.ndarray,
    seed: int,
    begun: Network | None = None,
    highest: float = RATE,
) -> Network:
    """Train one network, from weights of the cues alone, or one that has begun; highest: rate of learning."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    some = [row for row in some if row.right >= 0]
    net = (begun or Network(states.all.shape[1] * states.all.shape[2], some[0].choices, start)).train()
    others = [weight for name, weight in net.named_parameters() if name != "cues"]
    optimizer = torch.optim.AdamW(
        [{"params": others, "weight_decay": DECAY}, {"params": [net.cues], "weight_decay": 0.0}]
    )
    length = np.array([len(states.of(row.turn)) for row in some])
    steps, step, before = EPOCHS * math.ceil(len(some) / BATCH), 0, net.cues.detach().clone()
    for _ in range(EPOCHS):
        order = np.argsort(length + rng.uniform(0, 8, len(some)))
        batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            rate = highest * min(1, (step + 1) / 40) * (1 - step / steps) ** 0.7
            for group, faster in zip(optimizer.param_groups, (1, 2), strict=True):
                group["lr"] = faster * rate
            step += 1
            turns = [some[k] for k in batch]
            said = net(*batch_of(states, turns))[torch.arange(len(turns)), torch.tensor([row.right for row in turns])]
            weight = torch.tensor([OF_SCORED if row.turn.scored else 1.0 for row in turns])
            loss = -(said * weight).mean() + NEAR * (net.cues - before).square().sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()


@torch.inference_mode()
def read(nets: Sequence[Network], states: States, some: Sequence[Row]) -> list[int]:
    """The place of the likeliest choice of each turn."""
    found: list[int] = []
    for at in range(0, len(some), 2 * BATCH):
        given = batch_of(states, some[at : at + 2 * BATCH])
        found += torch.stack([net(*given) for net in nets]).mean(0).argmax(1).tolist()
    return found


def trained(states: States, docs: list, rows: Sequence[Row], names: Sequence[str]) -> list[Network]:
    """Networks that start from what the cues alone say."""
    weights = fit(docs)
    start = np.array([weights.get(name, 0.0) for name in names])
    return [learn(states, rows, start, seed) for seed in range(NETWORKS)]


def score(nets: Sequence[Network], states: States, rows: Sequence[Row], docs: list, weights: dict[str, float]) -> None:
    """Print the share of held-out turns whose people are right: by the networks, and by the cues alone."""
    right = np.mean([place == row.right for place, row in zip(read(nets, states, rows), rows, strict=True)])
    by_cues = np.mean([chosen(weights, doc[2]) == doc[3] for doc in docs])
    print(f"{len(rows)} held-out turns among several people: right {right:.3f}, by cues {by_cues:.3f}")


def write(nets: Sequence[Network], names: Sequence[str], asset: str = WHOM_NETWORK) -> str:
    """Write networks of this kind to an asset and register it; its hash."""
    each = [net.arrays() for net in nets]
    arrays = {name: np.stack([one[name] for one in each]) for name in each[0]}
    np.savez_compressed(FOLDER / asset, names=np.frombuffer("\n".join(names).encode("utf-8"), np.uint8), **arrays)
    return register(asset)


def main() -> None:
    """Score or fit."""
    options = steps_command.options(__doc__, ("score", "fit"))
    states = States(options.folder)
    docs, held = (
        states.kept(known(written_turns(measuring=measuring)), lambda doc: doc[0]) for measuring in (False, True)
    )
    names = sorted({name for _, _, rows, _ in docs for row in rows for name in row})
    nets = trained(states, docs, rows_of(docs, names), names)
    score(nets, states, rows_of(held, names), held, fit(docs))
    if options.step == "fit":
        print(write(nets, names))


if __name__ == "__main__":
    main()
