"""Where in a request another person begins, by logistic regression on the words around each place. No network.

The weights are learnt from requests with marks (corpus/conversations/several_people.txt) and from descriptions of one
person, alone and joined, by lab/runs/language/who/several_people.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from facegpt.language.dialogue.regression import scores_of
from facegpt.language.dialogue.turns import PEOPLE, PERSON
from facegpt.language.dialogue.who.counts import how_many
from facegpt.language.numbers import COUNTS
from facegpt.language.parts import PARTS
from facegpt.types import Array

#: The weights, in assets/.
SEVERAL_PEOPLE = "networks/several_people.npz"
#: What a word can be: of the person whom it goes on with, the first word of the first one, the first of a further one.
GOES_ON, FIRST, FURTHER = range(3)
#: Another one begins from these log odds on; so where a text counts its people; the first one of all from these.
SURE, DOUBTFUL, LED = 0.5, -2.0, -6.0
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


def places(odds: Array, count: int = 1) -> list[int]:
    """Which words begin people; [] where fewer than two do.

    Args:
        odds: (words, 3) log odds of all words.
        count: how many people the text speaks of, where it says so: then so many of the likeliest places, if there are.
    """
    surplus = odds - odds[:, [GOES_ON]]
    if count > 1:
        begins = surplus[:, [FIRST, FURTHER]].max(1)
        found = sorted(int(k) for k in np.argsort(-begins)[:count] if begins[k] > DOUBTFUL)
        if len(found) == count:
            return found
    further = [int(k) for k in np.flatnonzero(surplus[:, FURTHER] > SURE) if k]
    before = surplus[: further[0], FIRST] if further else np.zeros(0)
    found = [*([int(before.argmax())] if before.size and before.max() > LED else []), *further]
    return found if len(found) > 1 else []


@lru_cache(maxsize=1)
def load_place_classifier() -> PlaceClassifier:
    """The shipped weights."""
    from facegpt.assets import load_features

    return PlaceClassifier(*load_features(SEVERAL_PEOPLE))
