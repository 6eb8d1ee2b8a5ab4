"""How often the base's first sentence on a general question is right, by how sure it is of it.

    python -m lab.runs.language.sure_of_facts       # some six minutes of one core

The questions are those of corpus/conversations/general_questions.csv, each with the words of which one must stand in
the answer. None of the thresholds is good enough, so that dialogue/talking.py says a caution behind each answer.
"""

from __future__ import annotations

import csv
import re

import numpy as np
import torch

from facegpt.language.loading import load_language_model
from facegpt.language.talkers.embedded import EmbeddedTalker
from facegpt_lab.synthesis.texts.corpus import corpus_folder


def answered_rightly(sentence: str, words: str) -> bool:
    """Whether one of some words, split by |, stands in a sentence."""
    return any(re.search(rf"(?<!\w){re.escape(word)}", sentence, re.IGNORECASE) for word in words.split("|"))


def main() -> None:
    """Ask, and print the share of right ones from several thresholds on."""
    torch.set_num_threads(1)
    talker = EmbeddedTalker(load_language_model())
    rows = list(
        csv.DictReader((corpus_folder() / "conversations" / "general_questions.csv").read_text("utf-8").splitlines())
    )
    right, sure = np.zeros(len(rows), bool), np.zeros(len(rows))
    for k, row in enumerate(rows):
        spoken = talker.speak([{"role": "user", "content": row["question"]}], lambda piece: None)
        right[k] = answered_rightly(re.split(r"(?<=[.!?])\s", spoken.text)[0], row["answer"])
        sure[k] = -np.inf if spoken.sure is None else spoken.sure
    for least in (-np.inf, -2.0, -1.5, -1.13, -0.9, -0.5):
        chosen = sure >= least
        print(
            f"sure from {least:.2f}: {chosen.sum()} of {len(rows)} answered, {right[chosen].mean():.2f} of them rightly"
        )


if __name__ == "__main__":
    main()
