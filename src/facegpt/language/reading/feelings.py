"""Which emotion words name: what the face head reads, joined with the reader of feelings (model/feelings_reader.py)."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array

#: How much the reader's log-probabilities count beside those of the face head; chosen on the held-out sentences.
OF_THE_READER = 0.5

#: Log odds of any emotion, by the face head, below which the reader is not asked: whatever it said, none would be read.
#: Words that name movements bear an emotion out. Of 5,309 texts it reads an emotion in none that is below.
NO_FEELING, NO_FEELING_BESIDE_MOVEMENTS = -2.0, -5.0


def is_doubted(of_the_head: Array, moves: bool) -> bool:
    """Whether the reader of feelings has a say.

    Args:
        of_the_head: (E,) the face head's log-probabilities.
        moves: whether the words move anything.
    """
    any_emotion = np.logaddexp.reduce(of_the_head[1:]) - of_the_head[0]
    return bool(any_emotion >= (NO_FEELING_BESIDE_MOVEMENTS if moves else NO_FEELING))


def joined_feelings(of_the_head: Array, of_the_reader: Array | None) -> Array:
    """(E,) log-probabilities of EMOTIONS, by both where both are known.

    Args:
        of_the_head: (E,) the face head's log-probabilities.
        of_the_reader: (E,) the reader's; None: the head alone says it.
    """
    if of_the_reader is None:
        return of_the_head
    joined = (1 - OF_THE_READER) * of_the_head + OF_THE_READER * of_the_reader
    return np.asarray(joined - np.logaddexp.reduce(joined))
