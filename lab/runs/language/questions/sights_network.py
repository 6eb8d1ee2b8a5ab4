"""Make assets/networks/questions/sights_network.npz: what a question asks of a photo beside the measured head.

Learns from corpus/conversations/seen_in_photos.csv, and from questions about measures, general questions and written
turns, which ask for nothing of the kind; each at the start of a conversation or after other turns. Every fifth row of
each kind only measures.

    python -m lab.runs.language.questions.sights_network states FOLDER  # the states of all texts, once: some 4 minutes
    python -m lab.runs.language.questions.sights_network score FOLDER   # learn, score what is held out, without writing
    python -m lab.runs.language.questions.sights_network fit FOLDER     # the same, and write
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facegpt.describe.measure_words import declined
from facegpt.describe.scene_words import SIGHTS
from facegpt.language.dialogue.questions.sights_network import CONTEXT, SIGHTS_NETWORK
from facegpt.language.earlier import Earlier
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import steps_command
from lab.runs.language.questions.named_questions import names_of_texts
from lab.runs.language.states_network import States, Task, key_of, learn, log_odds, write, write_states

EPOCHS, BATCH, NETWORKS, EVERY = 24, 32, 1, 5
#: So many questions by name and written turns stand for all that asks for nothing of a photo.
NAMED, WRITTEN = 360, 360
OUTCOMES = (*SIGHTS, "nothing")
#: Written turns with these words may be about what the table is about.
_MAY_BE_SEEN = re.compile(r"\b(?:wear\w*|glasses|background|behind)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A turn and what it asks for, one of OUTCOMES."""

    text: str
    sight: str
    earlier: tuple[Earlier, ...] = ()


def turns(measuring: bool) -> list[Asked]:
    """The turns that may be learnt from, or those that measure."""
    folder = corpus_folder() / "conversations"
    found = []
    for name, column in (("seen_in_photos.csv", "text"), ("general_questions.csv", "question")):
        with (folder / name).open(newline="", encoding="utf-8") as file:
            found += [Asked(row[column], row.get("sight", "nothing")) for row in csv.DictReader(file)]
    rng = random.Random(0)
    by_name = sorted(names_of_texts())
    before = [Earlier(each.text, "question" if each.sight != "nothing" else "off topic") for each in found]
    before += [Earlier(text, f"{name.replace('_', ' ')}?") for name, text in rng.sample(by_name, NAMED)]
    before += [Earlier(text, act) for text, act in _requests(folder)]
    named = [Asked(text, "nothing") for _, text in by_name]
    talk = [Asked(text, "nothing") for text in _of_no_photo(folder)]
    found += rng.sample(named, NAMED) + rng.sample(talk, WRITTEN)
    found = [each if k % 2 else _after(each, before, rng) for k, each in enumerate(found)]
    return [each for k, each in enumerate(found) if (k % EVERY == 0) == measuring]


def _after(asked: Asked, before: Sequence[Earlier], rng: random.Random) -> Asked:
    """The same turn after one or two others."""
    return replace(asked, earlier=tuple(rng.sample(before, rng.choice((1, 1, 2)))))


def _requests(folder: Path) -> list[tuple[str, str]]:
    """Written turns that make or change a head, each with its act."""
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            turns = json.loads(line)["turns"]
            found += [(t["user"], t["act"].replace("_", " ")) for t in turns if t.get("act") in ("new_head", "edit")]
    return found


def _of_no_photo(folder: Path) -> list[str]:
    """Written turns that are about measures, small talk, or declined for what nobody should guess."""
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            for turn in json.loads(line)["turns"]:
                text, act = turn["user"], turn.get("act")
                if act in ("question", "small_talk") or (act == "decline" and declined(text)):
                    found += [] if _MAY_BE_SEEN.search(text) else [text]
    return found


def task_of(asked: Sequence[Asked]) -> Task:
    """What is learnt from some turns."""
    right = np.array([[name == each.sight for name in OUTCOMES] for each in asked])
    return Task(asked, np.tile(CONTEXT, (len(asked), 1)), right, np.ones(len(asked)))


def scored(odds: np.ndarray, asked: Sequence[Asked]) -> str:
    """How often the outcome is right, how often something is found where it is asked for, and where it is not."""
    found = [OUTCOMES[k] for k in odds.argmax(1)]
    right = np.mean([name == each.sight for name, each in zip(found, asked, strict=True)])
    wants = np.array([each.sight != "nothing" for each in asked])
    gets = np.array([name != "nothing" for name in found])
    return (
        f"{len(asked)} held-out turns: right {right:.3f}; of {wants.sum()} about photos found "
        f"{gets[wants].mean():.3f}, of {(~wants).sum()} others taken for one {gets[~wants].mean():.3f}"
    )


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__)
    learnt, held = turns(False), turns(True)
    if options.step == "states":
        write_states(options.folder, list({key_of(each): each for each in (*learnt, *held)}.values()))
        return
    states = States(options.folder)
    nets = [learn(states, task_of(learnt), seed, EPOCHS, BATCH) for seed in range(NETWORKS)]
    odds = log_odds(nets, states, task_of(held))
    print(scored(odds, held))
    for each, k in zip(held, odds.argmax(1), strict=True):
        if OUTCOMES[k] != each.sight:
            print(f"  {each.sight}: read as {OUTCOMES[k]}: {each.text}")
    if options.step == "fit":
        print(write(nets, SIGHTS_NETWORK))


if __name__ == "__main__":
    main()
