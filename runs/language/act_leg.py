"""Let the shipped act network learn on: a few words that name somebody, beside a part of what it has learnt from.

Anew, `act_network.py` takes an hour of states; this takes some ten minutes of one core.

    python -m runs.language.act_leg FOLDER            # learns, scores what is held out before and after
    python -m runs.language.act_leg FOLDER --write    # and writes assets/networks/act_network.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import nn

from facegpt.language.dialogue.act_network import ACT_NETWORK
from runs.language import act_network as acts
from runs.language.states_network import BATCH, Network, States, batch_of, key_of, log_odds, write, write_states
from runs.language.together.tasks import warm
from runs.language.written_turns import written_turns

#: How many of what was learnt from before come beside the few words, and of the held-out turns; rounds; rate.
BESIDE, HELD, EPOCHS, RATE = 7000, 700, 5, 2e-4


def main() -> None:
    """Learn, score, and write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng, written = Random(0), written_turns()
    short = acts.short_docs()
    docs = [*short, *rng.sample([*acts.turn_docs(written), *acts.frame_docs(), *acts.sentence_docs()], BESIDE)]
    held = {
        "conversations": rng.sample(acts.turn_docs(written_turns(measuring=True)), HELD),
        "corpus": acts.sentence_docs("validation"),
        "a few words": acts.short_docs(measuring=True),
    }
    every = (*docs, *(doc for some in held.values() for doc in some))
    write_states(options.folder, list({key_of(doc): doc for doc in every}.values()))
    states, task = States(options.folder), acts.task_of(docs)
    torch.manual_seed(0)
    net = Network(states.all.shape[1] * states.all.shape[2], task.contexts.shape[1], task.right.shape[1])
    warm(net, ACT_NETWORK)
    tell("before", net.eval(), states, held)
    learn(net.train(), states, task)
    tell("after", net.eval(), states, held)
    if options.write:
        print(write([net], ACT_NETWORK))


def learn(net: Network, states: States, task: acts.Task) -> None:
    """Some rounds at a low rate."""
    rng = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.02)
    wrong, weight = torch.from_numpy(~task.right), torch.from_numpy(task.weight.astype(np.float32))
    length = np.array([len(states.of(turn)) for turn in task.turns])
    steps, step = EPOCHS * -(-len(length) // BATCH), 0
    for _ in range(EPOCHS):
        order = np.argsort(length + rng.uniform(0, 6, len(length)))
        batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for rows in batches:
            optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps)
            step += 1
            said = net(*batch_of(states, task, rows)).masked_fill(wrong[rows], -1e4).logsumexp(1)
            optimizer.zero_grad()
            (-(weight[rows] * said).mean()).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()


def tell(when: str, net: Network, states: States, held: dict[str, list[acts.Doc]]) -> None:
    """Print the scores of held-out turns."""
    for name, docs in held.items():
        print(when, name, acts.scored(log_odds([net], states, acts.task_of(docs)), docs), flush=True)


if __name__ == "__main__":
    main()
