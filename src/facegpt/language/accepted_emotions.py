"""Which emotion to take when several are possible: the one that a reader is likeliest to accept.

Words like "she has just missed the last train" allow several emotions, and a reader accepts more than the one that a
label names. accepted_emotions.csv holds how often, where the sentences of corpus/ name an emotion, each other one is
accepted beside it (`python -m lab.runs.language.accepted_emotions`).
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

import numpy as np

from facegpt.language.targets import EMOTIONS
from facegpt.types import Array

#: Weight of being accepted beside being the one that is named; chosen on the validation sentences.
ACCEPTED_SHARE = 0.35


def likeliest_emotion(probability: Array) -> int:
    """The index into EMOTIONS, not 0, of the emotion that is likeliest to be taken as right.

    Args:
        probability: (N,) of each of EMOTIONS.
    """
    named = probability[1:]
    accepted = named @ acceptance()
    return int(((1 - ACCEPTED_SHARE) * named + ACCEPTED_SHARE * accepted).argmax()) + 1


@lru_cache(maxsize=1)
def acceptance() -> Array:
    """(N - 1, N - 1) how often an emotion (column) is accepted where another (row) is named; 1 on the diagonal."""
    text = (resources.files("facegpt.language") / "accepted_emotions.csv").read_text(encoding="utf-8")
    rows = {row["named"]: row for row in csv.DictReader(text.splitlines())}
    return np.array([[float(rows[name][other]) for other in EMOTIONS[1:]] for name in EMOTIONS[1:]])
