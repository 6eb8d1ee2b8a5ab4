"""Let the shipped hair network learn on from the last file of corpus/hair, beside a part of the other texts.

Anew it takes the states of all texts (network.py); this takes those of some 1,500.

    python -m lab.runs.language.hair.learn_on FOLDER            # learns, scores before and after
    python -m lab.runs.language.hair.learn_on FOLDER --write    # and writes assets/networks/hair_network.npz
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch

from facegpt.language.reading.hair.classifier import HAIR_NETWORK, OUTPUTS, load_hair_classifier
from facegpt_lab.synthesis.texts.corpus import corpus_files
from lab.runs.language.hair import network
from lab.runs.language.hair.network import Read
from lab.runs.language.hair.texts import hair_docs
from lab.runs.language.states_network import Network, States, key_of, part_way, weights_of, write, write_states
from lab.runs.language.together.tasks import warm

#: How many of the other texts come beside the new ones; rounds, times that each new text is read in one, batch, rate.
OLDER, ROUNDS, TIMES, BATCH, RATE = 1300, 5, 2, 32, 3e-4
_MODULES = 3


def texts_of(rng: Random) -> tuple[list[Read], list[Read]]:
    """The texts of the last file, and some of all others."""
    last = [file for file in corpus_files() if file.parent.name == "hair"][-1]
    new = {json.loads(line)["text"] for line in last.read_text(encoding="utf-8").splitlines()}
    docs = hair_docs("train")
    older = [Read(doc.text, (), doc) for doc in docs if doc.text not in new] + network.of_conversations(measuring=False)
    return [Read(doc.text, (), doc) for doc in docs if doc.text in new], rng.sample(older, OLDER)


def learnt_on(net: Network, states: States, texts: Sequence[Read], way: float, seed: int) -> Network:
    """A network that learnt on, `way` of the way."""
    begun, rng = weights_of(net), np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(net.train().parameters(), lr=RATE, weight_decay=0.01)
    task, counts = network.task_of(texts)
    said = torch.from_numpy(task.right.astype(np.float32))
    for _ in range(ROUNDS):
        order = rng.permutation(len(texts))
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            loss = network.surprise(net.scores(*network.batch_of(states, task, rows)), said[rows], counts[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    part_way(net, begun, way)
    return net.eval()


def main() -> None:
    """Keep states, learn, score, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--way", type=float, default=0.7, help="how far to go from the shipped weights to those learnt")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    new, older = texts_of(Random(0))
    held = [Read(doc.text, (), doc) for doc in hair_docs("validation")]
    every = list({key_of(each): each for each in (*new, *older, *held)}.values())
    write_states(options.folder, every, [options.folder], of_faces=True)
    states, classifier = States(options.folder), load_hair_classifier()
    size, contexts = states.all.shape[1] * states.all.shape[2], 1
    nets = [warm(Network(size, contexts, len(OUTPUTS), votes=True), HAIR_NETWORK, k).eval() for k in range(_MODULES)]
    for when in ("before", "after"):
        for name, some in (("new", new), ("held out", held)):
            words = np.stack([classifier.odds(each.text, each.doc.is_edit) for each in some])
            both = (words + network.odds_of(nets, states, some)) / 2
            network.score(f"{when}, {name}", both, [each.doc for each in some])
        if when == "before":
            texts = [*(new * TIMES), *older]
            nets = [learnt_on(net, states, texts, options.way, seed) for seed, net in enumerate(nets)]
    if options.write:
        print(write(nets, HAIR_NETWORK))


if __name__ == "__main__":
    main()
