"""Which emotion words name: what the face head reads, joined with the reader of feelings (model/feelings_reader.py)."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array

#: How much the reader's log-probabilities count beside those of the face head; chosen on the held-out sentences.
OF_THE_READER = 0.5


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
