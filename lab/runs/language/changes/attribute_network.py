"""Make assets/networks/attribute_network.npz: what a turn does to each attribute, from states and what was asked.

Learns from the turns of corpus/conversations that change a head, from drawn ones and from sentences that stand alone;
whole voices or conversations of corpus/conversations only measure.

    python -m lab.runs.language.changes.attribute_network states FOLDER   # the states of all texts, once
    python -m lab.runs.language.changes.attribute_network score FOLDER    # learn, score what is held out
    python -m lab.runs.language.changes.attribute_network fit FOLDER      # the same, and write
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.language.reading.attribute_network import (
    ATTRIBUTE_NETWORK,
    CHANGED_FROM,
    OF_KNOWN,
    OF_OTHERS,
    Asked,
    asked_by,
    cues,
    known,
)
from facegpt.language.targets import CLASSES, NETWORK_ATTRIBUTES
from lab.runs.language import steps_command
from lab.runs.language.changes.item_network import learn, read, write
from lab.runs.language.changes.turns import Turn, drawn, of_the_head, sentences, turns
from lab.runs.language.states_network import States, key_of, write_states

EPOCHS, NETWORKS = 10, 2
#: What a direction and a size count beside what is named; changes that have a direction, SDs.
OF_SIDE, OF_SIZE, SIDED = 1.0, 0.3, 0.2
#: Shares that are scored: of attributes that are known, and of others.
SHARES = ((0.0, 0.0), (0.5, 0.0), (OF_KNOWN, 0.0), (OF_KNOWN, OF_OTHERS), (1.0, 1.0))


def cues_of(turn: Turn) -> np.ndarray:
    """(K, C) of each attribute."""
    return cues(turn.history)


def loss_of(found: Tensor, some: Sequence[Turn]) -> Tensor:
    """(B,) surprise at what is named, its direction and its size."""
    mean, mask, scored = (
        torch.from_numpy(np.stack([getattr(turn.target, f"attribute_{name}") for turn in some])).to(found.device)
        for name in ("mean", "mask", "scored")
    )
    surprise = nn.functional.binary_cross_entropy_with_logits
    named = (scored * surprise(found[..., 0], mask, reduction="none")).sum(1)
    sided = mask * scored * (mean.abs() > SIDED)
    more = (sided * surprise(found[..., 1], (mean > 0).float(), reduction="none")).sum(1)
    size = (sided * (nn.functional.softplus(found[..., 2]) - mean.abs()).abs()).sum(1)
    many = (mask * scored).sum(1).clamp(min=1)
    return named / many.sqrt() + OF_SIDE * more / many + OF_SIZE * size / many


def sides(asked: Asked, changed_from: float) -> np.ndarray:
    """(K,) -1, 0, 1: what becomes of each attribute."""
    named = asked.named >= np.log(changed_from / (1 - changed_from))
    return np.where(named, np.where(asked.more > 0, 1, -1), 0)


def score(name: str, asked: Sequence[Asked], some: Sequence[Turn], changed_from: float) -> None:
    """Print how many changes of attributes and turns are right, and what is changed that nobody speaks of."""
    changes, whole, stray = [], [], []
    for each, turn in zip(asked, some, strict=True):
        target = turn.target
        found = sides(each, changed_from)
        sided = (target.attribute_mask > 0) & (target.attribute_scored > 0) & (np.abs(target.attribute_mean) > SIDED)
        right = found[sided] == np.sign(target.attribute_mean[sided])
        changes += right.tolist()
        if sided.any():
            whole.append(bool(right.all()))
        elif not target.attribute_mask.any() and not target.millimetres:
            stray.append(bool(found.any()))
    shares = f"changes {np.mean(changes):.3f} of {len(changes)}, all of a turn {np.mean(whole):.3f} of {len(whole)}"
    print(f"{name}: {shares}, turns without any that change some {np.mean(stray):.3f} of {len(stray)}")


def heads_of(held: Sequence[Turn]) -> list[Asked]:
    """What the face head alone says of each turn."""
    return [asked_by(*_of_head(out)) for out in of_the_head(held)]


def tell(
    heads: Sequence[Asked],
    own: np.ndarray,
    held: Sequence[Turn],
    shares: tuple[float, float] = (OF_KNOWN, OF_OTHERS),
    changed_from: float = CHANGED_FROM,
) -> None:
    """Print the scores of the face head joined with what the networks say (D, K, 3), by their shares."""
    joined = [
        head.joined(Asked(net[:, 0], net[:, 1], np.logaddexp(0, net[:, 2])), np.where(known(turn.history), *shares))
        for head, net, turn in zip(heads, own, held, strict=True)
    ]
    score(f"shares of the network {shares}, changed from {changed_from}", joined, held, changed_from)


def main() -> None:
    """Score or fit."""
    options = steps_command.options(__doc__, others=True)
    texts, held = [*turns(False), *drawn(), *sentences()], turns(True)
    if options.step == "states":
        write_states(options.folder, list({key_of(each): each for each in [*held, *texts]}.values()), options.others)
        return
    states = States(options.folder)
    texts, held = states.kept(texts), states.kept(held)
    parts = np.eye(len(NETWORK_ATTRIBUTES))
    nets = [learn(states, texts, cues_of, parts, 3, loss_of, seed, EPOCHS) for seed in range(NETWORKS)]
    heads, own = heads_of(held), read(nets, states, held, cues_of)
    for shares, changed_from in itertools.product(SHARES, (CHANGED_FROM, 0.12, 0.15)):
        tell(heads, own, held, shares, changed_from)
    if options.step == "fit":
        print(write(nets, ATTRIBUTE_NETWORK))


def _of_head(out: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (K, classes) and sizes (K,)."""
    odds = out["attribute_class"]
    assert odds.shape[1] == len(CLASSES)
    odds = np.exp(odds - odds.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True), out["attribute_size"]


if __name__ == "__main__":
    main()
