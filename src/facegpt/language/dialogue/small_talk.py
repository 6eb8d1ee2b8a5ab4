"""Small talk and what the program can do: the written answer whose question is most like what was said.

The answers are written ones (small_talk.csv), so that they are short, true of this program and never go in circles.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise

#: The act of written questions for what was changed; their answer is told from the conversation.
HISTORY = "history"
#: The act of answers to wishes for what other verbs of the program do, or none, by beyond.KINDS.
BEYOND = "beyond"
#: From this likeness on, a written answer fits; what is said where none does.
ALIKE = 0.42
#: From this likeness on, a question is one of the program, though it may sound like one of a head: of 7,000 turns
#: of the corpus that ask something else, 9 come to more.
SURELY = 0.65
#: The same where the turn was taken for a question about the world.
SURELY_ALIKE = 0.6
UNKNOWN = {
    "small_talk": "All right. Tell me what face to make, or what to change.",
    "ability": "I make, change and measure heads, from words or photos. Other things I can't do.",
    "off_topic": "I am a small model for faces and don't know that. I can make, change and measure heads.",
}


@dataclass(frozen=True)
class Exchange:
    """A written question or remark with its act and answer."""

    act: str
    user: str
    reply: str


@lru_cache(maxsize=1)
def _exchanges() -> tuple[tuple[Exchange, ...], dict[str, float], tuple[dict[str, float], ...]]:
    """The written exchanges, how rare each feature is, and their weighted features."""
    text = (resources.files("facegpt.language.dialogue") / "small_talk.csv").read_text(encoding="utf-8")
    rows = tuple(Exchange(**row) for row in csv.DictReader(text.splitlines()))
    named = [_features(row.user) for row in rows]
    often = Counter(name for names in named for name in names)
    rare = {name: math.log(1 + len(rows) / count) for name, count in often.items()}
    return rows, rare, tuple(_weighted(names, rare) for names in named)


def _features(text: str) -> set[str]:
    plain = text.lower().replace("’", "'")
    words = re.findall(r"[^\W_]+(?:'\w+)?", plain)
    signs = {c for c in plain if not c.isalnum() and ord(c) > 0x2000 and c != "\ufe0f"}
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    return {*words, *pairs, *signs, *(f"{word[:4]}-" for word in words if len(word) > 4)}


def _weighted(names: set[str], rare: dict[str, float]) -> dict[str, float]:
    unknown = max(rare.values(), default=1.0)
    weights = {name: rare.get(name, unknown) * (0.6 if " " in name else 1.0) for name in names}
    size = math.sqrt(sum(w * w for w in weights.values())) or 1.0
    return {name: w / size for name, w in weights.items()}


@lru_cache(maxsize=8)
def nearest(text: str, *acts: str) -> tuple[float, Exchange]:
    """How like the nearest written remark is (0..1), and it; among some acts, or all."""
    rows, rare, weights = _exchanges()
    said = _weighted(_features(text), rare)
    scores = [
        (sum(said.get(name, 0.0) * w for name, w in each.items()), k)
        for k, each in enumerate(weights)
        if not acts or rows[k].act in acts
    ]
    score, place = max(scores, key=lambda pair: (pair[0], -pair[1]))
    return score, rows[place]


def asks_for_history(text: str) -> bool:
    """Whether a text is like the written questions for what was changed so far."""
    return nearest(text)[1].act == HISTORY and nearest(text, HISTORY)[0] >= ALIKE


def asks_of_the_program(text: str) -> bool:
    """Whether a text is surely one of the written questions for what the program can do, whatever else it may be."""
    score, exchange = nearest(text)
    return exchange.act == "ability" and score >= SURELY


def beyond_answer(kind: str) -> str:
    """What is said to a wish of one of beyond.KINDS; "" for "none"."""
    return next((row.reply for row in _exchanges()[0] if (row.act, row.user) == (BEYOND, f"<{kind}>")), "")


def small_answer(text: str, act: str) -> str:
    """The written answer to a remark, or what is said where none fits."""
    score, exchange = nearest(text)
    if score >= ALIKE:
        return exchange.reply
    return UNKNOWN.get(act, UNKNOWN["small_talk"])
