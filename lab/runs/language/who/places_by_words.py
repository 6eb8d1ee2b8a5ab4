"""Where in a request another person begins, by its words alone: stages the written conversations for training.

The weights beside this file are learnt by several_people.py. In use the package's network of states tells it
(facegpt/language/dialogue/who/people_network.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from facegpt.language.dialogue.regression import scores_of
from facegpt.language.dialogue.turns import PEOPLE, PERSON
from facegpt.language.dialogue.who.counts import how_many
from facegpt.language.dialogue.who.people_network import places
from facegpt.language.numbers import COUNTS
from facegpt.language.parts import PARTS
from facegpt.types import Array

#: The weights.
SEVERAL_PEOPLE = Path(__file__).with_name("several_people.npz")
TOKEN = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|\d+|[^\w\s]")
_KIN = "mum|mom|dad|wife|husband|uncle|aunt|niece|nephew|cousin|friend|son|daughter|brother|sister|twins?|dude|gal"
_PERSON = re.compile(rf"(?:{PERSON}|{_KIN})", re.IGNORECASE)
_PEOPLE = re.compile(rf"(?:{PEOPLE}|couple|pair|trio|twins|siblings|friends|ppl|npcs)", re.IGNORECASE)
_SMALL = frozenset(list(COUNTS)[1:10]) | frozenset("23456789")
_FAR = 4


@dataclass(frozen=True)
class Word:
    """A word or sign of a text: as typed, its place, its kind."""

    text: str
    start: int
    kind: str


def words_of(text: str) -> list[Word]:
    """The words and signs of a text."""
    found = list(TOKEN.finditer(text))
    before = [""] + [m[0] for m in found]
    return [Word(m[0], m.start(), _kind(m[0], last)) for m, last in zip(found, before, strict=False)]


def _kind(word: str, last: str) -> str:
    lower = word.lower()
    if not word[0].isalnum():
        return "<sign>"
    if word[0].isdigit() or lower in COUNTS:
        return "<number>"
    if _PEOPLE.fullmatch(lower):
        return "<people>"
    if _PERSON.fullmatch(lower):
        return "<person>"
    if lower in PARTS:
        return "<part>"
    capital = word[0].isupper() and not word.isupper() and len(word) > 1
    return "<name>" if capital and last and last not in ".!?" else "<Name>" if capital else lower


def features_of_places(words: Sequence[Word]) -> list[list[str]]:
    """Names of the features of each word as a place where somebody begins."""
    kinds, said = [word.kind for word in words], [word.text.lower() for word in words]
    count = int(any(word in _SMALL or word in ("pair", "couple", "both", "trio") for word in said))
    people = int("<people>" in kinds)
    rows = []
    for k in range(len(words)):
        around = {j: said[k + j] if 0 <= k + j < len(words) else "^$" for j in range(-3, 4)}
        about = {j: kinds[k + j] if 0 <= k + j < len(words) else "^$" for j in range(-3, 4)}
        row = {"bias", f"count={count} people={people}"}
        row |= {f"{j} {word}" for j, word in around.items()} | {f"{j} {kind}" for j, kind in about.items()}
        row |= {f"{j} {about[j]} {about[j + 1]}" for j in range(-3, 3)}
        row |= {f"{j} {around[j]} {around[j + 1]}" for j in range(-2, 2)}
        row |= {f"{about[-1]} {about[0]} {about[1]} {about[2]}", f"{about[-2]} {about[-1]} {about[0]} {about[1]}"}
        before = min(sum(kind in ("<person>", "<name>") for kind in kinds[:k]), 2)
        echo = int(said[k] in said[:k]) + 2 * int(said[k] in said[k + 1 :])
        ahead = next((j for j, kind in enumerate(kinds[k : k + _FAR]) if kind == "<person>"), _FAR)
        since = next((j for j, kind in enumerate(reversed(kinds[max(0, k - _FAR) : k])) if kind == "<person>"), _FAR)
        facts = (f"before={before}", f"echo={echo}", f"ahead={ahead}", f"since={since}", f"start={int(k == 0)}")
        row |= {*facts, *(f"{a} {b}" for a, b in pairwise(facts))}
        row |= {f"{fact} {about[-1]}" for fact in facts} | {f"{fact} {around[-1]} {about[0]}" for fact in facts}
        row |= {f"{fact} count={count} people={people}" for fact in facts}
        rows.append(sorted(row))
    return rows


@dataclass(frozen=True)
class PlaceClassifier:
    """Weights (features, 3) with the row of each feature."""

    rows: Mapping[str, int]
    weights: Array

    def begins(self, text: str, count: int = 0) -> list[int]:
        """Places in a text where people begin, two or more; [] where it speaks of one. count: of these, where known."""
        words = words_of(text)
        odds = np.zeros((len(words), 3))
        for k, names in enumerate(features_of_places(words)):
            odds[k] = scores_of(names, self.rows, self.weights)
        return [words[k].start for k in places(odds, count or how_many(text))]


@lru_cache(maxsize=1)
def load_place_classifier() -> PlaceClassifier:
    """The weights beside this file."""
    with np.load(SEVERAL_PEOPLE) as arrays:
        names = bytes(arrays["features"]).decode("utf-8").split("\n")
        return PlaceClassifier({name: row for row, name in enumerate(names)}, arrays["weights"])
