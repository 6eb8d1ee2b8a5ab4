"""Let a shipped network that reads one text learn on: from the last rows of its table, beside a part of the older ones.

Anew they take the states of all texts; this takes those of some 1,500.

    python -m lab.runs.language.learn_on conditions FOLDER --rows 276          # learns, scores before and after
    python -m lab.runs.language.learn_on characters FOLDER --rows 664 --write  # and writes the asset
    python -m lab.runs.language.learn_on characters FOLDER --rows 349 --alone --texts 300 200 90  # a third of the time
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from facegpt.assets import load_arrays
from facegpt.language.looks.characters import CHARACTERS_NETWORK
from facegpt.language.reading.conditions_network import CONDITIONS_NETWORK
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import conditions_network as conditions
from lab.runs.language.looks import characters_network as characters
from lab.runs.language.states_network import (
    States,
    key_of,
    learn,
    log_odds,
    network_for,
    part_way,
    weights_of,
    write,
    write_states,
)
from lab.runs.language.together.tasks import warm

#: The most texts made of new rows, how many older ones come beside them, and how many of each measure.
TEXTS = (1200, 900, 250)
#: Rounds; batch; rate.
EPOCHS, BATCH, RATE = 8, 32, 5e-4
#: Name → module of the task, its asset, its table.
TASKS = {
    "conditions": (conditions, CONDITIONS_NETWORK, "conditions.csv"),
    "characters": (characters, CHARACTERS_NETWORK, "characters.csv"),
}


def texts_of(name: str) -> tuple[list[Any], list[Any]]:
    """The texts that are learnt from, and those that measure."""
    if name == "conditions":
        return conditions.requests(False), conditions.requests(True)
    every = characters.requests()
    return [each for each in every if not each.held], [each for each in every if each.held]


def chosen(
    name: str, table: str, rows: int, most: Sequence[int], alone: bool
) -> tuple[list[Any], list[Any], list[Any]]:
    """Texts made of the last rows and a part of the older ones; those that measure: of new rows, of older ones.

    most: TEXTS. alone: whether new rows are read as they are, not beside traits.
    """
    with (corpus_folder() / table).open(newline="", encoding="utf-8") as file:
        new = [row["text"].rstrip(".") for row in csv.DictReader(file)][-rows:]
    rng, (learnt, held) = Random(0), texts_of(name)
    sides = [([e for e in some if _is_of(e, new)], [e for e in some if not _is_of(e, new)]) for some in (learnt, held)]
    (fresh, old), (fresh_held, old_held) = sides
    if alone:
        fresh, fresh_held = ([each for each in some if each.text in new] for some in (fresh, fresh_held))
    counts = ((fresh, most[0]), (old, most[1]), (fresh_held, most[2]), (old_held, most[2]))
    fresh, old, fresh_held, old_held = (rng.sample(some, min(count, len(some))) for some, count in counts)
    return [*fresh, *old], fresh_held, old_held


def _is_of(each: Any, new: Sequence[str]) -> bool:
    return any(text in each.text for text in new)


def scored(module: Any, nets: Sequence[Any], states: States, held: Sequence[Any]) -> str:
    """How often the right outcome is the likeliest, and how surely."""
    task = module.task_of(held)
    odds = log_odds(nets, states, task)
    right = task.right[np.arange(len(held)), odds.argmax(1)]
    loss = -np.where(task.right, odds, -np.inf).max(1).mean()
    return f"{right.mean():.3f} of {len(held)} right, loss {loss:.2f}"


def learnt_on(
    states: States, task: Any, asset: str, way: float, tell: Callable[[str, Sequence[Any]], None]
) -> list[Any]:
    """The shipped networks of an asset that learnt on, `way` of the way; tell: is given them before and after."""
    count = len(load_arrays(asset)["project"])
    nets = [warm(network_for(states, task), asset, k).eval() for k in range(count)]
    tell("before", nets)
    begun = [weights_of(net) for net in nets]
    nets = [learn(states, task, seed, EPOCHS, BATCH, net, RATE) for seed, net in enumerate(nets)]
    for net, start in zip(nets, begun, strict=True):
        part_way(net, start, way)
    tell("after", nets)
    return nets


def main() -> None:
    """Keep states, learn, score, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=TASKS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True, help="how many rows at the end of the table are new")
    parser.add_argument("--alone", action="store_true", help="without traits beside the new rows")
    parser.add_argument("--texts", type=int, nargs=3, default=TEXTS, help="new ones, older ones, of each to measure")
    parser.add_argument("--way", type=float, default=1.0, help="how far to go from the shipped weights to those learnt")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    module, asset, table = TASKS[options.name]
    learnt, fresh, old = chosen(options.name, table, options.rows, options.texts, options.alone)
    write_states(options.folder, list({key_of(each): each for each in (*learnt, *fresh, *old)}.values()))
    states, task = States(options.folder), module.task_of(learnt)

    def tell(when: str, nets: Sequence[Any]) -> None:
        print(when, json.dumps({"new": scored(module, nets, states, fresh), "old": scored(module, nets, states, old)}))

    nets = learnt_on(states, task, asset, options.way, tell)
    if options.write:
        print(write(nets, asset))


if __name__ == "__main__":
    main()
