"""The base model's own words, kept short: whole sentences, no circles, no numbers that nobody gave."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.small_talk import UNKNOWN

#: From so many words on, an answer ends with the sentence that it is in; so many at most.
ENOUGH_WORDS, MOST_WORDS = 45, 110
#: A run of so many words that comes again so often is a circle.
RUN, MOST_RUNS = 4, 2


def in_own_words(model: Maker, text: str, say: Callable[[str], None]) -> str:
    """Answer freely, sentence by sentence."""
    told: list[str] = []
    rest = ""
    for piece in model.language.stream([{"role": "user", "content": text}]):
        rest += piece
        *whole, rest = re.split(r"(?<=[.!?])(?=\s)", rest)
        for sentence in whole:
            if not _fits([*told, sentence]):
                return "".join(told) or UNKNOWN["off_topic"]
            told.append(sentence)
            say(sentence)
        if len("".join(told).split()) >= ENOUGH_WORDS:
            return "".join(told)
    if rest.strip() and (not told or rest.rstrip()[-1:] in ".!?") and _fits([*told, rest]):
        told.append(rest)
        say(rest)
    return "".join(told) or UNKNOWN["off_topic"]


def _fits(sentences: list[str]) -> bool:
    """Whether sentences don't go in circles and are not too many."""
    said = " ".join(sentences).lower().split()
    runs = Counter(tuple(said[k : k + RUN]) for k in range(len(said) - RUN + 1))
    return len(said) <= MOST_WORDS and max(runs.values(), default=0) <= MOST_RUNS
