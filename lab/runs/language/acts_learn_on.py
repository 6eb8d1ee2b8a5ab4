"""Let the shipped network of acts learn on from the last frames of corpus/conversations/frames.csv, beside older turns.

`act_network.py fit` takes the states of some 20,000 turns; this takes those of some 3,000: five minutes of a core.
Every fifth new frame only measures. New frames come alone and after turns of written conversations.

    python -m lab.runs.language.acts_learn_on FOLDER --rows 202          # learns, scores before and after
    python -m lab.runs.language.acts_learn_on FOLDER --rows 202 --write  # and writes the asset
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from facegpt.language.dialogue.act_network import ACT_NETWORK
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language.act_network import OF_SCORED, Doc, learnt_docs, scored, sentence_docs, task_of, turn_docs
from lab.runs.language.frames import FILLINGS, texts_of_frame
from lab.runs.language.learn_on import learnt_on
from lab.runs.language.states_network import States, key_of, log_odds, write, write_states
from lab.runs.language.written_turns import Written, written_turns

#: Older turns beside the new ones; those of each kind that measure.
OLDER, MEASURE = 1800, 350
FOLDS = 5


def new_docs(rows: int, turns: Sequence[Written]) -> tuple[list[Doc], list[Doc]]:
    """The last frames, filled: those that are learnt from, and those that measure."""
    with (corpus_folder() / "conversations" / "frames.csv").open(encoding="utf-8", newline="") as file:
        frames = list(csv.DictReader(file))[-rows:]
    rng, learnt, held = Random(0), list[Doc](), list[Doc]()
    before = [turn.earlier for turn in turns if turn.earlier and len(turn.cast.people) == 1]
    for k, frame in enumerate(frames):
        for text, holds, act in texts_of_frame(frame, np.random.default_rng(k), FILLINGS // 2):
            alone = Doc(text, holds, (act,), OF_SCORED)
            (held if k % FOLDS == 0 else learnt).extend([alone, replace(alone, earlier=rng.choice(before))])
    return learnt, held


def main() -> None:
    """Keep states, learn, score, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True, help="how many frames at the end of the table are new")
    parser.add_argument("--way", type=float, default=1.0, help="how far to go from the shipped weights to those learnt")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng, turns = Random(1), written_turns()
    fresh, fresh_held = new_docs(options.rows, turns)
    old, talks, corpus = learnt_docs(turns), turn_docs(written_turns(measuring=True)), sentence_docs("validation")
    old, talks, corpus = (rng.sample(e, min(n, len(e))) for e, n in ((old, OLDER), (talks, MEASURE), (corpus, MEASURE)))
    held = {"new": fresh_held, "conversations": talks, "corpus": corpus}
    every = [*fresh, *old, *(doc for some in held.values() for doc in some)]
    write_states(options.folder, list({key_of(doc): doc for doc in every}.values()))
    states, task = States(options.folder), task_of([*fresh, *old])

    def tell(when: str, nets: Sequence[Any]) -> None:
        for name, docs in held.items():
            print(when, name, scored(log_odds(nets, states, task_of(docs)), docs), flush=True)

    nets = learnt_on(states, task, ACT_NETWORK, options.way, tell)
    if options.write:
        print(write(nets, ACT_NETWORK))


if __name__ == "__main__":
    main()
