"""Networks that say the same of each of many items (`ItemNetwork` of language/item_network.py) with gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import FOLDER, register
from facegpt.language.item_network import QUERIES
from lab.runs.language.changes.turns import Turn
from lab.runs.language.states_network import States

WIDTH, CUES, GATHERED, HIDDEN, DROPOUT, NOISE = 128, 32, 48, 160, 0.25, 0.1
BATCH, RATE, DECAY, WARM = 48, 1e-3, 0.02, 80
CuesOf = Callable[[Turn], np.ndarray]
#: Log odds of an output before anything is learnt.
_START, _LEAST = -2.0, -1e4


class Network(nn.Module):
    """What facegpt.language.item_network.ItemNetwork is without torch.

    Args:
        size: of the states of a token.
        cues: of an item.
        outputs: of an item.
        parts: (I, P) which parts make up what each item is: its name is the sum of theirs.
    """

    parts: Tensor

    def __init__(self, size: int, cues: int, outputs: int, parts: np.ndarray, names: int = 48) -> None:
        super().__init__()
        self.register_buffer("parts", torch.from_numpy(parts.astype(np.float32)), persistent=False)
        self.named = nn.Parameter(torch.randn(parts.shape[1], names) * 0.3)
        self.project = nn.Linear(size, WIDTH)
        self.cues = nn.Linear(cues, CUES)
        self.query = nn.Linear(names + CUES, QUERIES * WIDTH)
        self.gathered = nn.Linear(WIDTH, GATHERED)
        self.hidden = nn.Linear(QUERIES * WIDTH + names + CUES + 2 * GATHERED, HIDDEN)
        self.out = nn.Linear(HIDDEN, outputs)
        self.votes = nn.Linear(WIDTH, names, bias=False)
        nn.init.constant_(self.out.bias, _START)

    def names(self) -> Tensor:
        """(I, E) what each item is."""
        return self.parts @ self.named

    def forward(self, states: Tensor, mask: Tensor, cues: Tensor) -> Tensor:
        """(B, I, O) from states (B, T, layers, D), mask (B, T) and cues (B, I, C)."""
        tokens = self._drop(nn.functional.layer_norm(states, states.shape[-1:]).flatten(2), NOISE)
        seen = self._drop(_gelu(self.project(tokens)), DROPOUT)
        names = self.names()
        item = torch.cat([names.expand(len(seen), -1, -1), self._drop(_gelu(self.cues(cues)), NOISE)], 2)
        query = self.query(item).unflatten(2, (QUERIES, WIDTH))
        share = torch.einsum("biqw,btw->biqt", query, seen).masked_fill(~mask[:, None, None], _LEAST).softmax(-1)
        looked = torch.einsum("biqt,btw->biqw", share, seen).flatten(2)
        count = mask.sum(1, keepdim=True)
        mean, last = (
            (seen * mask[..., None]).sum(1) / count,
            seen[torch.arange(len(seen), device=seen.device), mask.sum(1) - 1],
        )
        whole = torch.cat([self.gathered(mean), self.gathered(last)], 1)[:, None].expand(-1, len(names), -1)
        given = self._drop(torch.cat([looked, item, whole], 2), DROPOUT)
        found = self.out(self._drop(_gelu(self.hidden(given)), DROPOUT))
        votes = torch.einsum("ie,bte->bit", names, self.votes(seen)).masked_fill(~mask[:, None], _LEAST)
        more = votes.logsumexp(2) - count.log()
        return torch.cat([found[..., :1] + more[..., None], found[..., 1:]], 2)

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nn.functional.dropout(x, share, self.training)

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by the names of ItemNetwork, in half precision."""
        found = {"names": self.names().detach().cpu().numpy().astype(np.float16)}
        for name, value in self.state_dict().items():
            if name != "named":
                found[name.replace(".weight", "").replace(".bias", "_bias")] = value.cpu().numpy().astype(np.float16)
        return found


def _gelu(x: Tensor) -> Tensor:
    return nn.functional.gelu(x, approximate="tanh")


def batch_of(states: States, some: Sequence[Turn], cues_of: CuesOf) -> tuple[Tensor, Tensor, Tensor]:
    """States (B, T, layers, D), mask (B, T) and cues (B, I, C)."""
    each = [torch.from_numpy(states.of(turn).astype(np.float32)) for turn in some]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(x), dtype=torch.bool) for x in each], True)
    cues = torch.from_numpy(np.stack([cues_of(turn) for turn in some]))
    return nn.utils.rnn.pad_sequence(each, True), mask, cues


def learn(
    states: States,
    texts: Sequence[Turn],
    cues_of: CuesOf,
    parts: np.ndarray,
    outputs: int,
    loss_of: Callable[[Tensor, Sequence[Turn]], Tensor],
    seed: int,
    epochs: int,
    begun: Network | None = None,
    highest: float = RATE,
) -> Network:
    """Train one network, or one that has begun.

    Args:
        states: of the texts.
        texts: what is learnt from.
        cues_of: of a turn, (I, C).
        parts: see Network.
        outputs: see Network.
        loss_of: outputs (B, I, O) and their turns → (B,).
        seed: of weights and order.
        epochs: rounds.
        begun: what learns on.
        highest: rate of learning.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    size, cues = states.all.shape[1] * states.all.shape[2], cues_of(texts[0]).shape[1]
    net = (begun or Network(size, cues, outputs, parts)).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    weight = torch.tensor([turn.weight for turn in texts])
    length = np.array([len(states.of(turn)) for turn in texts])
    steps, step = epochs * math.ceil(len(texts) / BATCH), 0
    for _ in range(epochs):
        order = np.argsort(length + rng.uniform(0, 8, len(texts)))
        batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for rows in batches:
            optimizer.param_groups[0]["lr"] = highest * min(1, (step + 1) / WARM) * (1 - step / steps) ** 0.7
            step += 1
            some = [texts[k] for k in rows]
            loss = (weight[rows] * loss_of(net(*batch_of(states, some, cues_of)), some)).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()


@torch.inference_mode()
def read(nets: Sequence[Network], states: States, some: Sequence[Turn], cues_of: CuesOf) -> np.ndarray:
    """(D, I, O) what the networks say of each turn."""
    found = []
    for at in range(0, len(some), BATCH):
        given = batch_of(states, some[at : at + BATCH], cues_of)
        found.append(torch.stack([net(*given) for net in nets]).mean(0).numpy())
    return np.concatenate(found)


def write(nets: Sequence[Network], asset: str) -> str:
    """Write networks to an asset and register it; its hash."""
    arrays = [net.arrays() for net in nets]
    stacked = {name: np.stack([each[name] for each in arrays]) for name in arrays[0]}
    np.savez_compressed(FOLDER / asset, **stacked)
    return register(asset)
