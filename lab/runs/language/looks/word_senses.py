"""Make assets/networks/looks/word_senses.npz: whether "80s" is an age or a time, and whether lipstick comes on or off.

Learns from the marked words of corpus/word_senses.csv by ridge regression on the states of a word and of the one behind
it. Every fifth wording only measures.

    python -m lab.runs.language.looks.word_senses states FOLDER  # the states of all texts, once: some 2 minutes
    python -m lab.runs.language.looks.word_senses score FOLDER   # learn, score what is held out
    python -m lab.runs.language.looks.word_senses fit FOLDER     # learn from all rows, and write
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.assets import FOLDER, register
from facegpt.language.earlier import Earlier
from facegpt.language.loading import load_language_model
from facegpt.language.reading.beyond.word_senses import SENSES, WORD_SENSES, feature_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import steps_command
from lab.runs.language.states_network import States, key_of, write_states

EVERY, RIDGE = 5, 300.0


@dataclass(frozen=True)
class Marked:
    """A text, the place of its marked word, and the sense of that: of one reader's two, 1 or -1."""

    text: str
    place: tuple[int, int]
    reader: str
    sign: int
    held: bool
    earlier: tuple[Earlier, ...] = ()


def texts() -> list[Marked]:
    """All rows of the corpus; "{80s}" marks a word."""
    found = []
    with (corpus_folder() / "word_senses.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            match = re.search(r"\{(.+?)\}", row["text"])
            assert match is not None, row["text"]
            text = row["text"].replace("{", "").replace("}", "")
            place = match.start(), match.start() + len(match[1])
            sign = 1 if row["sense"] == SENSES[row["reader"]] else -1
            found.append(Marked(text, place, row["reader"], sign, int(row["wording"]) % EVERY == 0))
    return found


def learn(features: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Weights (F + 1,) of a ridge regression, the last one constant, in the space of the rows."""
    rows = np.concatenate([features, np.ones((len(features), 1))], 1)
    return np.asarray(rows.T @ np.linalg.solve(rows @ rows.T + RIDGE * np.eye(len(rows)), signs))


def main() -> None:
    """Keep states, score or fit."""
    options = steps_command.options(__doc__)
    every = texts()
    if options.step == "states":
        write_states(options.folder, list({key_of(each): each for each in every}.values()))
        return
    states, processor = States(options.folder), load_language_model().processor
    weights = {}
    for reader in SENSES:
        rows = [each for each in every if each.reader == reader]
        read = [feature_of(each.text, states.of(each), processor.spans(each.text), each.place) for each in rows]
        features, signs = np.stack(read), np.array([each.sign for each in rows], float)
        held = np.array([each.held for each in rows])
        weights[reader] = learn(features[~held], signs[~held])
        _tell(reader, [each for each in rows if each.held], features[held], weights[reader])
        weights[reader] = learn(features, signs)
    if options.step == "fit":
        np.savez_compressed(FOLDER / WORD_SENSES, **{name: each.astype(np.float16) for name, each in weights.items()})
        print(register(WORD_SENSES))


def _tell(reader: str, held: Sequence[Marked], features: np.ndarray, weights: np.ndarray) -> None:
    """How many of the held-out words are read rightly."""
    said = np.sign(features @ weights[:-1] + weights[-1])
    wrong = [each.text for each, sign in zip(held, said, strict=True) if sign != each.sign]
    print(f"{reader}: {len(held) - len(wrong)} of {len(held)} held-out words right; wrong: {wrong}")


if __name__ == "__main__":
    main()
