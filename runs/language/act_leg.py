"""Let the shipped act network learn on: a few words that name somebody, beside a part of what it has learnt from.

Anew, `act_network.py` takes an hour of states; this takes some ten minutes of one core.

    python -m runs.language.act_leg FOLDER            # learns, scores what is held out before and after
    python -m runs.language.act_leg FOLDER --write    # and writes assets/networks/act_network.npz
    python -m runs.language.act_leg FOLDER --also corpus/conversations/who_and_which.jsonl    # with all of a new file
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

import torch

from facegpt.language.dialogue.act_network import ACT_NETWORK
from facegpt.synthesis.texts.conversations import talks_of
from runs.language import act_network as acts
from runs.language.states_network import (
    Network,
    States,
    key_of,
    learn,
    log_odds,
    network_for,
    write,
    write_states,
)
from runs.language.together.tasks import warm
from runs.language.written_turns import written_turns

#: How many of what was learnt from before come beside the few words by default, and of held-out turns; rounds; rate.
BESIDE, HELD, EPOCHS, RATE = 7000, 700, 5, 2e-4


def main() -> None:
    """Learn, score, and write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--beside", type=int, default=BESIDE, help="texts beside those of a few words")
    parser.add_argument("--also", type=Path, nargs="*", default=(), help="files of conversations that all is learnt of")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng, written = Random(0), written_turns()
    short = acts.short_docs()
    said = {turn["user"] for file in options.also for talk in talks_of(file) for turn in talk["turns"]}
    turns = acts.turn_docs(written)
    new = [doc for doc in turns if doc.text in said]
    old = [*(doc for doc in turns if doc.text not in said), *acts.frame_docs(), *acts.sentence_docs()]
    docs = [*short, *new, *rng.sample(old, options.beside)]
    held = {
        "conversations": rng.sample(acts.turn_docs(written_turns(measuring=True)), HELD),
        "corpus": acts.sentence_docs("validation"),
        "a few words": acts.short_docs(measuring=True),
    }
    every = (*docs, *(doc for some in held.values() for doc in some))
    write_states(options.folder, list({key_of(doc): doc for doc in every}.values()))
    states, task = States(options.folder), acts.task_of(docs)
    net = network_for(states, task).eval()
    warm(net, ACT_NETWORK)
    tell("before", net, states, held)
    net = learn(states, task, 0, EPOCHS, begun=net, highest=RATE)
    tell("after", net, states, held)
    if options.write:
        print(write([net], ACT_NETWORK))


def tell(when: str, net: Network, states: States, held: dict[str, list[acts.Doc]]) -> None:
    """Print the scores of held-out turns."""
    for name, docs in held.items():
        print(when, name, acts.scored(log_odds([net], states, acts.task_of(docs)), docs), flush=True)


if __name__ == "__main__":
    main()
