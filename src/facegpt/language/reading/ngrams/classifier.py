"""The n-gram classifier: what the wordings of a text say of a head, by logistic regression. No network.

Each feature of a text (text_features.py) has weights for what it says: the sides of the attributes, sex, emotion,
movements; each number has features for its measure. The weights are those of logistic regressions with a ridge on the
training half of the corpus and on the word lists (runs/language/ngram_classifier.py), so a feature weighs by how
often it was right. Their log odds join those of the face head as a product of experts (`fuse`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.numbers import NumberSpan, find_numbers
from facegpt.language.reading.ngrams.ages import find_age
from facegpt.language.reading.ngrams.number_context import number_features_of, request_features_of
from facegpt.language.reading.ngrams.spelling import respell
from facegpt.language.reading.ngrams.text_features import Feature, features_of
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN
from facegpt.types import Array

#: The weights, in assets/.
NGRAM_CLASSIFIER = "ngram_classifier.npz"
K, E, N = len(ATTRIBUTES), len(ARKIT_NAMES), len(EMOTIONS)
#: Outputs of the second table: emotions, units named, units that must be near 0, woman, man.
OTHERS = N + 2 * E + 2
#: Outputs of the third: measures, kinds, less, more.
NUMBERS = len(MEASURES_SPOKEN) + len(MILLIMETRE_KINDS) + 2
#: How far a text counts, in characters: further words say little of the head, and time stays short.
LONGEST_TEXT = 60_000
MOST_NUMBERS = 300


@dataclass(frozen=True)
class Evidence:
    """What a text says by its wordings.

    Attributes:
        high, low: (K,) log odds that the text names that side of each attribute.
        high_start, low_start: (K,) the same for a text without any known wording.
        degree: (K,) size in SDs of what is named.
        other, other_start: (OTHERS,) log odds of emotions, units, units off, woman, man.
        age_years: (lowest, highest) where the words give it. age_is_plain: whether they can mean nothing else.
        numbers: (R, NUMBERS) log odds for each number of the text. numbers_start: (NUMBERS,).
    """

    high: Array
    low: Array
    high_start: Array
    low_start: Array
    degree: Array
    other: Array
    other_start: Array
    age_years: tuple[float, float] | None
    age_is_plain: bool
    numbers: Array
    numbers_start: Array


@dataclass(frozen=True)
class Table:
    """Sparse weights: a row for each feature, then one row of starting log odds.

    Attributes:
        rows: feature → number of its row. first: (rows + 1,) where each row starts. outputs, weights: of each entry.
        start: (outputs,) log odds of a text without known features.
    """

    rows: Mapping[str, int]
    first: Array
    outputs: Array
    weights: Array
    start: Array

    def row(self, name: str) -> tuple[Array, Array] | None:
        """The outputs and weights of a feature, None for an unknown one."""
        k = self.rows.get(name)
        if k is None:
            return None
        part = slice(self.first[k], self.first[k + 1])
        return self.outputs[part], self.weights[part]


@dataclass(frozen=True)
class NgramClassifier:
    """The three tables and the degrees.

    Attributes:
        looks: outputs 0..K-1 the high sides, K..2K-1 the low ones. others: OTHERS outputs. numbers: NUMBERS outputs.
        requests: one output, that the answer has a face.
        degrees: feature → size in SDs that it means where no word of degree stands by it.
        words: every word that it knows, for the correction of slips. english: common words that are no slips.
    """

    looks: Table
    others: Table
    numbers: Table
    requests: Table
    degrees: Mapping[str, float]
    words: frozenset[str]
    english: frozenset[str] = frozenset()

    @staticmethod
    def from_arrays(arrays: Mapping[str, Array]) -> NgramClassifier:
        """Read the arrays of ngram_classifier.npz."""
        tables = [_table(arrays, name) for name in ("looks", "others", "numbers", "requests")]
        degrees = dict(zip(tables[0].rows, arrays["degrees"].astype(float) / 50.0, strict=True))
        pieces = (word for table in tables[:2] for name in table.rows for word in re.split(r"[|~]", name))
        words = frozenset(word for word in pieces if word.isalpha())
        english = bytes(arrays["english"]).decode("utf-8").split("\n") if "english" in arrays else ()
        return NgramClassifier(tables[0], tables[1], tables[2], tables[3], degrees, words, frozenset(english))

    def respelled(self, text: str) -> str:
        """Correct the slips of a text that is not overlong."""
        return respell(text, self.words, self.english) if len(text) <= LONGEST_TEXT else text

    def read(self, text: str, looks: str | None = None) -> Evidence:
        """Read one text. Words of a special token ("<FACE>") are text as any other.

        Args:
            text: what was said.
            looks: the same without what is denied (rules.read_grammar); `text` if None.
        """
        text = text[:LONGEST_TEXT]
        right = self.respelled(text)
        features = features_of(right)
        seen = features if looks is None or looks == text else features_of(self.respelled(looks[:LONGEST_TEXT]))
        high, low, degree = self._attributes(seen)
        spans = find_numbers(text)
        start = self.looks.start
        age = find_age(right)
        return Evidence(
            high, low, start[:K], start[K:], degree,
            other=_sum(self.others, {turned_name(feature) for feature in features}), other_start=self.others.start,
            age_years=age[:2] if age else None, age_is_plain=bool(age and age[2]),
            numbers=self._numbers(text, spans),
            numbers_start=self.numbers.start,
        )  # fmt: skip

    def asks_for_face(self, text: str, face_before: bool) -> float:
        """The log odds that the answer should have a face. face_before: whether the conversation has one."""
        return float(_sum(self.requests, set(request_features_of(text[:LONGEST_TEXT], face_before)))[0])

    def _numbers(self, text: str, spans: Sequence[NumberSpan]) -> Array:
        """(R, NUMBERS) log odds; the numbers after the first hundreds are not looked at."""
        odds = np.tile(self.numbers.start, (len(spans), 1))
        for k in range(min(len(spans), MOST_NUMBERS)):
            odds[k] = _sum(self.numbers, set(number_features_of(text, spans, k)))
        return odds.reshape(-1, NUMBERS)

    def _attributes(self, features: Sequence[Feature]) -> tuple[Array, Array, Array]:
        """Log odds of both sides and the degree: of the features that say it, by their weight."""
        odds = self.looks.start.copy()
        size, sure = np.zeros(2 * K), np.full(2 * K, 1e-6)
        seen: set[tuple[str, bool]] = set()
        for feature in features:
            key = (feature.name, feature.turned)
            if feature.owned or key in seen:
                continue
            seen.add(key)
            found = self.looks.row(feature.name)
            if found is None:
                continue
            at = (found[0] + K) % (2 * K) if feature.turned else found[0]
            weights = found[1] * scale(feature.name)
            odds[at] += weights
            share = np.maximum(weights, 0.0) ** 2
            size[at] += share * self.degrees[feature.name] * feature.degree
            sure[at] += share
        sizes = np.where(sure > 1e-5, size / sure, 1.0)
        high, low = odds[:K], odds[K:]
        return high, low, np.clip(np.where(high >= low, sizes[:K], sizes[K:]), 0.4, 2.5)


def scale(name: str) -> float:
    """Weigh a kind of feature: a part with its adjective is trusted most, words that only stand near it least."""
    return 1.5 if "|" in name else 0.5 if "~" in name else 1.0


def turned_name(feature: Feature) -> str:
    """Name a feature for what is not an attribute: a denied one is another feature, not its opposite."""
    return "!" + feature.name if feature.turned else feature.name


def _sum(table: Table, names: set[str]) -> Array:
    odds = table.start.copy()
    for name in sorted(names):
        found = table.row(name)
        if found is not None:
            odds[found[0]] += found[1] * scale(name)
    return odds


def _table(arrays: Mapping[str, Array], name: str) -> Table:
    names = bytes(arrays[f"{name}_features"]).decode("utf-8").split("\n")
    return Table(
        {feature: k for k, feature in enumerate(names)},
        arrays[f"{name}_first"].astype(np.int64),
        arrays[f"{name}_outputs"].astype(np.int64),
        arrays[f"{name}_weights"].astype(float) / 20.0,
        arrays[f"{name}_start"].astype(float),
    )


@lru_cache(maxsize=1)
def load_ngram_classifier() -> NgramClassifier:
    """The shipped classifier."""
    from facegpt.assets import load_arrays

    return NgramClassifier.from_arrays(load_arrays(NGRAM_CLASSIFIER))


def respelled(turns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Correct the slips in the last user turn of a conversation ([{"role", "content"}], a text or a list of parts)."""
    corrected = [dict(turn) for turn in turns]
    last = next((turn for turn in reversed(corrected) if turn.get("role") == "user"), None)
    if last is None:
        return corrected
    right, content = load_ngram_classifier().respelled, last.get("content")
    if isinstance(content, str):
        last["content"] = right(content)
    elif isinstance(content, (list, tuple)):
        last["content"] = [{**p, "text": right(p["text"])} if p.get("type") == "text" else p for p in content]
    return corrected
