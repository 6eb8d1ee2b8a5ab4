"""Make language/accepted_emotions.csv: how often sentences that name one emotion accept another, of the training side.

python -m lab.runs.language.accepted_emotions
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

import facegpt
from facegpt.language.targets import EMOTIONS
from facegpt_lab.synthesis.texts.corpus import load_corpus

FILE = Path(facegpt.__file__).parent / "language/accepted_emotions.csv"


def main() -> None:
    """Write a row for each emotion: the share of its sentences that accept each."""
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)))
    sentences = np.zeros(len(EMOTIONS))
    for record in load_corpus("train"):
        target = record.target()
        if target.known and target.emotion_scored and target.emotion:
            counts[target.emotion] += target.emotion_accepted > 0
            sentences[target.emotion] += 1
    shares = counts / np.maximum(sentences, 1)[:, None]
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("named", *EMOTIONS[1:]))
        for k, name in enumerate(EMOTIONS[1:], start=1):
            rows.writerow((name, *(f"{share:.3f}" for share in shares[k, 1:])))


if __name__ == "__main__":
    main()
