"""The base model's own words, kept short: whole sentences of which it is sure, without circles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from facegpt.language.dialogue.maker import Language, Maker
from facegpt.language.dialogue.small_talk import UNKNOWN

#: From so many words on, an answer ends with the sentence that it is in; so many at most.
ENOUGH_WORDS, MOST_WORDS = 45, 110
#: A run of so many words that comes again so often is a circle.
RUN, MOST_RUNS = 4, 2
#: Log-probability that every token of a sentence must have: of 91 general questions the shipped base answers half
#: rightly; of those that it is so sure of, five of six (runs/language/sure_of_facts.py).
SURE = -1.13


def in_own_words(model: Maker, text: str, say: Callable[[str], None]) -> str:
    """Answer freely, sentence by sentence, as long as the base is sure; else say that this is not what it knows."""
    told: list[str] = []
    for sentence in sentences_of(model.language, text):
        said = "".join(told)
        if not _fits([*told, sentence]) or model.language.least_sure(text, said, sentence) < SURE:
            break
        told.append(sentence)
        say(sentence)
        if len(f"{said}{sentence}".split()) >= ENOUGH_WORDS:
            break
    return "".join(told) or UNKNOWN["off_topic"]


def sentences_of(language: Language, text: str) -> Iterator[str]:
    """The whole sentences of the base's answer to a text; one that was cut off only if it is the only one."""
    rest, some = "", False
    for piece in language.stream([{"role": "user", "content": text}]):
        rest += piece
        *whole, rest = re.split(r"(?<=[.!?])(?=\s)", rest)
        some = some or bool(whole)
        yield from whole
    if rest.strip() and (not some or rest.rstrip()[-1:] in ".!?"):
        yield rest


def _fits(sentences: list[str]) -> bool:
    """Whether sentences don't go in circles and are not too many."""
    said = " ".join(sentences).lower().split()
    runs = Counter(tuple(said[k : k + RUN]) for k in range(len(said) - RUN + 1))
    return len(said) <= MOST_WORDS and max(runs.values(), default=0) <= MOST_RUNS
