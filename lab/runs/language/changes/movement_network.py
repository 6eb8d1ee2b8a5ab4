"""Make assets/networks/movement_network.npz: what a turn does to each movement, from states and what the face shows.

Learns from the turns of corpus/conversations that change a head, from drawn ones (movement_turns.py) and from sentences
that stand alone; whole voices or conversations of corpus/conversations only measure.

    python -m lab.runs.language.changes.movement_network states FOLDER   # the states of all texts, once
    python -m lab.runs.language.changes.movement_network score FOLDER  # learn, score what is held out
    python -m lab.runs.language.changes.movement_network fit FOLDER                        # the same, and write
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.language.reading.movement_network import MOVEMENT_NETWORK, NAMED_FROM, OF_KNOWN, OF_OTHERS, Moved, Worn
from facegpt_lab.evaluate.judges.nearest_emotion import AT_REST
from lab.runs.language import steps_command
from lab.runs.language.changes.item_network import learn, read, write
from lab.runs.language.changes.turns import Turn, drawn, of_the_head, sentences, turns
from lab.runs.language.states_network import States, key_of, write_states

EPOCHS, NETWORKS = 10, 2
#: What a strength and a rest count beside what is named.
OF_WEIGHT, OF_REST = 1.5, 1.0
#: Shares that are scored: of movements that are known, and of others.
SHARES = ((0.0, 0.0), (0.5, 0.5), (0.7, 0.4), (0.85, 0.4), (OF_KNOWN, OF_OTHERS), (1.0, 1.0))


def parts_of_movements() -> np.ndarray:
    """(52, P) each movement is what it is for both sides, and its side."""
    plain = [name.removesuffix("Left").removesuffix("Right") for name in ARKIT_NAMES]
    paired = [mirror_arkit_name(name) != name for name in ARKIT_NAMES]
    bases = [base if two else name for base, name, two in zip(plain, ARKIT_NAMES, paired, strict=True)]
    kinds = sorted(set(bases))
    parts = np.zeros((len(bases), len(kinds) + 2))
    for k, (base, name, two) in enumerate(zip(bases, ARKIT_NAMES, paired, strict=True)):
        parts[k, kinds.index(base)] = 1
        if two:
            parts[k, len(kinds) + name.endswith("Right")] = 1
    return parts


def cues_of(turn: Turn) -> np.ndarray:
    """(52, C) of each movement."""
    return Worn(turn.shows, turn.history.wore).cues()


def loss_of(found: Tensor, some: Sequence[Turn]) -> Tensor:
    """(B,) surprise at what is named, at rest, and at weights."""
    gate, value = (
        torch.from_numpy(np.stack([getattr(turn.target, name) for turn in some])).to(found.device)
        for name in ("expression_gate", "expression")
    )
    surprise = nn.functional.binary_cross_entropy_with_logits
    named = surprise(found[..., 0], gate, reduction="none").sum(1)
    rest = (gate * surprise(found[..., 1], (value == 0).float(), reduction="none")).sum(1)
    moved = gate * (value > 0)
    off = (moved * 8 * (found[..., 2].sigmoid() - value).square()).sum(1)
    many = gate.sum(1).clamp(min=1)
    return named / many.sqrt() + OF_REST * rest / many + OF_WEIGHT * off / many


def shown(moved: Moved, turn: Turn, named_from: float) -> np.ndarray:
    """(52,) what the face shows after a turn."""
    weight, named = moved.shown(named_from)
    return np.where(named, weight, turn.shows)


def is_right(after: np.ndarray, turn: Turn) -> bool:
    """Whether what is asked is shown, by the rule of docs/facegpt-bench.md: halfway there, or at rest."""
    now, asked, gate = turn.shows, turn.target.expression, turn.target.expression_gate > 0
    halfway = (now + asked) / 2
    there = np.where(asked >= now, after >= halfway, after <= halfway)
    there = np.where(now <= AT_REST, after >= asked / 2, there)
    return bool(np.where(asked > 0, there, after <= np.maximum(AT_REST, now / 2))[gate].all())


def score(name: str, moved: Sequence[Moved], some: Sequence[Turn], named_from: float) -> None:
    """Print how many turns that move a face are right, and how many turns move what they don't speak of."""
    after = [shown(each, turn, named_from) for each, turn in zip(moved, some, strict=True)]
    pairs = [(each, turn) for each, turn in zip(after, some, strict=True)]
    moving = [(each, turn) for each, turn in pairs if turn.target.expression_gate.any()]
    quiet = [(each, turn) for each, turn in pairs if not turn.target.expression_gate.any() and not turn.target.emotion]

    def stray(each: np.ndarray, turn: Turn) -> bool:
        return bool((np.abs(each - turn.shows) > AT_REST)[turn.target.expression_gate == 0].any())

    right = [is_right(*pair) for pair in moving]
    of_worn = [ok for ok, (_, turn) in zip(right, moving, strict=True) if is_of_worn(turn)]
    clean = np.mean([ok and not stray(*pair) for ok, pair in zip(right, moving, strict=True)])
    shares = f"{np.mean(right):.3f} of {len(right)}, of what is worn {np.mean(of_worn):.3f} of {len(of_worn)}"
    moved_too = f"{np.mean([stray(*pair) for pair in quiet]):.3f} of {len(quiet)}"
    print(f"{name}: right {shares}, with nothing else moved {clean:.3f}; moved where nothing should {moved_too}")


def is_of_worn(turn: Turn) -> bool:
    """Whether a turn is about what the face shows already."""
    return bool((turn.shows[turn.target.expression_gate > 0] > AT_REST).any())


def heads_of(held: Sequence[Turn]) -> list[Moved]:
    """What the face head alone says of each turn."""
    return [Moved(*(out[name] for name in ("gate", "at_rest", "weight"))) for out in of_the_head(held)]


def tell(
    heads: Sequence[Moved],
    own: np.ndarray,
    held: Sequence[Turn],
    shares: tuple[float, float] = (OF_KNOWN, OF_OTHERS),
    named_from: float = NAMED_FROM,
) -> None:
    """Print the scores of the face head joined with what the networks say (D, 52, 3), by their shares."""
    each = [np.where(Worn(turn.shows, turn.history.wore).known(), *shares) for turn in held]
    both = [a.joined(Moved(*b.T), share) for a, b, share in zip(heads, own, each, strict=True)]
    score(f"shares of the network {shares}, named from {named_from}", both, held, named_from)


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__, others=True)
    texts, held = [*turns(False), *drawn(), *sentences()], turns(True)
    if options.step == "states":
        write_states(options.folder, list({key_of(each): each for each in [*held, *texts]}.values()), options.others)
        return
    states = States(options.folder)
    texts, held = ([turn for turn in states.kept(some) if turn.target.expression_scored] for some in (texts, held))
    parts = parts_of_movements()
    nets = [learn(states, texts, cues_of, parts, 3, loss_of, seed, EPOCHS) for seed in range(NETWORKS)]
    heads, own = heads_of(held), read(nets, states, held, cues_of)
    for shares, named_from in itertools.product(SHARES, (0.1, NAMED_FROM, 0.15, 0.2)):
        tell(heads, own, held, shares, named_from)
    if options.step == "fit":
        print(write(nets, MOVEMENT_NETWORK))


if __name__ == "__main__":
    main()
