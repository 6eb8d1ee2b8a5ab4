"""Frames of turns with slots (corpus/conversations/frames.csv), filled: texts with what the conversation holds."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping

import numpy as np

from facegpt.language.dialogue.act_network import Before
from facegpt_lab.synthesis.texts.corpus import corpus_folder

#: How often a frame is filled.
FILLINGS = 4
_LASTS = ("new_head", "edit", "question", "small_talk", "undo")
_AT_ANY_TIME = ("question", "small_talk", "compare", "ability", "edit")
_SLOTS = {
    "part": "nose chin mouth jaw eyes ears brows lips forehead cheeks neck head lip eyebrows cheekbones hair",
    "person": "man woman girl boy guy lady witch king grandfather mother",
    "n": "two three four 5 2 3 six",
    "dim": "wide long big small wider longer thick narrow high low",
}
_PRONOUNS = (
    {"she": ["she", "it"], "he": ["she"], "her": ["her", "the woman"], "his": ["her"], "him": ["her", "this one"],
     "hers": ["hers", "his"]},
    {"she": ["he"], "he": ["he", "it"], "her": ["his", "the"], "his": ["his", "the man's"],
     "him": ["him", "the man"], "hers": ["his", "hers"]},
)  # fmt: skip


def frame_texts() -> Iterator[tuple[str, Before, str]]:
    """Each filled frame with what the conversation holds and its act."""
    rng = np.random.default_rng(0)
    with (corpus_folder() / "conversations" / "frames.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from texts_of_frame(row, rng, FILLINGS)


def texts_of_frame(
    row: Mapping[str, str], rng: np.random.Generator, fillings: int
) -> Iterator[tuple[str, Before, str]]:
    """One frame filled so many times, with what the conversation holds and its act."""
    for _ in range(fillings if "{" in row["text"] else 1):
        text = _filled(row["text"], rng)
        people = int(row["people"])
        people += int(rng.integers(0, 2)) if people else 0
        last = str(rng.choice(_LASTS)) if row["act"] in _AT_ANY_TIME else row["last"]
        yield text, Before(people, 0, last), row["act"]


def _filled(frame: str, rng: np.random.Generator) -> str:
    """A frame with words in its slots, of one sex throughout."""
    words = {**{name: row.split() for name, row in _SLOTS.items()}, **_PRONOUNS[int(rng.integers(2))]}
    return re.sub(r"\{(\w+)\}", lambda match: str(rng.choice(words[match[1]])), frame)
